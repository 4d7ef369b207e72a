"""Who does what next in a running job: work that nobody has finds a worker, workers that wait find work.

A worker has one task at a time. A share stays with the worker that began it; one whose worker is gone, or
could not do it, goes to an idle worker, or else to one of the job's own that has nothing left to do. So does
what a drained worker has and is not at.
"""

from collections.abc import Iterable
from dataclasses import replace

from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling.jobs import Aggregation, Job, Merge, Share
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.state import Worker, WorkerState
from zisk.cluster.scheduling.turn import Turn
from zisk.cluster.tasks import AggregateTask, Binding, ContributeTask, ExecuteTask, ProveTask, SetupTask, Task

__all__ = ["binding_of", "deal", "units_text", "wants"]


def deal(turn: Turn, job: Job) -> None:
    """Give out what a running job needs, as far as there are workers for it."""
    leased = {worker.lease.share for worker in turn.state.crew(job) if worker.lease is not None}
    for share in job.shares:
        if not wants(job, share) or share.number in leased:
            continue
        holder = turn.state.workers[share.worker] if share.worker is not None else None
        worker = holder if holder is not None and not holder.draining else _heir(turn, job, share)
        if worker is None or worker.lease is not None:
            continue
        if worker is not holder:
            turn.give(job, share, worker)
            turn.tell(job, f"{units_text(share)} go to worker {worker.worker_id}")
        turn.lease(job, worker, share.number, _task(job, share))
    if job.phase is Phase.AGGREGATE and job.proof is None:
        _aggregate(turn, job)
    if not job.at_work and (own := _own_work(job)) is not None:
        job.at_work = True
        turn.out.append(own)
    turn.release(job)


def binding_of(job: Job) -> Binding:
    """The challenge of a job, where it is known, with the contributions of all shares in order."""
    contributions = tuple(one.contribution for one in job.shares if one.contribution is not None)
    return Binding(contributions, job.challenge or b"")


def _own_work(job: Job) -> do.DeriveChallenge | do.CheckProof | None:
    """What the coordinator itself has to do next for a job."""
    if job.proof is not None:
        return do.CheckProof(job.job_id, job.request, job.proof, save=job.canary_of is None)
    if job.phase is Phase.CONTRIBUTIONS and not any(wants(job, share) for share in job.shares):
        return do.DeriveChallenge(job.job_id, job.request, binding_of(job).contributions)
    return None


def wants(job: Job, share: Share) -> bool:
    """Whether there is something to do for a share in the phase that its job is in."""
    if job.phase is Phase.CONTRIBUTIONS:
        return share.contribution is None
    return not share.done


def _task(job: Job, share: Share) -> Task:
    """What is next for a share; one that its worker has not executed yet begins anew."""
    match job.phase:
        case Phase.EXECUTION:
            return ExecuteTask(job.request)
        case Phase.SETUP:
            return SetupTask(job.request)
        case Phase.PROVE | Phase.AGGREGATE if share.ready:
            return ProveTask(share.units, binding_of(job), tuple(share.pieces))
        case _:
            committed = tuple(share.committed[position] for position in sorted(share.committed))
            share.builds_on = bool(committed)
            return ContributeTask(job.request, share.number, len(job.shares), share.units, committed)


def _heir(turn: Turn, job: Job, share: Share) -> Worker | None:
    """Who takes a share that nobody keeps: the first idle worker, or the member with the least to do."""
    return next(iter(_idle(turn, job, share.failed)), None) or min(
        _waiting(turn, job, share.failed), key=lambda worker: len(job.held_by(worker.worker_id)), default=None
    )


def _idle(turn: Turn, job: Job, barred: Iterable[str]) -> list[Worker]:
    """Idle workers that may join a job, in order of registration."""
    most = turn.limits.max_workers_per_job
    crew = sum(not worker.draining for worker in turn.state.crew(job))
    if job.canary_of is not None or (most and crew >= most):
        return []
    idle = [worker for worker in turn.state.workers.values() if worker.state is WorkerState.IDLE]
    return [worker for worker in idle if worker.worker_id not in barred]


def _waiting(turn: Turn, job: Job, barred: Iterable[str]) -> list[Worker]:
    """Workers of a job that have no task, and none to come in this phase."""
    return [
        worker
        for worker in turn.state.crew(job)
        if worker.lease is None
        and not worker.draining
        and worker.worker_id not in barred
        and not any(wants(job, share) for share in job.held_by(worker.worker_id))
    ]


def _aggregate(turn: Turn, job: Job) -> None:
    """Let the aggregator take in what has been delivered."""
    aggregation = _appointed(turn, job)
    if aggregation is None:
        return
    worker = turn.state.workers[aggregation.worker]
    if worker.lease is not None or (merge := _merge(job, aggregation)) is None:
        return
    aggregation.merge = merge
    proofs = [proof for number in merge.shares for proof in job.shares[number].proofs or ()]
    task = AggregateTask(
        replace(job.request, input=Inline(b"")),
        binding_of(job),
        tuple(proofs),
        first=not aggregation.merged,
        last=merge.last,
        pieces=() if aggregation.merged else tuple(job.pieces),
    )
    turn.lease(job, worker, None, task)


def _appointed(turn: Turn, job: Job) -> Aggregation | None:
    """The aggregation of a job; where there is none, or its worker is drained, another worker begins one."""
    old = job.aggregation
    holder = turn.state.workers[old.worker] if old is not None else None
    if holder is not None and (holder.lease is not None or not holder.draining):
        return old
    worker = _aggregator(turn, job)
    if worker is None:
        return None
    if job.unfit or job.lost or holder is not None:
        turn.tell(job, f"worker {worker.worker_id} aggregates")
    job.aggregation = Aggregation(worker.worker_id)
    turn.hold(job, worker)
    return job.aggregation


def _aggregator(turn: Turn, job: Job) -> Worker | None:
    """Who aggregates: a worker of the job that waits, in the order of delivery, or else an idle one.

    Who has failed at a share is asked only when nothing else is left to do.
    """
    suspect = [] if job.complete else [name for share in job.shares for name in share.failed]
    barred = [*job.unfit, *suspect]
    fit = _waiting(turn, job, barred) or _idle(turn, job, barred)
    order = [job.shares[number].worker for number in job.delivered]
    return min(
        fit,
        key=lambda worker: order.index(worker.worker_id) if worker.worker_id in order else len(order),
        default=None,
    )


def _merge(job: Job, aggregation: Aggregation) -> Merge | None:
    """What the aggregator takes in next: what one other worker delivered, and with it what it did itself."""
    new = [number for number in job.delivered if number not in aggregation.merged]
    own = [number for number in new if job.shares[number].worker == aggregation.worker]
    others = [number for number in new if number not in own]
    if not others and not job.complete:
        return None
    shares = (*own, *others[:1])
    return Merge(shares, last=job.complete and len(others) <= 1)


def units_text(share: Share) -> str:
    """A share in words."""
    units = share.units
    return f"units {units.start} to {units.stop - 1}" if units else "its work"
