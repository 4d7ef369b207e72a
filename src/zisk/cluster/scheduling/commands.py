"""What the coordinator's state machine wants done."""

from dataclasses import dataclass
from enum import StrEnum

from zisk.cluster.protocol.payload import Payload
from zisk.cluster.tasks import JobRequest, Task
from zisk.errors import ErrorKind

__all__ = [
    "AnswerHeartbeat",
    "CancelTask",
    "CheckProof",
    "CloseConnection",
    "Command",
    "ConfirmDrain",
    "ConfirmRegistration",
    "DeriveChallenge",
    "Directive",
    "Forget",
    "Hold",
    "LogOfJob",
    "PrepareProgram",
    "RefuseJob",
    "RefuseRegistration",
    "SendTask",
]


class Directive(StrEnum):
    """What a worker that comes back is told about the job it worked on."""

    NONE = "none"
    CANCEL_STALE_JOB = "cancel_stale_job"


@dataclass(frozen=True, slots=True)
class ConfirmRegistration:
    """Tell a worker that it is registered."""

    worker_id: str
    connection: int
    capacity: int
    directive: Directive = Directive.NONE


@dataclass(frozen=True, slots=True)
class RefuseRegistration:
    """Tell a worker why it is not registered, and end its connection."""

    worker_id: str
    connection: int
    message: str


@dataclass(frozen=True, slots=True)
class AnswerHeartbeat:
    """Tell a worker that the coordinator is alive too."""

    connection: int


@dataclass(frozen=True, slots=True)
class ConfirmDrain:
    """Tell a worker that leaves that nothing more is sent to it."""

    connection: int


@dataclass(frozen=True, slots=True)
class CloseConnection:
    """End a connection that is of no use any more."""

    connection: int
    message: str


@dataclass(frozen=True, slots=True)
class SendTask:
    """Give a worker a task of a job, under the lease of that number."""

    worker_id: str
    connection: int
    job_id: str
    lease: int
    task: Task


@dataclass(frozen=True, slots=True)
class CancelTask:
    """Tell a worker to drop what it does for a job."""

    worker_id: str
    connection: int
    job_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefuseJob:
    """Tell a client why its job is not accepted."""

    job_id: str
    kind: ErrorKind
    message: str


@dataclass(frozen=True, slots=True)
class PrepareProgram:
    """Set the program of a job up, beside the workers that do the same; nothing answers."""

    request: JobRequest


@dataclass(frozen=True, slots=True)
class DeriveChallenge:
    """Derive a job's global challenge; answered by ChallengeDerived or JobWorkFailed."""

    job_id: str
    request: JobRequest
    contributions: tuple[Payload, ...]


@dataclass(frozen=True, slots=True)
class CheckProof:
    """Check the final proof of a job, and save it where asked; answered by ProofAccepted or JobWorkFailed."""

    job_id: str
    request: JobRequest
    proof: Payload
    save: bool = True


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep these artifacts until the job is forgotten."""

    job_id: str
    payloads: tuple[Payload, ...]


@dataclass(frozen=True, slots=True)
class Forget:
    """Let go of the artifacts of a job, except those still named by it."""

    job_id: str
    keep: tuple[Payload, ...] = ()


@dataclass(frozen=True, slots=True)
class LogOfJob:
    """Tell operators what becomes of a job's work."""

    job_id: str
    message: str


Command = (
    ConfirmRegistration
    | RefuseRegistration
    | AnswerHeartbeat
    | ConfirmDrain
    | CloseConnection
    | SendTask
    | CancelTask
    | RefuseJob
    | PrepareProgram
    | DeriveChallenge
    | CheckProof
    | Hold
    | Forget
    | LogOfJob
)
