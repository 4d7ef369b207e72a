"""What a job is: what was asked for, where it stands, what has happened to it."""

from dataclasses import dataclass, field
from enum import StrEnum

from zisk.cluster.protocol.payload import Payload
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.tasks import Committed, Counts, Execution, JobRequest, Piece
from zisk.errors import ErrorKind

__all__ = [
    "Aggregation",
    "Failure",
    "Happening",
    "Job",
    "JobEvent",
    "JobState",
    "Merge",
    "ProofSummary",
    "Share",
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
class Share:
    """A run of a job's units, on one worker at a time; of a job that proves nothing, one worker's part.

    `worker` has it or had it last; it is None while nobody has. `ready` says that this worker has executed
    the run for it, and can prove it at once.
    `contribution` and `proofs` are what was delivered, `done` says that nothing more is to come.
    `committed` and `pieces` are what is kept of it until then, for whoever goes on; `builds_on` says that its
    task builds on commitments that somebody else handed in.
    `lost` has the workers that went away while they were at it, `failed` those that could not do it, each
    with the last reason.
    `since` is when its worker got it, or while nobody has it, when it was taken from the last one.
    """

    number: int
    units: range
    worker: str | None
    ready: bool = False
    contribution: Payload | None = None
    proofs: tuple[tuple[int, Payload], ...] | None = None
    done: bool = False
    committed: dict[int, Committed] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    builds_on: bool = False
    lost: dict[str, Failure] = field(default_factory=dict)
    failed: dict[str, Failure] = field(default_factory=dict)
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Merge:
    """A task of the aggregator: it takes in what these shares delivered.

    With `last` there are no others to come, and it makes the job's proof.
    """

    shares: tuple[int, ...]
    last: bool


@dataclass(slots=True)
class Aggregation:
    """A job's proof in the making at one worker: the shares taken in, and those being taken in."""

    worker: str
    merged: list[int] = field(default_factory=list)
    merge: Merge | None = None


@dataclass(slots=True)
class Job:
    """A job and everything known about it.

    Times are those of the clock that is passed in: `started` and `ended` of the whole job, `phase_started`
    of the phase it is in. `shares` are in the order of their units, `delivered` their numbers in the order in
    which they were proved.
    `canary_of` names the worker that is on trial with it, and that alone works at it.
    `at_work` says that the coordinator itself is at something that the job waits for.
    `pieces`, `lost` and `unfit` are to the aggregation what `pieces`, `lost` and `failed` are to a share.
    `counts` say how long the run was, as the first worker to deliver counted.
    """

    job_id: str
    request: JobRequest
    submitted: float
    state: JobState = JobState.QUEUED
    phase: Phase | None = None
    started: float | None = None
    phase_started: float | None = None
    ended: float | None = None
    shares: list[Share] = field(default_factory=list)
    challenge: bytes | None = None
    delivered: list[int] = field(default_factory=list)
    aggregation: Aggregation | None = None
    pieces: list[Piece] = field(default_factory=list)
    lost: dict[str, Failure] = field(default_factory=dict)
    unfit: dict[str, Failure] = field(default_factory=dict)
    canary_of: str | None = None
    at_work: bool = False
    proof: Payload | None = None
    counts: Counts | None = None
    summary: ProofSummary | None = None
    execution: Execution | None = None
    key: bytes | None = None
    failure: Failure | None = None
    events: list[JobEvent] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every share is done."""
        return all(share.done for share in self.shares)

    @property
    def workers(self) -> list[str]:
        """The workers that have or had a share of it last, each once, in order of units."""
        return list(dict.fromkeys(share.worker for share in self.shares if share.worker is not None))

    @property
    def aggregator(self) -> str | None:
        """The worker that the job's proof is being made at."""
        return self.aggregation.worker if self.aggregation is not None and self.proof is None else None

    def held_by(self, worker_id: str) -> list[Share]:
        """The shares that a worker has still to do something for."""
        return [share for share in self.shares if share.worker == worker_id and not share.done]
