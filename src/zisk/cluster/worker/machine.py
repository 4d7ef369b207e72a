"""The worker's decisions: events in, commands out. No clock, no network, no prover.

A worker has one connection and does one task at a time. A task that is dropped while the prover is at it is
interrupted, and the worker says that it is ready again when the prover has let go.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from zisk.cluster.tasks import Result, Task

__all__ = [
    "Accepted",
    "Acknowledge",
    "CancelArrived",
    "Command",
    "Connected",
    "Disconnect",
    "Disconnected",
    "DropJob",
    "Event",
    "Heard",
    "Interrupt",
    "Link",
    "Progressed",
    "Refused",
    "Register",
    "Report",
    "ReportRecovered",
    "SendHeartbeat",
    "Start",
    "TaskArrived",
    "TaskEnded",
    "Tick",
    "Worker",
]


# Events


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
    """The coordinator gives a task of a job."""

    job_id: str
    task: Task


@dataclass(frozen=True, slots=True)
class CancelArrived:
    """The coordinator wants a job dropped."""

    job_id: str


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
    | TaskEnded
    | Heard
    | Progressed
    | Tick
)


# Commands


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
    """Begin a task; answered by TaskEnded."""

    job_id: str
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
    """Answer a task."""

    job_id: str
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
    | Disconnect
)


class Link(Enum):
    """Where the connection stands."""

    DOWN = auto()
    REGISTERING = auto()
    UP = auto()


@dataclass(slots=True)
class Worker:
    """The state machine of a worker.

    `heartbeat_timeout` is the silence in seconds after which the coordinator counts as gone;
    heartbeats go three times as often, and whenever there is progress; the coordinator answers each.
    """

    heartbeat_timeout: float = 30.0
    link: Link = Link.DOWN
    registered_before: bool = False
    job_id: str | None = None
    running: tuple[str, Task] | None = None
    dropped: bool = False
    waiting: list[tuple[str, Task]] = field(default_factory=list)
    last_sent: float = 0.0
    last_heard: float = 0.0

    def handle(self, event: Event, now: float) -> list[Command]:
        """Take an event in at time `now` (seconds, never falling); what is to be done, in order."""
        match event:
            case Connected():
                self.link = Link.REGISTERING
                self.last_sent = self.last_heard = now
                return [Register(self.registered_before, self.job_id)]
            case Disconnected():
                return self._disconnected()
            case Accepted(stale):
                return self._accepted(stale, now)
            case Refused():
                return [Disconnect("registration was refused")]
            case TaskArrived(job_id, task):
                self.last_heard = now
                return self._task(job_id, task)
            case CancelArrived(job_id):
                self.last_heard = now
                return [Acknowledge(job_id), *self._cancel(job_id)]
            case TaskEnded(result):
                return self._ended(result)
            case Heard():
                self.last_heard = now
                return []
            case Progressed():
                return self._heartbeat(now) if self.running is not None else []
            case Tick():
                return self._tick(now)

    def _accepted(self, stale: bool, now: float) -> list[Command]:
        self.link = Link.UP
        self.registered_before = True
        self.last_sent = self.last_heard = now
        dropping: list[Command] = []
        if stale and self.job_id is not None and self.running is None:
            dropping = [DropJob(self.job_id)]
            self.job_id = None
        return [*dropping, SendHeartbeat("")]

    def _disconnected(self) -> list[Command]:
        """A job does not outlive the connection: the coordinator has failed it."""
        self.link = Link.DOWN
        self.waiting.clear()
        if self.running is None:
            return [DropJob(self.job_id)] if self.job_id is not None else []
        self.dropped = True
        return [Interrupt()]

    def _task(self, job_id: str, task: Task) -> list[Command]:
        commands: list[Command] = []
        if self.job_id not in (None, job_id) and self.running is None:
            commands.append(DropJob(self.job_id))
        if self.running is not None:
            self.waiting.append((job_id, task))
            return commands
        self.job_id = job_id
        self.running = (job_id, task)
        return [*commands, Start(job_id, task)]

    def _cancel(self, job_id: str) -> list[Command]:
        self.waiting = [(other, task) for other, task in self.waiting if other != job_id]
        if self.running is not None and self.running[0] == job_id:
            self.dropped = True
            return [Interrupt()]
        if self.job_id == job_id:
            self.job_id = None
        return [DropJob(job_id), ReportRecovered()]

    def _ended(self, result: Result | None) -> list[Command]:
        assert self.running is not None
        job_id, task = self.running
        self.running = None
        commands: list[Command] = []
        if self.dropped:
            self.dropped = False
            self.job_id = None
            commands.append(DropJob(job_id))
            if self.link is Link.UP:
                commands.append(ReportRecovered())
        elif self.link is Link.UP and result is not None:
            commands.append(Report(job_id, task, result))
        if self.waiting:
            commands.extend(self._task(*self.waiting.pop(0)))
        return commands

    def _tick(self, now: float) -> list[Command]:
        if self.link is Link.DOWN:
            return []
        if now - self.last_heard >= self.heartbeat_timeout:
            self.last_heard = now
            return [Disconnect(f"the coordinator was silent for {self.heartbeat_timeout:g} s")]
        return self._heartbeat(now) if now - self.last_sent >= self.heartbeat_timeout / 3 else []

    def _heartbeat(self, now: float) -> list[Command]:
        if self.link is not Link.UP:
            return []
        self.last_sent = now
        return [SendHeartbeat(self.running[0] if self.running is not None else "")]
