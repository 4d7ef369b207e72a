"""What a worker's state machine wants done."""

from dataclasses import dataclass

from zisk.cluster.tasks import Result, Task

__all__ = [
    "Acknowledge",
    "AnnounceDrain",
    "Command",
    "Disconnect",
    "DropJob",
    "Interrupt",
    "Leave",
    "Register",
    "Report",
    "ReportRecovered",
    "SendHeartbeat",
    "Start",
]


@dataclass(frozen=True, slots=True)
class Register:
    """Ask for registration; `again` after an earlier one, with the last job then worked on."""

    again: bool
    last_job: str | None


@dataclass(frozen=True, slots=True)
class SendHeartbeat:
    """Say that this worker is alive, and how far its task has come."""

    job_id: str


@dataclass(frozen=True, slots=True)
class Start:
    """Begin the task of a lease; answered by TaskEnded."""

    job_id: str
    lease: int
    task: Task


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Make the prover stop as soon as it can."""


@dataclass(frozen=True, slots=True)
class DropJob:
    """Forget what is kept of a job."""

    job_id: str


@dataclass(frozen=True, slots=True)
class Report:
    """Answer a task of a lease."""

    job_id: str
    lease: int
    task: Task
    result: Result


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Confirm that a job is being dropped."""

    job_id: str


@dataclass(frozen=True, slots=True)
class ReportRecovered:
    """Say that this worker is ready for another job."""


@dataclass(frozen=True, slots=True)
class AnnounceDrain:
    """Say that this worker ends its present task, takes no other, and then leaves."""


@dataclass(frozen=True, slots=True)
class Leave:
    """End the stream for good, once all that was to be sent has been."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """End the stream, for the reason given; the shell opens another."""

    reason: str


Command = (
    Register
    | SendHeartbeat
    | Start
    | Interrupt
    | DropJob
    | Report
    | Acknowledge
    | ReportRecovered
    | AnnounceDrain
    | Leave
    | Disconnect
)
