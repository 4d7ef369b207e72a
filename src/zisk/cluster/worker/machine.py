"""The worker's decisions: events in, commands out. No clock, no network, no prover.

A worker has one connection and does one task at a time. A task that is dropped while the prover is at it is
interrupted, and the worker says that it is ready again when the prover has let go.
One that is to end says so, ends what it was sent before the coordinator knew, and leaves.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from zisk.cluster.tasks import Result
from zisk.cluster.worker import commands as do
from zisk.cluster.worker import events as on

__all__ = ["Link", "Worker"]


Assignment = on.TaskArrived
"""A task that the coordinator gave, with its job and its lease."""


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
    `ending` says that it is to leave, `confirmed` that nothing more comes, `left` that it may go.
    """

    heartbeat_timeout: float = 30.0
    link: Link = Link.DOWN
    registered_before: bool = False
    job_id: str | None = None
    running: Assignment | None = None
    dropped: bool = False
    waiting: list[Assignment] = field(default_factory=list)
    last_sent: float = 0.0
    last_heard: float = 0.0
    ticked: float | None = None
    ending: bool = False
    confirmed: bool = False
    left: bool = False

    def handle(self, event: on.Event, now: float) -> list[do.Command]:
        """Take an event in at time `now` (seconds, never falling); what is to be done, in order."""
        commands = self._taken_in(event, now)
        if self._may_leave():
            self.left = True
            commands.append(do.Leave())
        return commands

    def _taken_in(self, event: on.Event, now: float) -> list[do.Command]:
        match event:
            case on.Connected():
                self.link = Link.REGISTERING
                self.last_sent = self.last_heard = now
                return [do.Register(self.registered_before, self.job_id)]
            case on.Disconnected():
                return self._disconnected()
            case on.Accepted(stale):
                return self._accepted(stale, now)
            case on.Refused():
                return [do.Disconnect("registration was refused")]
            case on.TaskArrived():
                self.last_heard = now
                return self._task(event)
            case on.CancelArrived(job_id):
                self.last_heard = now
                return [do.Acknowledge(job_id), *self._cancel(job_id)]
            case on.EndRequested():
                self.ending = True
                return [do.AnnounceDrain()] if self.link is Link.UP else []
            case on.DrainConfirmed():
                self.last_heard = now
                self.confirmed = True
                return []
            case on.TaskEnded(result):
                return self._ended(result)
            case on.Heard():
                self.last_heard = now
                return []
            case on.Progressed():
                return self._heartbeat(now) if self.running is not None else []
            case on.Tick():
                return self._tick(now)

    def _may_leave(self) -> bool:
        """Whether it is to end, has nothing to do, and nothing can come any more."""
        busy = self.running is not None or bool(self.waiting)
        expects = self.link is Link.UP and not self.confirmed
        return self.ending and not self.left and not busy and not expects

    def _accepted(self, stale: bool, now: float) -> list[do.Command]:
        self.link = Link.UP
        self.registered_before = True
        self.last_sent = self.last_heard = now
        dropping: list[do.Command] = []
        if stale and self.job_id is not None and self.running is None:
            dropping = [do.DropJob(self.job_id)]
            self.job_id = None
        announcing: list[do.Command] = [do.AnnounceDrain()] if self.ending else []
        return [*dropping, do.SendHeartbeat(""), *announcing]

    def _disconnected(self) -> list[do.Command]:
        """A job does not outlive the connection: the coordinator has failed it."""
        self.link = Link.DOWN
        self.confirmed = False
        self.waiting.clear()
        if self.running is None:
            return [do.DropJob(self.job_id)] if self.job_id is not None else []
        self.dropped = True
        return [do.Interrupt()]

    def _task(self, given: Assignment) -> list[do.Command]:
        if self.running is not None:
            self.waiting.append(given)
            return []
        old, self.job_id, self.running = self.job_id, given.job_id, given
        dropping = [do.DropJob(old)] if old not in (None, given.job_id) else []
        return [*dropping, do.Start(given.job_id, given.lease, given.task)]

    def _cancel(self, job_id: str) -> list[do.Command]:
        self.waiting = [other for other in self.waiting if other.job_id != job_id]
        if self.running is not None and self.running.job_id == job_id:
            self.dropped = True
            return [do.Interrupt()]
        if self.job_id == job_id:
            self.job_id = None
        return [do.DropJob(job_id), do.ReportRecovered()]

    def _ended(self, result: Result | None) -> list[do.Command]:
        assert self.running is not None
        given, self.running = self.running, None
        commands: list[do.Command] = []
        if self.dropped:
            self.dropped = False
            self.job_id = None
            commands.append(do.DropJob(given.job_id))
            if self.link is Link.UP:
                commands.append(do.ReportRecovered())
        elif self.link is Link.UP and result is not None:
            commands.append(do.Report(given.job_id, given.lease, given.task, result))
        if self.waiting:
            commands.extend(self._task(self.waiting.pop(0)))
        return commands

    def _tick(self, now: float) -> list[do.Command]:
        paused = self.ticked is not None and now - self.ticked >= self.heartbeat_timeout / 2
        self.ticked = now
        if self.link is Link.DOWN:
            return []
        if paused:  # this process was stopped: first it asks, then it judges
            self.last_heard = now
            return self._heartbeat(now)
        if now - self.last_heard >= self.heartbeat_timeout:
            self.last_heard = now
            return [do.Disconnect(f"the coordinator was silent for {self.heartbeat_timeout:g} s")]
        return self._heartbeat(now) if now - self.last_sent >= self.heartbeat_timeout / 3 else []

    def _heartbeat(self, now: float) -> list[do.Command]:
        if self.link is not Link.UP:
            return []
        self.last_sent = now
        return [do.SendHeartbeat(self.running.job_id if self.running is not None else "")]
