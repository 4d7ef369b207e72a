"""A coordinator's state machine in the tests: its clock, its workers, and short words for what they do."""

from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Job, ProofSummary
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.machine import Coordinator
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.scheduling.state import WorkerState
from zisk.cluster.tasks import (
    ContributionResult,
    Demand,
    Execution,
    JobKind,
    JobRequest,
    ProofsResult,
    Result,
    Task,
)
from zisk.errors import ErrorKind

CONNECTIONS = {"a": 1, "b": 2, "c": 3}
INPUT = Inline(b"input")
EXECUTION = Execution(steps=120, cycles=100, segments=2, exit_code=0, outputs=(7,) * 64)
SUMMARY = ProofSummary(EXECUTION, b"key")
DEFAULT = JobRequest(JobKind.PROVE, "hash", INPUT, Demand(10, None), 20, 128)


class Story:
    """A coordinator, its clock, and short words for what workers and clients do."""

    def __init__(self, limits: Limits | None = None, workers: str = "") -> None:
        self.machine = Coordinator(limits)
        self.now = 0.0
        for worker in workers:
            self.connect(worker)

    def tell(self, event: on.Event) -> list[do.Command]:
        """Pass one event on and check what must always hold."""
        commands = self.machine.handle(event, self.now)
        self.machine.validate()
        return commands

    def connect(self, worker: str, capacity: int = 4) -> list[do.Command]:
        return self.tell(on.WorkerConnected(worker, CONNECTIONS[worker], capacity))

    def submit(self, job: str = "j", request: JobRequest = DEFAULT, *, may_wait: bool = True):
        return self.tell(on.JobSubmitted(job, request, may_wait))

    def contribute(self, worker: str, job: str = "j") -> list[do.Command]:
        return self.done(worker, ContributionResult(contribution_of(self.units(worker, job))), job)

    def deliver(self, worker: str, job: str = "j") -> list[do.Command]:
        return self.done(worker, ProofsResult(proofs_of(self.units(worker, job))), job)

    def units(self, worker: str, job: str = "j") -> range:
        """The units that a worker has a task of."""
        lease = self.machine.state.workers[worker].lease
        return range(0) if lease is None or lease.share is None else self.job(job).shares[lease.share].units

    def done(self, worker: str, result: Result, job: str = "j") -> list[do.Command]:
        """A worker answers the task that it has."""
        lease = self.machine.state.workers[worker].lease
        number = lease.number if lease is not None else 0
        return self.tell(on.TaskDone(worker, CONNECTIONS[worker], job, number, result))

    def to_prove(self, workers: str, job: str = "j") -> list[do.Command]:
        for worker in workers:
            self.contribute(worker, job)
        return self.tell(on.ChallengeDerived(job, b"challenge"))

    def job(self, job: str = "j") -> Job:
        return self.machine.state.jobs[job]

    def progress(self, job: str = "j") -> float:
        return self.machine.state.progress(self.job(job))

    def states(self) -> dict[str, WorkerState]:
        return {worker.worker_id: worker.state for worker in self.machine.state.workers.values()}


def contribution_of(units: range) -> Inline:
    return Inline(f"contribution of {units}".encode())


def sent(commands: list[do.Command]) -> list[tuple[str, Task]]:
    """The tasks among commands, and who gets them."""
    return [(one.worker_id, one.task) for one in commands if isinstance(one, do.SendTask)]


def told(commands: list[do.Command]) -> list[str]:
    """What the log is told."""
    return [one.message for one in commands if isinstance(one, do.LogOfJob)]


def failed(story: "Story", job: str = "j") -> tuple[ErrorKind, str, Phase | None]:
    """Why a job failed, and in which phase."""
    failure = story.job(job).failure
    assert failure is not None
    return failure.kind, failure.message, failure.phase


def proofs_of(units: range) -> tuple[tuple[int, Inline], ...]:
    return tuple((unit, Inline(f"unit {unit}".encode())) for unit in units)


IDLE, COMPUTING, RECOVERING = WorkerState.IDLE, WorkerState.COMPUTING, WorkerState.RECOVERING
QUARANTINED = WorkerState.QUARANTINED


def to_aggregate(story: Story, aggregator: str, others: str) -> None:
    """Bring a job to where the aggregator has a task with the proofs of the first of the others."""
    story.submit()
    story.to_prove(aggregator + others)
    for worker in aggregator + others:
        story.deliver(worker)
