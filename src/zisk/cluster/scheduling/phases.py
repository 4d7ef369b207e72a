"""How a running job gets from one phase to the next.

A prove job goes through contributions, prove and aggregate; execute and setup jobs have one phase.
"""

from dataclasses import replace

from zisk.cluster.protocol.payload import Payload
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.failures import proof_refused
from zisk.cluster.scheduling.jobs import Aggregation, Happening, Job, JobState, Share
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.quarantine import suspect_failed
from zisk.cluster.scheduling.state import Lease
from zisk.cluster.scheduling.turn import Turn
from zisk.cluster.tasks import (
    AggregationResult,
    ContributionResult,
    Counts,
    Execution,
    ExecutionResult,
    ProofsResult,
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


def task_done(turn: Turn, job: Job, lease: Lease, result: Result) -> None:
    """Take in what came of a task; what the task cannot have come to ends the job."""
    share = job.shares[lease.share] if lease.share is not None else None
    match result:
        case AggregationResult(proof) if share is None and job.aggregation is not None:
            _merged(turn, job, job.aggregation, proof)
        case ContributionResult(contribution) if share is not None and job.challenge is None:
            _contributed(turn, job, share, contribution)
        case ContributionResult(contribution) if share is not None and not share.ready:
            _contributed_again(turn, job, share, contribution)
        case ProofsResult(proofs, counts) if share is not None and share.ready:
            _proved(turn, job, share, proofs, counts)
        case ExecutionResult(execution) if job.phase is Phase.EXECUTION:
            job.execution, job.shares[0].done = execution, True
            suspect_failed(turn, job)
            turn.end(job, JobState.COMPLETED, "done")
        case SetupResult(key) if share is not None and job.phase is Phase.SETUP:
            _set_up(turn, job, share, key)
        case _:
            text = f"a worker answers a task of phase {job.phase} with {type(result).__name__}"
            turn.fail(job, ErrorKind.WORKER_ERROR, f"{text}; give all workers one version")


def own_work_done(turn: Turn, job: Job, event: OwnWork) -> None:
    """Take in what the coordinator worked out for a running job that waits for it."""
    if not job.at_work:
        return
    job.at_work = False
    match event:
        case on.JobWorkFailed(kind=kind, message=message):
            proof_refused(turn, job, kind, message)
        case on.ChallengeDerived(challenge=challenge):
            job.challenge = challenge
            job.phase = Phase.PROVE
            job.phase_started = turn.now
            turn.note(job, Happening.PROGRESS)
        case on.ProofAccepted(summary=summary):
            job.summary = summary
            job.execution = _counted(summary.execution, job.counts)
            job.key = summary.key
            suspect_failed(turn, job)
            turn.end(job, JobState.COMPLETED, "done")


def _contributed(turn: Turn, job: Job, share: Share, contribution: Payload) -> None:
    share.contribution, share.ready = contribution, True
    turn.out.append(do.Hold(job.job_id, (contribution,)))


def _contributed_again(turn: Turn, job: Job, share: Share, contribution: Payload) -> None:
    """A successor has executed the run as well: it commits to what is bound already."""
    if contribution == share.contribution:
        share.ready = True
        return
    text = f"worker {share.worker} contributes other digests for units {list(share.units)} than was bound"
    turn.fail(job, ErrorKind.BAD_CONTRIBUTION, f"{text}; give all workers one version of pyzisk")


def _proved(
    turn: Turn, job: Job, share: Share, proofs: tuple[tuple[int, Payload], ...], counts: Counts | None
) -> None:
    units = [unit for unit, _ in proofs]
    if units != list(share.units):
        text = f"worker {share.worker} delivered units {units} and holds {list(share.units)}"
        turn.fail(job, ErrorKind.BAD_PROOF, text)
        return
    share.proofs, share.done = proofs, True
    share.pieces.clear()
    job.delivered.append(share.number)
    job.counts = job.counts or counts
    turn.out.append(do.Hold(job.job_id, tuple(proof for _, proof in proofs)))
    if job.phase is Phase.PROVE:
        job.phase = Phase.AGGREGATE
        turn.note(job, Happening.PROGRESS)
    if job.complete:
        job.phase_started = turn.now


def _merged(turn: Turn, job: Job, aggregation: Aggregation, proof: Payload | None) -> None:
    merge, aggregation.merge = aggregation.merge, None
    assert merge is not None
    aggregation.merged.extend(merge.shares)
    if (proof is not None) != merge.last:
        when = "no final proof after" if merge.last else "a final proof before"
        text = f"aggregator {aggregation.worker} delivered {when} the last unit proofs"
        proof_refused(turn, job, ErrorKind.BAD_PROOF, text)
    elif proof is not None:
        job.proof = proof
        turn.out.append(do.Hold(job.job_id, (proof,)))


def _set_up(turn: Turn, job: Job, share: Share, key: bytes) -> None:
    if job.key is not None and job.key != key:
        text = f"worker {share.worker} derived another key; give all workers one version"
        turn.fail(job, ErrorKind.WORKER_ERROR, text)
        return
    job.key, share.done = key, True
    if job.complete:
        suspect_failed(turn, job)
        turn.end(job, JobState.COMPLETED, "done")


def _counted(execution: Execution, counts: Counts | None) -> Execution:
    """What a proof shows, and of the length of the run what a worker says where the proof does not."""
    if counts is None:
        return execution
    steps = counts.steps if execution.steps is None else execution.steps
    cycles = counts.cycles if execution.cycles is None else execution.cycles
    return replace(execution, steps=steps, cycles=cycles)
