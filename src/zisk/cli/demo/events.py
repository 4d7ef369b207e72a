"""What the log lines of a worker say about when it was at what."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from zisk.cli.demo.timeline import Span

_TASKS = {"ContributeTask": "contributions", "ProveTask": "prove", "AggregateTask": "fold"}
"""What a worker is at in each task of a job, where no phase of the prover says more."""

_STEPS = {"prove": "prove", "fold": "fold", "final proof": "final proof"}
"""What each step of a counted phase was, by the name of the phase."""

_SETTING_UP = "set up circuit: "
"""How the names of phases begin that happen once in the life of a worker."""

_TASK = re.compile(r"^(?P<at>\S+Z) +INFO job \S+: (?P<task>\w+Task)(?P<ended> done)?\b")
_PHASE = re.compile(
    r"^(?P<at>\S+Z) +DEBUG phase (?P<name>.+?)"
    r"(?: (?P<done>\d+)/(?P<total>\d+)|(?P<ended> done in [\d.]+ s))?$"
)


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """A worker began or ended a task; `at` in seconds since 1970, `activity` what the task is."""

    at: float
    activity: str
    ended: bool


@dataclass(frozen=True, slots=True)
class PhaseEvent:
    """The prover began, counted on or ended a phase; `done` and `total` where it is counted."""

    at: float
    name: str
    ended: bool
    done: int | None = None
    total: int | None = None


WorkerEvent = TaskEvent | PhaseEvent


def worker_events(lines: Iterable[str]) -> list[WorkerEvent]:
    """What the lines of a worker's log tell, in order."""
    return [event for event in map(_event, lines) if event is not None]


def _event(line: str) -> WorkerEvent | None:
    if (match := _TASK.match(line)) is not None and match["task"] in _TASKS:
        return TaskEvent(_seconds(match["at"]), _TASKS[match["task"]], match["ended"] is not None)
    if (match := _PHASE.match(line)) is not None:
        done, total = (None if match[group] is None else int(match[group]) for group in ("done", "total"))
        return PhaseEvent(_seconds(match["at"]), match["name"], match["ended"] is not None, done, total)
    return None


def spans_of(events: Mapping[str, Sequence[WorkerEvent]]) -> list[Span]:
    """What each worker was at when, in seconds since the first began.

    The time up to a step of a counted phase was spent on that step, and so was what is left of a task after
    its last one; a task without such steps is all its own.
    """
    begun = [event.at for own in events.values() for event in own if isinstance(event, TaskEvent)]
    if not begun:
        return []
    zero = min(begun)
    spans: list[Span] = []
    for worker, own in events.items():
        for activity, start, end in _stretches(own):
            last = spans[-1] if spans else None
            if last is not None and (last.worker, last.phase, last.end) == (worker, activity, start - zero):
                spans[-1] = Span(worker, activity, last.start, end - zero)
            else:
                spans.append(Span(worker, activity, start - zero, end - zero))
    return spans


def _stretches(events: Iterable[WorkerEvent]) -> Iterator[tuple[str, float, float]]:
    """Stretches of time of one worker: what it was at, from when and until when."""
    task, latest, since = "", "", 0.0
    for event in events:
        activity = ""
        match event:
            case TaskEvent(ended=False):
                task, latest, since = event.activity, event.activity, event.at
            case TaskEvent():
                activity = latest
            case PhaseEvent() if not task:
                continue
            case PhaseEvent(name=name, ended=ended) if name.startswith(_SETTING_UP):
                activity = "set up" if ended else task
            case PhaseEvent(name=name, done=done):
                activity = _STEPS.get(name, "") if done else ""
        if activity:
            if event.at > since:
                yield activity, since, event.at
            latest, since = activity, event.at
        if isinstance(event, TaskEvent) and event.ended:
            task = ""


def _seconds(timestamp: str) -> float:
    """Seconds since 1970 of a time in UTC as logs write it."""
    return datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()
