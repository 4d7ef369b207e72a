"""Transfers on which nothing moves any more are ended, though nobody gave them a time."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Awaitable, Iterable, Iterator
from typing import Any, TypeVar

from zisk.cluster.errors import ArtifactError
from zisk.cluster.protocol.limits import STALL_SECONDS

__all__ = ["Movement", "watched"]

_T = TypeVar("_T")


class Movement:
    """When something last moved on a transfer; `what` names it, such as "a download"."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._last = time.monotonic()

    def note(self) -> None:
        """Something moved."""
        self._last = time.monotonic()

    def noting(self, messages: Iterable[_T]) -> Iterator[_T]:
        """The same messages; each that is asked for is a movement."""
        for message in messages:
            self.note()
            yield message
        self.note()

    @property
    def left(self) -> float:
        """Seconds in which something has to move."""
        return self._last + STALL_SECONDS - time.monotonic()

    def stalled(self) -> ArtifactError:
        """The error of a transfer on which nothing moves."""
        return ArtifactError(
            f"{self._what} stood still for {STALL_SECONDS:g} s; look after coordinator and network, "
            "then try again"
        )

    async def while_moving(self, waited_for: Awaitable[_T]) -> _T:
        """What is waited for.

        Raises:
            ArtifactError: nothing moves before it is there.

        """
        task = asyncio.ensure_future(_result(waited_for))
        try:
            while not task.done():
                if (left := self.left) <= 0:
                    raise self.stalled()
                await asyncio.wait({task}, timeout=left)
            return task.result()
        finally:
            task.cancel()


async def _result(waited_for: Awaitable[_T]) -> _T:
    return await waited_for


@contextlib.contextmanager
def watched(call: Any, movement: Movement) -> Iterator[None]:
    """Wait for a call within the context, after which it is over; it is ended early when nothing moves.

    Raises:
        ArtifactError: nothing moved.

    """
    over, stalled = threading.Event(), threading.Event()

    def watch() -> None:
        while not over.wait(max(0.0, movement.left)):
            if movement.left <= 0:
                stalled.set()
                call.cancel()
                return

    watcher = threading.Thread(target=watch, name="zisk-watch", daemon=True)
    watcher.start()
    try:
        yield
    except Exception:
        if stalled.is_set():
            raise movement.stalled() from None
        raise
    finally:
        over.set()
        call.cancel()
        watcher.join()
