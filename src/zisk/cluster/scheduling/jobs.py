"""What a job is: what was asked for, where it stands, what has happened to it."""

from dataclasses import dataclass, field
from enum import StrEnum

from zisk.cluster.protocol.payload import Payload
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.tasks import Counts, Execution, JobRequest
from zisk.errors import ErrorKind

__all__ = [
    "Failure",
    "Happening",
    "Job",
    "JobEvent",
    "JobState",
    "Member",
    "Merge",
    "ProofSummary",
]


class JobState(StrEnum):
    """Where a job stands, in the words of the JobStatus call."""

    QUEUED = "Queued"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELLED = "Cancelled"

    @property
    def terminal(self) -> bool:
        """Whether it never changes again."""
        return self in (JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed; `phase` is the one it was in."""

    kind: ErrorKind
    message: str
    phase: Phase | None = None
    limit_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ProofSummary:
    """What the checked proof of a job shows, and the serialised key it was checked with."""

    execution: Execution
    key: bytes


class Happening(StrEnum):
    """Kinds of event in the life of a job."""

    QUEUED = "queued"
    STARTED = "started"
    PROGRESS = "progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One entry in the list of what has happened to a job; its index there is its sequence number."""

    happening: Happening
    at: float
    phase: Phase | None = None


@dataclass(slots=True)
class Member:
    """A worker's part in a running job.

    `busy` says that the worker is still held: it is false once nothing more will be asked of it.
    `done`, `total` and `activity` are what it last said of its task.
    """

    worker_id: str
    units: range
    contribution: Payload | None = None
    proofs: tuple[tuple[int, Payload], ...] | None = None
    key: bytes | None = None
    done: int = 0
    total: int = 0
    activity: str = ""
    busy: bool = True

    def begin(self) -> None:
        """Forget what it said of the task before."""
        self.done = self.total = 0
        self.activity = ""


@dataclass(frozen=True, slots=True)
class Merge:
    """A task of the aggregator: it takes in the proofs of worker `giver`, or its own alone where None.

    With `last` there are no others to come, and it makes the job's proof.
    """

    giver: str | None
    last: bool


@dataclass(slots=True)
class Job:
    """A job and everything known about it.

    Times are those of the clock that is passed in: `started` and `ended` of the whole job, `phase_started`
    of the phase it is in. `members` are in the order of selection, which is the order of their units.
    `unmerged` names the workers whose proofs the aggregator has not been sent yet, in order of delivery, and
    `merge` is what it takes in at present.
    `counts` say how long the run was, as the aggregator counted.
    """

    job_id: str
    request: JobRequest
    submitted: float
    state: JobState = JobState.QUEUED
    phase: Phase | None = None
    started: float | None = None
    phase_started: float | None = None
    ended: float | None = None
    members: list[Member] = field(default_factory=list)
    challenge: bytes | None = None
    aggregator: str | None = None
    unmerged: list[str] = field(default_factory=list)
    merge: Merge | None = None
    proof: Payload | None = None
    counts: Counts | None = None
    summary: ProofSummary | None = None
    execution: Execution | None = None
    key: bytes | None = None
    failure: Failure | None = None
    events: list[JobEvent] = field(default_factory=list)

    def member(self, worker_id: str) -> Member | None:
        """The part of a worker in it."""
        return next((member for member in self.members if member.worker_id == worker_id), None)

    @property
    def complete(self) -> bool:
        """Whether every worker has delivered its proofs."""
        return all(member.proofs is not None for member in self.members)

    @property
    def progress(self) -> float:
        """Share of the phase that is done, from 0 to 1; aggregation counts once every proof is in."""
        if not self.members:
            return 0.0
        if self.phase is Phase.AGGREGATE and self.complete:
            aggregator = self.member(self.aggregator or "")
            return _told_share(aggregator) if aggregator is not None else 0.0
        return sum(_share(self.phase, member) for member in self.members) / len(self.members)


def _share(phase: Phase | None, member: Member) -> float:
    """Share of its task that a member has done."""
    if phase is Phase.CONTRIBUTIONS and member.contribution is not None:
        return 1.0
    if phase in (Phase.PROVE, Phase.AGGREGATE) and member.proofs is not None:
        return 1.0
    return _told_share(member)


def _told_share(member: Member) -> float:
    """Share of its task that a member last said to have done."""
    return min(member.done / member.total, 1.0) if member.total else 0.0
