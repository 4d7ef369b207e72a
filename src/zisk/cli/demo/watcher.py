"""Shows the phases of a job while it runs, as the logs of its workers tell them."""

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager

from zisk.cli.demo.events import task_events
from zisk.cli.demo.processes import Member
from zisk.progress import Advance, Progress

INTERVAL = 0.1
"""Pause between two looks at the logs, in seconds."""


class PhaseWatcher:
    """A context manager that opens a phase of `progress` when the first worker begins it.

    A phase is open until a later one begins, or the context ends.
    """

    def __init__(self, workers: Mapping[str, Member], progress: Progress) -> None:
        self._workers = workers
        self._progress = progress
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._shown: str | None = None
        self._open: AbstractContextManager[Advance] | None = None

    def __enter__(self) -> "PhaseWatcher":
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Close the phase that is open."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        """Look at the logs until the context ends."""
        seen: list[str] = []
        while not self._ended.wait(INTERVAL):
            events = [one for member in self._workers.values() for one in task_events(member.lines)]
            for event in sorted(events, key=lambda one: one.at):
                if event.phase not in seen:
                    seen.append(event.phase)
                    self._show(event.phase)
        self._close()

    def _show(self, phase: str) -> None:
        """Close the phase before and open this one."""
        self._close()
        self._open = self._progress.phase(phase)
        self._open.__enter__()

    def _close(self) -> None:
        """Close the phase that is open, if one is."""
        if self._open is not None:
            self._open.__exit__(None, None, None)
            self._open = None
