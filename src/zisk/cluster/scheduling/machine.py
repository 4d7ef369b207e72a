"""The coordinator's state machine: each event goes to the module of its concern, and the queue moves on."""

from collections import deque

from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.admission import submit
from zisk.cluster.scheduling.commands import Command
from zisk.cluster.scheduling.deadlines import pass_time
from zisk.cluster.scheduling.dealing import deal
from zisk.cluster.scheduling.failures import end_hopeless
from zisk.cluster.scheduling.jobs import JobState
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.phases import own_work_done
from zisk.cluster.scheduling.quarantine import judge_canaries
from zisk.cluster.scheduling.queue import schedule
from zisk.cluster.scheduling.state import CoordinatorState
from zisk.cluster.scheduling.turn import Turn
from zisk.cluster.scheduling.workers import connect, drain, hear
from zisk.errors import ErrorKind

__all__ = ["Coordinator"]

_STORY_LENGTH = 100
"""Events that the story goes back."""

_TOLD = ("worker_id", "job_id", "reason", "message")
"""What the story tells of an event or command beside its name: no payload, which it would keep alive."""


class Coordinator:
    """Takes events in one after the other; `state` may be read at any time."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.state = CoordinatorState()
        self._story: deque[str] = deque(maxlen=_STORY_LENGTH)

    def handle(self, event: on.Event, now: float) -> list[Command]:
        """Take an event in at time `now` (seconds, never falling); what is to be done, in order."""
        turn = Turn(self.state, self.limits, now)
        match event:
            case on.WorkerConnected():
                connect(turn, event)
            case on.JobSubmitted():
                submit(turn, event)
            case on.CancelRequested(job_id):
                _cancel(turn, job_id)
            case on.DrainRequested():
                drain(turn, event)
            case on.ChallengeDerived() | on.ProofAccepted() | on.JobWorkFailed():
                if (job := turn.running(event.job_id)) is not None:
                    own_work_done(turn, job, event)
            case on.StopRequested(at_once):
                _stop(turn, at_once)
            case on.Tick():
                pass_time(turn)
            case _:
                worker = self.state.workers.get(event.worker_id)
                # From a connection that was replaced or lost: whoever it concerned has been told.
                if worker is not None and worker.connection == event.connection:
                    hear(turn, worker, event)
        if not isinstance(event, on.HeartbeatSeen | on.WorkKept):  # frequent, and nobody's work changes
            for job in self.state.running():
                end_hopeless(turn, job)
            for job in self.state.running():
                deal(turn, job)
            judge_canaries(turn)
            schedule(turn)
        self._story.append(f"{now:.3f} {_told(event)} -> {', '.join(map(_told, turn.out)) or 'nothing'}")
        return turn.out

    def validate(self) -> None:
        """Check what must hold after every event.

        Raises:
            AssertionError: something does not, by a defect here; its note is the story of the last events.

        """
        try:
            self.state.validate()
        except AssertionError as error:
            error.add_note("\n".join(self._story))
            raise


def _told(what: on.Event | Command) -> str:
    told = [str(getattr(what, name)) for name in _TOLD if hasattr(what, name)]
    return " ".join([type(what).__name__, *told])


def _cancel(turn: Turn, job_id: str) -> None:
    job = turn.state.jobs.get(job_id)
    if job is not None and not job.state.terminal:
        turn.end(job, JobState.CANCELLED, "cancelled by a client")


def _stop(turn: Turn, at_once: bool) -> None:
    turn.state.stopping = True
    for job in list(turn.state.jobs.values()):
        if job.state is JobState.QUEUED or (at_once and job.state is JobState.RUNNING):
            turn.fail(job, ErrorKind.STOPPED, "the coordinator was stopped; submit the job again")
