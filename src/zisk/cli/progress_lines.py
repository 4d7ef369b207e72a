"""Progress as JSON lines, for logs and for programs that drive a command."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from zisk.progress import Advance

INTERVAL = 1.0
"""Least time between two reports of one phase, in seconds."""


class LinesProgress:
    """A sink that writes one JSON object a line.

    Events are `phase_started` (phase, total), `phase_progress` (phase, done, total, per_second),
    `phase_finished` and `phase_failed` (phase, done, total, seconds, per_second).
    `clock` counts seconds; a test passes its own.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Write the start of a phase, at most one report a second, and its end."""
        start = self._clock()
        done = 0
        reported = start
        counting = threading.Lock()
        self._write(event="phase_started", phase=name, total=total)

        def advance(n: int = 1, /) -> None:
            nonlocal done, reported
            with counting:
                done += n
                now = self._clock()
                if now - reported < INTERVAL:
                    return
                reported = now
                count = done
            self._write(
                event="phase_progress",
                phase=name,
                done=count,
                total=total,
                per_second=_speed(count, now - start),
            )

        event = "phase_failed"
        try:
            yield advance
            event = "phase_finished"
        finally:
            seconds = self._clock() - start
            self._write(
                event=event,
                phase=name,
                done=done,
                total=total,
                seconds=round(seconds, 3),
                per_second=_speed(done, seconds),
            )

    def _write(self, **fields: Any) -> None:
        """Write one object on a line of its own, whole, whichever threads write."""
        with self._lock:
            self._stream.write(json.dumps(fields) + "\n")
            self._stream.flush()


def _speed(count: int, seconds: float) -> float:
    """Steps per second, rounded to a tenth; 0 where no time has passed."""
    return round(count / seconds, 1) if seconds > 0 else 0.0
