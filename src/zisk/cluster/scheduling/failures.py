"""What a lost worker, a task that could not be done, and a result that does not hold lead to.

What belongs to the guest, its input or the request comes out the same on any worker, and ends the job. All
else is tried elsewhere, while there is a worker that has not failed at it; work that takes workers away with
it, one after the other, ends its job by name.
"""

from zisk.cluster.scheduling.jobs import Failure, Job, JobState, Share
from zisk.cluster.scheduling.state import Lease, Worker, WorkerState
from zisk.cluster.scheduling.turn import Turn
from zisk.cluster.tasks import FailureResult
from zisk.errors import ErrorKind

__all__ = ["end_hopeless", "lose", "proof_refused", "task_failed", "withdraw"]

_ATTEMPTS = 3
"""Workers that may fail at one piece of work, or be lost with it, before its job fails."""

_EVERYWHERE = (
    ErrorKind.INPUT,
    ErrorKind.GUEST_FAULT,
    ErrorKind.STEP_LIMIT,
    ErrorKind.BAD_CONTRIBUTION,
)
"""Failures that come out the same wherever the work is done."""


def lose(turn: Turn, worker: Worker, why: str) -> None:
    """Forget a worker that is not there any more; what it had goes to others."""
    del turn.state.workers[worker.worker_id]
    if not turn.state.workers:
        turn.state.deserted = turn.now
    why = "it was told to end" if worker.leaving else why
    turn.write(f"gone: {why}", worker_id=worker.worker_id)
    if worker.draining and not worker.leaving:
        turn.state.drained.add(worker.worker_id)
    if worker.job_id is None:
        return
    job = turn.state.jobs[worker.job_id]
    turn.tell(job, f"worker {worker.worker_id} {'left' if worker.leaving else 'was lost'}: {why}")
    lost = _leave(turn, job, worker, why)
    if len(lost) >= (_ATTEMPTS if job.canary_of is None else 1):
        text = f"workers {', '.join(lost)} were lost at it, the last because {why}"
        turn.fail(job, ErrorKind.WORKER_LOST, f"{text}; look for what it does to them in their logs")


def _leave(turn: Turn, job: Job, worker: Worker, why: str) -> dict[str, Failure]:
    """Take a job's work from a worker that is gone; who has been lost at the task that it had.

    One that went because it was told to says nothing about the task.
    """
    lease = worker.lease
    reason = Failure(ErrorKind.WORKER_LOST, why, job.phase)
    lost: dict[str, Failure] = {}
    for share in job.held_by(worker.worker_id):
        share.worker, share.ready, share.since = None, False, turn.now
        if lease is not None and lease.share == share.number:
            lost = share.lost
    if job.aggregator == worker.worker_id:
        job.aggregation = None
        lost = job.lost
    if not worker.leaving:
        lost[worker.worker_id] = reason
    return lost


def withdraw(turn: Turn, worker: Worker) -> None:
    """Take a job's work from a worker that has to wind down before it can do more."""
    if worker.job_id is not None:
        _leave(turn, turn.state.jobs[worker.job_id], worker, "it was winding down")
        worker.job_id = None
    worker.state = WorkerState.RECOVERING


def task_failed(turn: Turn, worker: Worker, lease: Lease, failure: FailureResult) -> None:
    """Find another worker for a task that one could not do, or end the job."""
    job = turn.state.jobs[lease.job_id]
    kind, message = failure.kind, failure.message
    text = f"worker {worker.worker_id}: {message}"
    share = job.shares[lease.share] if lease.share is not None else None
    if kind is ErrorKind.BAD_CONTRIBUTION and share is not None and share.builds_on and job.challenge is None:
        # Whoever handed these commitments in may have handed in anything: they are made anew.
        share.committed.clear()
        turn.tell(job, f"{text}; what was committed to before is dropped")
        return
    if kind in _EVERYWHERE:
        turn.fail(job, kind, text)
        return
    worker.failures, worker.last_failure = worker.failures + 1, message
    if share is not None:
        _give_up(turn, job, share, kind, text)
    elif kind is ErrorKind.BAD_PROOF and (giver := _giver(job, failure.unit)) is not None:
        job.aggregation = None
        text = f"worker {worker.worker_id}, taking in the proofs of worker {giver.worker}: {message}"
        job.delivered.remove(giver.number)
        giver.proofs, giver.done = None, False
        _give_up(turn, job, giver, kind, text)
    else:
        _aggregate_elsewhere(turn, job, kind, text)


def proof_refused(turn: Turn, job: Job, kind: ErrorKind, message: str) -> None:
    """Have a proof that does not hold made by another worker, or end the job."""
    job.proof = None
    if kind is ErrorKind.BAD_PROOF and job.aggregation is not None:
        _aggregate_elsewhere(turn, job, kind, message)
    else:
        turn.fail(job, kind, message)


def _giver(job: Job, unit: int | None) -> Share | None:
    """The share that delivered what an aggregator refuses of a unit."""
    return next((share for share in job.shares if share.done and unit in share.units), None)


def _give_up(turn: Turn, job: Job, share: Share, kind: ErrorKind, text: str) -> None:
    """Take a share from the worker that could not do it."""
    assert share.worker is not None
    share.failed[share.worker] = Failure(kind, text, job.phase)
    share.worker, share.ready, share.since = None, False, turn.now
    turn.tell(job, text)
    turn.release(job)


def _aggregate_elsewhere(turn: Turn, job: Job, kind: ErrorKind, text: str) -> None:
    assert job.aggregation is not None
    job.unfit[job.aggregation.worker] = Failure(kind, text, job.phase)
    job.aggregation = None
    turn.tell(job, text)
    turn.release(job)


def end_hopeless(turn: Turn, job: Job) -> None:
    """End a job of which a piece of work has nobody left who has not failed at it."""
    pieces = [share.failed for share in job.shares if not share.done]
    attempts = _ATTEMPTS if job.canary_of is None else 1
    for failed in [*pieces, job.unfit]:
        everybody = turn.state.workers and set(turn.state.workers) <= set(failed)
        if everybody or len(failed) >= attempts:
            last = list(failed.values())[-1]
            turn.end(job, JobState.FAILED, last.message, last)
            return
