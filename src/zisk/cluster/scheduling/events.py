"""What can happen to the coordinator.

Events of a worker carry the number of the connection that they came in on, so that those of a connection that
has been replaced or lost are known for what they are.
"""

from dataclasses import dataclass

from zisk.cluster.scheduling.jobs import ProofSummary
from zisk.cluster.tasks import JobRequest, Kept, Result
from zisk.errors import ErrorKind

__all__ = [
    "CancelRequested",
    "ChallengeDerived",
    "DrainRequested",
    "Event",
    "HeartbeatSeen",
    "JobSubmitted",
    "JobWorkFailed",
    "ProofAccepted",
    "StopRequested",
    "TaskDone",
    "Tick",
    "WorkKept",
    "WorkerConnected",
    "WorkerDraining",
    "WorkerEvent",
    "WorkerGone",
    "WorkerRecovered",
]


@dataclass(frozen=True, slots=True)
class WorkerConnected:
    """A worker asks to be registered.

    `program` is the `hash_id` of the program it was started with, or "".
    `reconnecting` says that it was registered before; `last_job` is the job it then worked on.
    """

    worker_id: str
    connection: int
    capacity: int
    program: str = ""
    reconnecting: bool = False
    last_job: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerGone:
    """The connection of a worker ended, for the reason given."""

    worker_id: str
    connection: int
    reason: str = "its connection ended"


@dataclass(frozen=True, slots=True)
class HeartbeatSeen:
    """A worker is alive; the rest says how far its task has come, if it has one, and what it is at."""

    worker_id: str
    connection: int
    job_id: str = ""
    done: int = 0
    total: int = 0
    activity: str = ""


@dataclass(frozen=True, slots=True)
class TaskDone:
    """A worker did the task of a lease, or says why not; with `recovering` it is not ready for another."""

    worker_id: str
    connection: int
    job_id: str
    lease: int
    result: Result
    recovering: bool = False


@dataclass(frozen=True, slots=True)
class WorkKept:
    """A worker hands in what it has made so far of the task of a lease."""

    worker_id: str
    connection: int
    job_id: str
    lease: int
    kept: Kept


@dataclass(frozen=True, slots=True)
class WorkerRecovered:
    """A worker whose job was cancelled is ready for another one."""

    worker_id: str
    connection: int


@dataclass(frozen=True, slots=True)
class WorkerDraining:
    """A worker ends its present task, takes no other, and then leaves."""

    worker_id: str
    connection: int


@dataclass(frozen=True, slots=True)
class DrainRequested:
    """An operator wants a worker to end its present task and be given no other; with `undo`, any again."""

    worker_id: str
    undo: bool = False


@dataclass(frozen=True, slots=True)
class JobSubmitted:
    """A client asks for a job; without `may_wait` it is refused unless it can start at once."""

    job_id: str
    request: JobRequest
    may_wait: bool = True


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """A client wants a job to end."""

    job_id: str


@dataclass(frozen=True, slots=True)
class ChallengeDerived:
    """The global challenge of a job was derived from all its contributions."""

    job_id: str
    challenge: bytes


@dataclass(frozen=True, slots=True)
class ProofAccepted:
    """The final proof of a job was checked and, where that is wanted, saved."""

    job_id: str
    summary: ProofSummary


@dataclass(frozen=True, slots=True)
class JobWorkFailed:
    """Something that the coordinator itself does for a job failed."""

    job_id: str
    kind: ErrorKind
    message: str


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The coordinator is to end: `now` drops what runs, otherwise only what waits."""

    now: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


WorkerEvent = WorkerGone | HeartbeatSeen | TaskDone | WorkKept | WorkerRecovered | WorkerDraining
"""What a worker says on the connection that it is registered with."""

Event = (
    WorkerConnected
    | WorkerEvent
    | JobSubmitted
    | CancelRequested
    | DrainRequested
    | ChallengeDerived
    | ProofAccepted
    | JobWorkFailed
    | StopRequested
    | Tick
)
