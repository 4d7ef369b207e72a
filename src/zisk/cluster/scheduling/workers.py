"""Workers: how they come, what they say, how they are lost."""

from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.phases import task_done
from zisk.cluster.scheduling.state import Worker, WorkerState
from zisk.cluster.scheduling.turn import Turn
from zisk.cluster.tasks import FailureResult
from zisk.errors import ErrorKind

__all__ = ["connect", "hear", "lose"]


def connect(turn: Turn, event: on.WorkerConnected) -> None:
    """Register a worker, or say why not."""
    old = turn.state.workers.get(event.worker_id)
    if refusal := _refusal(turn, event, old):
        turn.out.append(do.RefuseRegistration(event.worker_id, event.connection, refusal))
        return
    if old is not None:
        turn.out.append(do.CloseConnection(old.connection, "the worker has connected again"))
        lose(turn, old, "it connected again without its earlier connection having ended")
    turn.state.registrations += 1
    turn.state.workers[event.worker_id] = Worker(
        event.worker_id,
        event.connection,
        event.capacity,
        event.program,
        turn.state.registrations,
        turn.now,
        turn.now,
    )
    # A job does not outlive the connection of one of its workers, so whatever it last worked on is over.
    directive = do.Directive.CANCEL_STALE_JOB if event.last_job else do.Directive.NONE
    turn.out.append(do.ConfirmRegistration(event.worker_id, event.connection, event.capacity, directive))


def _refusal(turn: Turn, event: on.WorkerConnected, old: Worker | None) -> str:
    """Why a worker is not registered, if it is not."""
    if turn.state.stopping:
        return "the coordinator is stopping"
    if event.capacity < 1:
        return "the compute capacity is at least 1; set --compute-capacity"
    if old is not None and not event.reconnecting:
        return f"worker id {event.worker_id} is already connected; give each worker its own --worker-id"
    most = turn.limits.max_total_workers
    if old is None and 0 < most <= len(turn.state.workers):
        return f"all {most} places of coordinator.max_total_workers are taken"
    return ""


def hear(turn: Turn, worker: Worker, event: on.WorkerEvent) -> None:
    """Take in what a worker says on its own connection."""
    worker.last_heartbeat = turn.now
    match event:
        case on.WorkerGone(reason=reason):
            lose(turn, worker, reason)
        case on.HeartbeatSeen(job_id=job_id, done=done, total=total, activity=activity):
            turn.out.append(do.AnswerHeartbeat(worker.connection))
            if worker.job_id == job_id and (member := turn.state.jobs[job_id].member(worker.worker_id)):
                member.done, member.total, member.activity = done, total, activity
        case on.WorkerRecovered():
            if worker.state is WorkerState.RECOVERING:
                worker.state = WorkerState.IDLE
        case on.TaskDone(job_id=job_id, result=FailureResult(kind, message), recovering=recovering):
            if worker.job_id == job_id:
                _failed(turn, worker, kind, message, recovering)
        case on.TaskDone(job_id=job_id, result=result):
            job = turn.running(job_id)
            member = job.member(worker.worker_id) if job is not None else None
            if job is not None and member is not None and member.busy:
                task_done(turn, job, member, result)


def _failed(turn: Turn, worker: Worker, kind: ErrorKind, message: str, recovering: bool) -> None:
    """A task of the job that the worker is at could not be done."""
    assert worker.job_id is not None
    job = turn.state.jobs[worker.job_id]
    turn.free(job, worker.worker_id)
    if recovering:
        worker.state = WorkerState.RECOVERING
    where = f"worker {worker.worker_id}"
    if kind is ErrorKind.BAD_PROOF and job.merge is not None and job.merge.giver is not None:
        where += f", taking in the proofs of worker {job.merge.giver}"
    turn.fail(job, kind, f"{where}: {message}")


def lose(turn: Turn, worker: Worker, why: str) -> None:
    """Forget a worker that is not there any more; its job ends with it."""
    del turn.state.workers[worker.worker_id]
    if worker.job_id is not None:
        job = turn.state.jobs[worker.job_id]
        turn.fail(job, ErrorKind.WORKER_LOST, f"worker {worker.worker_id} was lost: {why}")
