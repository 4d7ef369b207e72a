"""What can happen to the coordinator.

Events of a worker carry the number of the connection that they came in on, so that those of a connection that
has been replaced or lost are known for what they are.
"""

from dataclasses import dataclass

from zisk.cluster.coordinator.jobs import ProofSummary
from zisk.cluster.protocol.payload import Payload
from zisk.cluster.tasks import Counts, Execution, JobRequest
from zisk.errors import ErrorKind

__all__ = [
    "AggregationStepDone",
    "CancelRequested",
    "ChallengeDerived",
    "ContributionMade",
    "Event",
    "ExecutionDone",
    "FinalProofMade",
    "HeartbeatSeen",
    "JobSubmitted",
    "JobWorkFailed",
    "ProofAccepted",
    "SetupDone",
    "StopRequested",
    "TaskFailed",
    "Tick",
    "UnitProofsMade",
    "WorkerConnected",
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
class ContributionMade:
    """A worker finished phase 1 of its units."""

    worker_id: str
    connection: int
    job_id: str
    contribution: Payload


@dataclass(frozen=True, slots=True)
class UnitProofsMade:
    """A worker finished phase 2: one proof per unit, as (unit, proof)."""

    worker_id: str
    connection: int
    job_id: str
    proofs: tuple[tuple[int, Payload], ...]


@dataclass(frozen=True, slots=True)
class AggregationStepDone:
    """The aggregator took proofs in and waits for more."""

    worker_id: str
    connection: int
    job_id: str


@dataclass(frozen=True, slots=True)
class FinalProofMade:
    """The aggregator made the job's proof; `counts` say how long the run was, where it tells."""

    worker_id: str
    connection: int
    job_id: str
    proof: Payload
    counts: Counts | None = None


@dataclass(frozen=True, slots=True)
class ExecutionDone:
    """A worker ran the program of an execute job."""

    worker_id: str
    connection: int
    job_id: str
    execution: Execution


@dataclass(frozen=True, slots=True)
class SetupDone:
    """A worker derived the verifying key of a setup job."""

    worker_id: str
    connection: int
    job_id: str
    key: bytes


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """A worker could not do its task; with `recovering` it is not yet ready for another one."""

    worker_id: str
    connection: int
    job_id: str
    kind: ErrorKind
    message: str
    recovering: bool = False


@dataclass(frozen=True, slots=True)
class WorkerRecovered:
    """A worker whose job was cancelled is ready for another one."""

    worker_id: str
    connection: int


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


Event = (
    WorkerConnected
    | WorkerGone
    | HeartbeatSeen
    | ContributionMade
    | UnitProofsMade
    | AggregationStepDone
    | FinalProofMade
    | ExecutionDone
    | SetupDone
    | TaskFailed
    | WorkerRecovered
    | JobSubmitted
    | CancelRequested
    | ChallengeDerived
    | ProofAccepted
    | JobWorkFailed
    | StopRequested
    | Tick
)
