"""What can happen to a worker."""

from dataclasses import dataclass

from zisk.cluster.tasks import Result, Task

__all__ = [
    "Accepted",
    "CancelArrived",
    "Connected",
    "Disconnected",
    "DrainConfirmed",
    "EndRequested",
    "Event",
    "Heard",
    "Progressed",
    "Refused",
    "TaskArrived",
    "TaskEnded",
    "Tick",
]


@dataclass(frozen=True, slots=True)
class Connected:
    """The stream to the coordinator is open."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The stream has ended."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The coordinator registered this worker; `stale` says that its last job is over."""

    stale: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The coordinator did not register this worker."""


@dataclass(frozen=True, slots=True)
class TaskArrived:
    """The coordinator gives a task of a job, under the lease of that number."""

    job_id: str
    lease: int
    task: Task


@dataclass(frozen=True, slots=True)
class CancelArrived:
    """The coordinator wants a job dropped."""

    job_id: str


@dataclass(frozen=True, slots=True)
class EndRequested:
    """This worker is to end its task and leave."""


@dataclass(frozen=True, slots=True)
class DrainConfirmed:
    """The coordinator sends no more tasks; those that it has sent have come."""


@dataclass(frozen=True, slots=True)
class TaskEnded:
    """The prover is free again; `result` is None when the task was interrupted."""

    result: Result | None


@dataclass(frozen=True, slots=True)
class Heard:
    """The coordinator said something, if only that it is alive."""


@dataclass(frozen=True, slots=True)
class Progressed:
    """The task at hand has come further than the coordinator was last told."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Event = (
    Connected
    | Disconnected
    | Accepted
    | Refused
    | TaskArrived
    | CancelArrived
    | EndRequested
    | DrainConfirmed
    | TaskEnded
    | Heard
    | Progressed
    | Tick
)
