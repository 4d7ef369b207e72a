"""How a running job gets from one phase to the next.

A prove job goes through contributions, prove and aggregate; execute and setup jobs have one phase.
What arrives out of turn - twice, or for a phase that is over - changes nothing.
"""

from dataclasses import replace

from zisk.cluster.coordinator import commands as do
from zisk.cluster.coordinator import events as on
from zisk.cluster.coordinator.jobs import Happening, Job, JobState, Member, Phase
from zisk.cluster.coordinator.moves import Moves
from zisk.cluster.protocol.payload import Payload
from zisk.cluster.tasks import AggregateTask, Counts, Execution, JobKind, ProveTask
from zisk.errors import ErrorKind

__all__ = ["OwnWork", "ProveFlow", "TaskResult"]

TaskResult = (
    on.ContributionMade
    | on.UnitProofsMade
    | on.AggregationStepDone
    | on.FinalProofMade
    | on.ExecutionDone
    | on.SetupDone
)
"""What a worker answers to a task that went well."""

OwnWork = on.ChallengeDerived | on.ProofAccepted | on.JobWorkFailed
"""What the coordinator's own work for a job comes to."""


class ProveFlow(Moves):
    """The phases of a job."""

    def timed_phase(self, job: Job) -> Phase:
        """The phase whose limit the job is under: aggregation begins in earnest when the last proof is in."""
        assert job.phase is not None
        if job.phase is Phase.AGGREGATE and not job.complete:
            return Phase.PROVE
        return job.phase

    def task_done(self, job: Job, member: Member, event: TaskResult) -> None:
        """Take in what a worker delivered that is still held by the job."""
        match event:
            case on.ContributionMade():
                self._contribution(job, member, event)
            case on.UnitProofsMade():
                self._unit_proofs(job, member, event)
            case on.AggregationStepDone() | on.FinalProofMade():
                if job.phase is Phase.AGGREGATE and job.aggregator == member.worker_id and job.handing_over:
                    self._aggregated(job, member, event)
            case on.ExecutionDone():
                if job.phase is Phase.EXECUTION:
                    job.execution = event.execution
                    self.free(job, member.worker_id)
                    self.end(job, JobState.COMPLETED, "done")
            case on.SetupDone():
                self._set_up(job, member, event)

    def own_work_done(self, job: Job, event: OwnWork) -> None:
        """Take in what the coordinator worked out for a running job."""
        match event:
            case on.JobWorkFailed(kind=kind, message=message):
                self.fail(job, kind, message)
            case on.ChallengeDerived(challenge=challenge):
                if job.phase is Phase.CONTRIBUTIONS and job.challenge is None and self._all_contributed(job):
                    self._prove(job, challenge)
            case on.ProofAccepted(summary=summary):
                if job.proof is not None:
                    job.summary = summary
                    job.execution = _counted(summary.execution, job.counts)
                    job.key = summary.key
                    self.end(job, JobState.COMPLETED, "done")

    def _contribution(self, job: Job, member: Member, event: on.ContributionMade) -> None:
        if job.phase is not Phase.CONTRIBUTIONS or member.contribution is not None:
            return
        member.contribution = event.contribution
        self.out.append(do.Hold(job.job_id, (event.contribution,)))
        if self._all_contributed(job):
            self.out.append(do.DeriveChallenge(job.job_id, job.request, _contributions(job)))

    def _all_contributed(self, job: Job) -> bool:
        return all(member.contribution is not None for member in job.members)

    def _prove(self, job: Job, challenge: bytes) -> None:
        job.challenge = challenge
        job.phase = Phase.PROVE
        job.phase_started = self.now
        self.note(job, Happening.PROGRESS)
        for member in job.members:
            member.begin()
            self.send(job, member.worker_id, ProveTask(_contributions(job), challenge))

    def _unit_proofs(self, job: Job, member: Member, event: on.UnitProofsMade) -> None:
        if job.phase not in (Phase.PROVE, Phase.AGGREGATE) or member.proofs is not None:
            return
        units = [unit for unit, _ in event.proofs]
        if units != list(member.units):
            text = f"worker {member.worker_id} delivered units {units} and holds {list(member.units)}"
            self.fail(job, ErrorKind.BAD_PROOF, text)
            return
        member.proofs = event.proofs
        member.begin()
        self.out.append(do.Hold(job.job_id, tuple(proof for _, proof in event.proofs)))
        if job.aggregator is None:
            job.aggregator = member.worker_id
            job.phase = Phase.AGGREGATE
            self.note(job, Happening.PROGRESS)
        else:
            self.free(job, member.worker_id)
            job.hand_over.append(member.worker_id)
        if job.complete:
            job.phase_started = self.now
        self._hand_over(job)

    def _hand_over(self, job: Job) -> None:
        """Send the aggregator what has landed, one worker's proofs at a time."""
        assert job.aggregator is not None
        if job.handing_over or not (job.hand_over or job.complete):
            return
        job.handed_over = job.hand_over.pop(0) if job.hand_over else None
        giver = job.member(job.handed_over) if job.handed_over is not None else None
        job.handing_over = True
        job.last_handed_over = job.complete and not job.hand_over
        proofs = giver.proofs or () if giver is not None else ()
        self.send(job, job.aggregator, AggregateTask(proofs, job.last_handed_over))

    def _aggregated(
        self, job: Job, member: Member, event: on.AggregationStepDone | on.FinalProofMade
    ) -> None:
        job.handing_over = False
        member.begin()
        if isinstance(event, on.FinalProofMade) != job.last_handed_over:
            when = "no final proof after" if job.last_handed_over else "a final proof before"
            text = f"aggregator {member.worker_id} delivered {when} the last unit proofs"
            self.fail(job, ErrorKind.BAD_PROOF, text)
        elif isinstance(event, on.FinalProofMade):
            job.proof, job.counts = event.proof, event.counts
            self.free(job, member.worker_id)
            self.out.append(do.Hold(job.job_id, (event.proof,)))
            self.out.append(do.CheckProof(job.job_id, job.request, event.proof))
        else:
            self._hand_over(job)

    def _set_up(self, job: Job, member: Member, event: on.SetupDone) -> None:
        if job.request.kind is not JobKind.SETUP:
            return
        if job.key is not None and job.key != event.key:
            text = f"worker {member.worker_id} derived another key; give all workers one version"
            self.fail(job, ErrorKind.WORKER_ERROR, text)
            return
        job.key = event.key
        self.free(job, member.worker_id)
        if not any(other.busy for other in job.members):
            self.end(job, JobState.COMPLETED, "done")


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
