"""What a job waits for, or is at, and since when: what an operator is told who asks why it is not done.

Everything is read off the state; nothing is remembered for it and nothing changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from zisk.cluster.scheduling.dealing import units_text, wants
from zisk.cluster.scheduling.jobs import Failure, Job, JobState, Share
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.queue import attainable, choose, could_start
from zisk.cluster.scheduling.state import CoordinatorState, Lease, Worker, WorkerState
from zisk.cluster.scheduling.turn import Turn
from zisk.cluster.tasks import JobKind

__all__ = ["Reason", "explain", "task_text"]

_MOST_NAMED = 5
"""Jobs or workers that one reason names; of more the number is told."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What a job or a piece of its work waits for or is at; `since` is a time on the coordinator's clock."""

    subject: str
    text: str
    since: float | None = None


def explain(state: CoordinatorState, limits: Limits, job: Job, now: float) -> list[Reason]:
    """What a job waits for, in the order in which it matters."""
    match job.state:
        case JobState.QUEUED:
            return list(_queued(Turn(state, limits, now), job))
        case JobState.RUNNING:
            return list(_running(Turn(state, limits, now), job))
        case JobState.FAILED if job.failure is not None:
            where = f"in phase {job.failure.phase}" if job.failure.phase else "before it started"
            return [Reason("job", f"it failed {where}: {job.failure.message}", job.ended)]
        case _:
            return [Reason("job", f"it is over: {job.state.lower()}", job.ended)]


def task_text(job: Job, lease: Lease) -> str:
    """What a lease asks for."""
    return "aggregation" if lease.share is None else units_text(job.shares[lease.share])


def _queued(turn: Turn, job: Job) -> Iterator[Reason]:
    """Why a job has not started."""
    place = turn.state.queue.index(job.job_id)
    ahead = turn.state.queue[:place]
    of = f"it is number {place + 1} of {len(turn.state.queue)} in the queue"
    yield Reason("job", f"{of}; ahead: {_named(ahead)}" if ahead else of, job.submitted)
    if not turn.state.connected():
        yield _nobody(turn.state)
        return
    yield from _lack_of_capacity(turn, job)
    for other in ahead:
        if could_start(turn, turn.state.jobs[other].request):
            yield Reason("queue", f"job {other} is ahead and takes the next workers that are free")
            return


def _nobody(state: CoordinatorState) -> Reason:
    if state.workers:
        return Reason(
            "workers",
            "all are drained; start another, or take one back with zisk cluster drain WORKER --undo",
        )
    return Reason("workers", "none is connected; start one with zisk-worker", state.deserted)


def _lack_of_capacity(turn: Turn, job: Job) -> Iterator[Reason]:
    """What a waiting job lacks of idle workers, and who is at what instead."""
    if choose(turn, job.request) is not None:
        return
    if job.request.kind is JobKind.PROVE:
        demand = job.request.demand
        within = attainable(turn, demand.units)
        required = demand.required(within)
        idle = sum(capacity for _, capacity in turn.state.idle())
        text = f"it starts with {required} compute units; {idle} are idle, {turn.state.capacity} connected"
        most = turn.limits.max_workers_per_job
        if required > within:
            text += f", {within} of them on the {most} workers that one job may have" if most else ""
            yield Reason("capacity", f"{text}; start more workers, or cancel it and ask for less")
            return
        yield Reason("capacity", text)
    busy = [worker for worker in turn.state.workers.values() if worker.state is not WorkerState.IDLE]
    for worker in busy[:_MOST_NAMED]:
        yield Reason(f"worker {worker.worker_id}", *_doing(turn, worker))
    if len(busy) > _MOST_NAMED:
        yield Reason("workers", f"{len(busy) - _MOST_NAMED} more are busy or drained")


def _running(turn: Turn, job: Job) -> Iterator[Reason]:
    """What each piece of a running job is at."""
    if not turn.state.workers:
        wait = turn.limits.no_worker_seconds
        end = f"; with none for {wait:g} s the job ends" if wait else ""
        yield Reason("workers", f"none is connected{end}", turn.state.deserted)
    if job.at_work:
        text = "derives the challenge" if job.proof is None else "checks the proof"
        yield Reason("coordinator", f"it {text}")
    for share in job.shares:
        if not share.done:
            yield Reason(units_text(share), *_share(turn, job, share))
    if job.phase is Phase.AGGREGATE and job.proof is None:
        yield Reason("aggregation", *_aggregation(turn, job))


def _share(turn: Turn, job: Job, share: Share) -> tuple[str, float | None]:
    holder = turn.state.workers.get(share.worker) if share.worker is not None else None
    if holder is None:
        return f"nobody has them: {_why_nobody(turn, share.failed, share.lost)}", share.since
    name, lease = holder.worker_id, holder.lease
    if lease is not None and lease.share == share.number:
        return _at_it(turn, holder, lease)
    if not wants(job, share):
        return f"worker {name} has contributed; the challenge waits for the others", share.since
    if lease is not None:
        return f"wait for worker {name}, which is at {task_text(job, lease)} first", share.since
    why = _why_nobody(turn, share.failed, share.lost, name)
    return f"worker {name} is drained, and nobody else takes them: {why}", share.since


def _aggregation(turn: Turn, job: Job) -> tuple[str, float | None]:
    aggregation = job.aggregation
    if aggregation is None:
        return f"nobody does it: {_why_nobody(turn, job.unfit, job.lost)}", job.phase_started
    worker = turn.state.workers[aggregation.worker]
    if worker.lease is not None and worker.lease.share is None:
        return _at_it(turn, worker, worker.lease)
    taken = f"{len(aggregation.merged)} of {len(job.shares)} shares"
    if worker.draining:
        why = _why_nobody(turn, job.unfit, job.lost, worker.worker_id)
        text = f"worker {worker.worker_id}, which has taken in {taken}, is drained, and nobody else does it"
        return f"{text}: {why}", job.phase_started
    return f"worker {worker.worker_id} has taken in {taken} and waits for the rest", job.phase_started


def _at_it(turn: Turn, worker: Worker, lease: Lease) -> tuple[str, float]:
    return f"worker {worker.worker_id} is at it{_activity(turn, worker)}", lease.since


def _doing(turn: Turn, worker: Worker) -> tuple[str, float | None]:
    """What keeps a worker from a waiting job."""
    if worker.job_id is not None:
        job, lease = turn.state.jobs[worker.job_id], worker.lease
        at = f"is at {task_text(job, lease)} of job {job.job_id}" if lease else f"is held by job {job.job_id}"
        return f"{at}{_activity(turn, worker)}", lease.since if lease else job.started
    if worker.state is WorkerState.RECOVERING:
        return f"winds down after a job that has ended{_heard(turn, worker)}", None
    return "is drained", None


def _activity(turn: Turn, worker: Worker) -> str:
    """What a worker says that it is at, and when it last said anything."""
    said = f", {worker.activity}" if worker.activity else ""
    return f"{said}{_heard(turn, worker)}"


def _heard(turn: Turn, worker: Worker) -> str:
    return f", last heard {turn.now - worker.last_heartbeat:.0f} s ago"


def _why_nobody(turn: Turn, failed: dict[str, Failure], lost: dict[str, Failure], holder: str = "") -> str:
    """Why nobody takes a piece of work: who failed at it, who was lost with it, what the others are at.

    `holder` has it and is drained.
    """
    reasons = [failure.message for failure in failed.values()]
    reasons += [f"worker {name} was lost: {loss.message}" for name, loss in lost.items()]
    others = [worker for name, worker in turn.state.workers.items() if name not in failed and name != holder]
    drained = [worker.worker_id for worker in others if worker.draining]
    busy = [worker.worker_id for worker in others if not worker.draining]
    if drained:
        reasons.append(f"drained: {_named(drained)}")
    if busy:
        reasons.append(f"busy: {_named(busy)}")
    if not others:
        reasons.append("no other worker is connected")
    return "; ".join(reasons)


def _named(names: list[str]) -> str:
    """The first of some names, and how many more there are."""
    rest = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + rest
