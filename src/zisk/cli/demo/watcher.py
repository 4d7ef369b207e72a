"""Shows the phases of a job while it runs, as the logs of its workers tell them."""

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from zisk.cli.demo.events import PhaseEvent, worker_events
from zisk.cli.demo.processes import Member
from zisk.progress import Advance, Progress

INTERVAL = 0.1
"""Pause between two looks at the logs, in seconds."""


@dataclass(slots=True)
class _OpenPhase:
    """A phase of a worker that is shown; `done` of its steps are, where they are `counted`."""

    context: AbstractContextManager[Advance]
    advance: Advance
    counted: bool
    done: int = 0


class PhaseWatcher:
    """A context manager that opens, counts on and closes in `progress` what workers do in theirs.

    What they have said before it begins is left out, and what is open when it ends is closed.
    """

    def __init__(self, workers: Mapping[str, Member], progress: Progress) -> None:
        self._workers = workers
        self._progress = progress
        self._read = {name: len(member.lines) for name, member in workers.items()}
        self._open: dict[tuple[str, str], _OpenPhase] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PhaseWatcher":
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Look once more, and close the phases that are open."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        """Look at the logs until the context ends."""
        while not self._ended.wait(INTERVAL):
            self._look()
            newest = next(reversed(self._open.values()), None)
            if newest is not None and newest.counted:
                newest.advance(0)  # a sink that writes lines says again where it is
        self._look()
        for phase in reversed(self._open.values()):
            phase.context.__exit__(None, None, None)

    def _look(self) -> None:
        """Show what the logs have that they had not before."""
        for name, member in self._workers.items():
            lines = member.lines[self._read[name] :]
            self._read[name] += len(lines)
            for event in worker_events(lines):
                if isinstance(event, PhaseEvent):
                    self._show(name, event)

    def _show(self, worker: str, event: PhaseEvent) -> None:
        """Open, count on or close a phase of a worker."""
        shown = self._open.get((worker, event.name))
        if event.ended:
            if shown is not None:
                del self._open[worker, event.name]
                shown.context.__exit__(None, None, None)
            return
        if shown is None:
            context = self._progress.phase(event.name, event.total)
            shown = _OpenPhase(context, context.__enter__(), counted=event.total is not None)
            self._open[worker, event.name] = shown
        if event.done is not None and event.done > shown.done:
            shown.advance(event.done - shown.done)
            shown.done = event.done
