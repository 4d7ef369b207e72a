"""Progress that is asked for instead of drawn: what work that runs in another thread is at, and its end."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from zisk.progress import Advance

__all__ = ["Interrupted", "ProgressMeter"]

_log = logging.getLogger("zisk.progress")


class Interrupted(BaseException):
    """The job was dropped while the prover was at it."""


@dataclass(eq=False, slots=True)
class _Phase:
    """A phase that is open; `total` None where it is not known beforehand."""

    name: str
    total: int | None
    done: int = 0

    def __str__(self) -> str:
        return self.name if self.total is None else f"{self.name} {self.done}/{self.total}"


class ProgressMeter:
    """Progress of the task at hand, and the way to stop the prover: its next report raises."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self._open: list[_Phase] = []
        self._stopped = False
        self._lock = threading.Lock()

    @property
    def activity(self) -> str:
        """The phases that are open, in the order in which they began, with counts; empty where none is."""
        with self._lock:
            return ", ".join(map(str, self._open))

    def reset(self) -> None:
        """Begin a task."""
        self.done = self.total = 0
        self._stopped = False

    def stop(self) -> None:
        """Let the next report raise Interrupted in the thread that makes it."""
        self._stopped = True

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Open a phase; steps of phases with a known total add up to the progress of the task."""
        self.check()
        phase = _Phase(name, total)
        with self._lock:
            self._open.append(phase)
            self.total += total or 0
        _log.debug("phase %s", str(phase))
        start = time.monotonic()
        try:
            yield self._counter(phase) if total is not None else self._beat
        finally:
            with self._lock:
                self._open.remove(phase)
            _log.debug("phase %s done in %.3f s", name, time.monotonic() - start)
        self.check()

    def _counter(self, phase: _Phase) -> Advance:
        """Counts the steps of a phase, and logs each."""

        def advance(n: int = 1, /) -> None:
            with self._lock:
                phase.done += n
                self.done += n
                text = str(phase)
            _log.debug("phase %s", text)
            self.check()

        return advance

    def _beat(self, _n: int = 1, /) -> None:
        self.check()

    def check(self) -> None:
        """Raise Interrupted where `stop` was called."""
        if self._stopped:
            raise Interrupted
