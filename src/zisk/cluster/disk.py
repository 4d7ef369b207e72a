"""Work with files, done on a few threads, so that no disk holds up the event loop."""

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any, TypeVar

__all__ = ["held_on_disk", "on_disk"]

_T = TypeVar("_T")

_MOST_THREADS = 8
"""Threads for files: what is above waits its turn."""

_LET_GO_SECONDS = 2.0
"""How long a task that is cancelled waits for the thread that works for it."""


async def on_disk(work: Callable[[], _T]) -> _T:
    """Wait for what `work` returns or raises on one of the threads.

    A task that is cancelled first lets the thread finish, so that nobody closes a file under its hands; a
    disk that does not answer at all does not keep it.
    """
    done: Future[_T] = Future()
    _pool.submit(done, work)
    waiting = asyncio.wrap_future(done)
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        waiting.add_done_callback(_look_at)  # Nobody else asks what came of it.
        if not done.cancel():
            await asyncio.wait({waiting}, timeout=_LET_GO_SECONDS)
        raise


def _look_at(done: asyncio.Future[Any]) -> None:
    if not done.cancelled():
        done.exception()


@asynccontextmanager
async def held_on_disk(context: AbstractContextManager[_T]) -> AsyncIterator[_T]:
    """A context whose beginning and end are work with files."""
    value = await on_disk(context.__enter__)
    try:
        yield value
    except BaseException as error:
        failure = error
        if not await on_disk(lambda: context.__exit__(type(failure), failure, failure.__traceback__)):
            raise
    else:
        await on_disk(lambda: context.__exit__(None, None, None))


class _Pool:
    """Threads that do not keep the process from ending, started as they are needed."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._under_way = 0

    def submit(self, done: Future[_T], work: Callable[[], _T]) -> None:
        """Have `work` done; what comes of it is told to `done`."""

        def call() -> None:
            if not done.set_running_or_notify_cancel():
                return
            try:
                done.set_result(work())
            except BaseException as error:
                done.set_exception(error)

        with self._lock:
            self._under_way += 1
            if self._threads < min(self._under_way, _MOST_THREADS):
                self._threads += 1
                threading.Thread(target=self._serve, name=f"zisk-disk-{self._threads}", daemon=True).start()
        self._waiting.put(call)

    def _serve(self) -> None:
        while True:
            self._waiting.get()()
            with self._lock:
                self._under_way -= 1


_pool = _Pool()
