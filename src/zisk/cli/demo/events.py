"""What the log lines of a coordinator and its workers say about when each phase ran where."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from zisk.cli.demo.timeline import Span

_PHASES = {"ContributeTask": "contributions", "ProveTask": "prove", "AggregateTask": "aggregate"}
"""The phase that each task of a worker belongs to."""

_TASK = re.compile(r"^(?P<at>\S+Z) +INFO job \S+: (?P<task>\w+Task)(?P<done> done)?\b")
_COMPLETED = re.compile(r"^(?P<at>\S+Z) +INFO job \S+: completed$")


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """A worker began, or ended, its part of a phase; `at` in seconds since 1970."""

    at: float
    phase: str
    done: bool


def task_events(lines: Iterable[str]) -> list[TaskEvent]:
    """The beginnings and ends of phases in the log of a worker, in order."""
    return [
        TaskEvent(_seconds(match["at"]), _PHASES[match["task"]], match["done"] is not None)
        for match in map(_TASK.match, lines)
        if match is not None and match["task"] in _PHASES
    ]


def completion(lines: Iterable[str]) -> float | None:
    """When the coordinator last completed a job, in seconds since 1970; None where it has not."""
    times = [_seconds(match["at"]) for match in map(_COMPLETED.match, lines) if match is not None]
    return times[-1] if times else None


def spans_of(events: Mapping[str, Sequence[TaskEvent]], completed: float) -> list[Span]:
    """The phases of each worker, in seconds since the first began.

    A phase whose end the worker does not tell lasts until its next one begins, or else until the next phase
    of the job begins anywhere, or else until the job is complete: waiting is then part of it.
    """
    every = [event for one in events.values() for event in one]
    if not every:
        return []
    zero = min(event.at for event in every)
    order = list(_PHASES.values())
    spans = []
    for worker, own in events.items():
        for index, event in enumerate(own):
            if event.done:
                continue
            later = [other.at for other in own[index + 1 :]]
            following = order[order.index(event.phase) + 1 :]
            later += [other.at for other in every if other.phase in following and other.at >= event.at]
            end = later[0] if later else completed
            spans.append(Span(worker, event.phase, event.at - zero, max(end, event.at) - zero))
    return spans


def _seconds(timestamp: str) -> float:
    """Seconds since 1970 of a time in UTC as logs write it."""
    return datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()
