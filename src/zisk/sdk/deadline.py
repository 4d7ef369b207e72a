"""The time that a caller gives for a whole job, of which every call gets what is left."""

import math
import time

from zisk.cluster.errors import JobFailedError
from zisk.errors import ErrorKind

__all__ = ["Deadline"]

_LEAST_SECONDS = 0.01
"""What no call can use: a call whose time is up may end that much before its deadline."""


class Deadline:
    """A time from now on, in seconds; without one it never passes.

    Raises:
        ValueError: there is no such time.
    """

    def __init__(self, seconds: float | None = None) -> None:
        if seconds is not None and not seconds >= 0:
            raise ValueError(f"a timeout is a number of seconds from 0 up, not {seconds}; None is for none")
        self._seconds = seconds
        self._at = None if seconds is None else time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """Whether no time is left that a call could use."""
        return self._at is not None and time.monotonic() >= self._at - _LEAST_SECONDS

    def left(self) -> float | None:
        """Seconds that are left, at least 0; None without a deadline."""
        return None if self._at is None else max(0.0, self._at - time.monotonic())

    def at_most(self, seconds: float) -> float:
        """What is left of `seconds` that something may take."""
        left = self.left()
        return seconds if left is None else min(seconds, left)

    def end(self) -> None:
        """Let it pass now, from any thread."""
        self._seconds, self._at = 0.0, -math.inf

    def check(self, what: str) -> None:
        """Raise TimeoutError where it has passed; `what` says where things stand, as "it is not over"."""
        if self.passed:
            raise TimeoutError(f"{what} after {self._seconds:g} s; it goes on: ask again, or cancel it")

    def failure(self, what: str) -> JobFailedError:
        """The error of a job that was not done in time; `what` says where it was, as "it was not taken"."""
        return JobFailedError(
            ErrorKind.TIMEOUT, f"{what} after the {self._seconds:g} s that it was given; allow it more"
        )
