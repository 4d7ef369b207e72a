"""Workers: how they come, what they say, how they are lost."""

from zisk.cluster.protocol.limits import MAX_KEPT
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.failures import lose, task_failed, withdraw
from zisk.cluster.scheduling.phases import task_done
from zisk.cluster.scheduling.state import Worker, WorkerState
from zisk.cluster.scheduling.turn import Turn
from zisk.cluster.tasks import Committed, FailureResult, Piece

__all__ = ["connect", "drain", "hear"]


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
    turn.state.deserted = None
    worker = Worker(
        event.worker_id,
        event.connection,
        event.capacity,
        event.program,
        turn.state.registrations,
        turn.now,
        turn.now,
    )
    worker.state = turn.state.at_rest(worker)
    turn.state.workers[event.worker_id] = worker
    turn.write(f"connected with {event.capacity} units", worker_id=event.worker_id)
    if event.worker_id in turn.state.drained:
        turn.state.drained.remove(event.worker_id)
        if event.reconnecting:  # the same process: what was said of it still holds
            _stop_giving(turn, worker)
    # Whatever it last worked on has gone to others.
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


def drain(turn: Turn, event: on.DrainRequested) -> None:
    """Give a worker nothing more, or again something; one that leaves cannot be kept."""
    worker = turn.state.workers.get(event.worker_id)
    if worker is None or worker.leaving:
        return
    if not event.undo:
        _stop_giving(turn, worker)
    elif worker.draining:
        worker.draining = False
        if worker.state is WorkerState.DRAINING:
            worker.state = turn.state.at_rest(worker)
        turn.write("is given tasks again", worker_id=worker.worker_id)


def _stop_giving(turn: Turn, worker: Worker) -> None:
    """Drain a worker; one that has nothing to do is drained at once."""
    if worker.draining:
        return
    worker.draining = True
    if worker.state is WorkerState.IDLE:
        worker.state = turn.state.at_rest(worker)
    turn.write("drains", worker_id=worker.worker_id)


def hear(turn: Turn, worker: Worker, event: on.WorkerEvent) -> None:
    """Take in what a worker says on its own connection."""
    worker.last_heartbeat = turn.now
    match event:
        case on.WorkerGone(reason=reason):
            lose(turn, worker, reason)
        case on.HeartbeatSeen(job_id=job_id, done=done, total=total, activity=activity):
            turn.out.append(do.AnswerHeartbeat(worker.connection))
            if worker.job_id == job_id and worker.lease is not None:
                worker.done, worker.total, worker.activity = done, total, activity
        case on.WorkerRecovered():
            if worker.state is WorkerState.RECOVERING:
                worker.state = turn.state.at_rest(worker)
        case on.WorkerDraining():
            _stop_giving(turn, worker)
            worker.leaving = True
            turn.out.append(do.ConfirmDrain(worker.connection))
        case on.WorkKept():
            _keep(turn, worker, event)
        case on.TaskDone():
            _task_ended(turn, worker, event)


def _keep(turn: Turn, worker: Worker, event: on.WorkKept) -> None:
    """Keep what a worker has made of its task, in the place of what that stands for."""
    lease = worker.lease
    if lease is None or (lease.number, lease.job_id) != (event.lease, event.job_id):
        return
    job = turn.state.jobs[lease.job_id]
    share = job.shares[lease.share] if lease.share is not None else None
    match event.kept:
        case Committed(position=position):
            if share is not None and len(share.committed) < MAX_KEPT:
                share.committed[position] = event.kept
        case Piece() as piece:
            pieces = job.pieces if share is None else share.pieces
            pieces[:] = [other for other in pieces if not piece.covers(other)]
            if len(pieces) < MAX_KEPT:
                pieces.append(piece)
                turn.out.append(do.Hold(job.job_id, (piece.proof,)))


def _task_ended(turn: Turn, worker: Worker, event: on.TaskDone) -> None:
    """Take in the answer to the task that a worker has; any other is of a lease that has ended."""
    lease = worker.lease
    if lease is None or (lease.number, lease.job_id) != (event.lease, event.job_id):
        return
    worker.lease = None
    worker.activity = ""
    job = turn.state.jobs[lease.job_id]
    if not isinstance(event.result, FailureResult):
        task_done(turn, job, lease, event.result)
        return
    task_failed(turn, worker, lease, event.result)
    if event.recovering:
        withdraw(turn, worker)
