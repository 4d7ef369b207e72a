"""How a running job gets from one phase to the next.

A prove job goes through contributions, prove and aggregate; execute and setup jobs have one phase.
What arrives out of turn - twice, or for a phase that is over - changes nothing.
"""

from dataclasses import replace

from zisk.cluster.protocol.payload import Payload
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Happening, Job, JobState, Member, Merge
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.turn import Turn
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    ContributionResult,
    Counts,
    Execution,
    ExecutionResult,
    JobKind,
    ProofsResult,
    ProveTask,
    Result,
    SetupResult,
)
from zisk.errors import ErrorKind

__all__ = ["OwnWork", "own_work_done", "task_done", "timed_phase"]

OwnWork = on.ChallengeDerived | on.ProofAccepted | on.JobWorkFailed
"""What the coordinator's own work for a job comes to."""


def timed_phase(job: Job) -> Phase:
    """The phase whose limit the job is under: aggregation begins in earnest when the last proof is in."""
    assert job.phase is not None
    if job.phase is Phase.AGGREGATE and not job.complete:
        return Phase.PROVE
    return job.phase


def task_done(turn: Turn, job: Job, member: Member, result: Result) -> None:
    """Take in what a worker delivered that is still held by the job."""
    match result:
        case ContributionResult(contribution):
            _contributed(turn, job, member, contribution)
        case ProofsResult(proofs):
            _proved(turn, job, member, proofs)
        case AggregationResult():
            if job.phase is Phase.AGGREGATE and job.aggregator == member.worker_id and job.merge is not None:
                _merged(turn, job, member, job.merge, result)
        case ExecutionResult(execution):
            if job.phase is Phase.EXECUTION:
                job.execution = execution
                turn.free(job, member.worker_id)
                turn.end(job, JobState.COMPLETED, "done")
        case SetupResult(key):
            _set_up(turn, job, member, key)
        case _:
            raise AssertionError("failures end the job where they arrive")


def own_work_done(turn: Turn, job: Job, event: OwnWork) -> None:
    """Take in what the coordinator worked out for a running job."""
    match event:
        case on.JobWorkFailed(kind=kind, message=message):
            turn.fail(job, kind, message)
        case on.ChallengeDerived(challenge=challenge):
            if job.phase is Phase.CONTRIBUTIONS and job.challenge is None and _all_contributed(job):
                _prove(turn, job, challenge)
        case on.ProofAccepted(summary=summary):
            if job.proof is not None:
                job.summary = summary
                job.execution = _counted(summary.execution, job.counts)
                job.key = summary.key
                turn.end(job, JobState.COMPLETED, "done")


def _contributed(turn: Turn, job: Job, member: Member, contribution: Payload) -> None:
    if job.phase is not Phase.CONTRIBUTIONS or member.contribution is not None:
        return
    member.contribution = contribution
    turn.out.append(do.Hold(job.job_id, (contribution,)))
    if _all_contributed(job):
        turn.out.append(do.DeriveChallenge(job.job_id, job.request, _contributions(job)))


def _all_contributed(job: Job) -> bool:
    return all(member.contribution is not None for member in job.members)


def _prove(turn: Turn, job: Job, challenge: bytes) -> None:
    job.challenge = challenge
    job.phase = Phase.PROVE
    job.phase_started = turn.now
    turn.note(job, Happening.PROGRESS)
    for member in job.members:
        member.begin()
        turn.send(job, member.worker_id, ProveTask(_contributions(job), challenge))


def _proved(turn: Turn, job: Job, member: Member, proofs: tuple[tuple[int, Payload], ...]) -> None:
    if job.phase not in (Phase.PROVE, Phase.AGGREGATE) or member.proofs is not None:
        return
    units = [unit for unit, _ in proofs]
    if units != list(member.units):
        text = f"worker {member.worker_id} delivered units {units} and holds {list(member.units)}"
        turn.fail(job, ErrorKind.BAD_PROOF, text)
        return
    member.proofs = proofs
    member.begin()
    turn.out.append(do.Hold(job.job_id, tuple(proof for _, proof in proofs)))
    if job.aggregator is None:
        job.aggregator = member.worker_id
        job.phase = Phase.AGGREGATE
        turn.note(job, Happening.PROGRESS)
    else:
        turn.free(job, member.worker_id)
        job.unmerged.append(member.worker_id)
    if job.complete:
        job.phase_started = turn.now
    _merge_next(turn, job)


def _merge_next(turn: Turn, job: Job) -> None:
    """Send the aggregator what has landed, one worker's proofs at a time."""
    assert job.aggregator is not None
    if job.merge is not None or not (job.unmerged or job.complete):
        return
    giver = job.unmerged.pop(0) if job.unmerged else None
    job.merge = Merge(giver, last=job.complete and not job.unmerged)
    member = job.member(giver) if giver is not None else None
    proofs = member.proofs or () if member is not None else ()
    turn.send(job, job.aggregator, AggregateTask(proofs, job.merge.last))


def _merged(turn: Turn, job: Job, member: Member, merge: Merge, result: AggregationResult) -> None:
    job.merge = None
    member.begin()
    if (result.proof is not None) != merge.last:
        when = "no final proof after" if merge.last else "a final proof before"
        text = f"aggregator {member.worker_id} delivered {when} the last unit proofs"
        turn.fail(job, ErrorKind.BAD_PROOF, text)
    elif result.proof is not None:
        job.proof, job.counts = result.proof, result.counts
        turn.free(job, member.worker_id)
        turn.out.append(do.Hold(job.job_id, (result.proof,)))
        turn.out.append(do.CheckProof(job.job_id, job.request, result.proof))
    else:
        _merge_next(turn, job)


def _set_up(turn: Turn, job: Job, member: Member, key: bytes) -> None:
    if job.request.kind is not JobKind.SETUP:
        return
    if job.key is not None and job.key != key:
        text = f"worker {member.worker_id} derived another key; give all workers one version"
        turn.fail(job, ErrorKind.WORKER_ERROR, text)
        return
    job.key = key
    turn.free(job, member.worker_id)
    if not any(other.busy for other in job.members):
        turn.end(job, JobState.COMPLETED, "done")


def _counted(execution: Execution, counts: Counts | None) -> Execution:
    """What a proof shows, and of the length of the run what the aggregator says where the proof does not."""
    if counts is None:
        return execution
    steps = counts.steps if execution.steps is None else execution.steps
    cycles = counts.cycles if execution.cycles is None else execution.cycles
    return replace(execution, steps=steps, cycles=cycles)


def _contributions(job: Job) -> tuple[Payload, ...]:
    """The contributions of all members, in order of rank."""
    return tuple(member.contribution for member in job.members if member.contribution is not None)
