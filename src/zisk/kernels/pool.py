"""One pool of threads per process, on which kernels run side by side.

Kernels release the interpreter lock, so threads are enough. Results come back in the order of the arguments:
how many threads there are, and which ends first, changes nothing.
"""

import itertools
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

Result = TypeVar("Result")


class Pool:
    """Runs a function over sequences on `threads` threads; None means one per core of this process.

    The caller is one of the threads: it works on its own tasks instead of waiting for others to begin.
    With one thread or one task, and inside one of its own tasks, everything runs inline: a task may use the
    pool it runs on without waiting for itself.
    """

    def __init__(self, threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise ValueError(f"a pool needs at least one thread, not {threads}")
        self.threads = threads or _available_cores()
        self._inside = threading.local()
        self._executor = (
            ThreadPoolExecutor(self.threads - 1, "zisk-kernel", self._enter) if self.threads > 1 else None
        )

    def map(self, function: Callable[..., Result], *sequences: Iterable[Any]) -> list[Result]:
        """Return `[function(*arguments) for arguments in zip(*sequences)]`, worked out in parallel.

        Tasks begin in the order of the arguments, so put the longest first. The first exception, in that
        order, is raised; tasks after it may not run.
        """
        tasks = list(zip(*sequences, strict=True))
        helpers = min(self.threads, len(tasks)) - 1
        if self._executor is None or helpers < 1 or getattr(self._inside, "running", False):
            return [function(*arguments) for arguments in tasks]
        shared = _Shared(function, tasks)
        futures = [self._executor.submit(shared.work) for _ in range(helpers)]
        self._inside.running = True
        try:
            shared.work()
        finally:
            self._inside.running = False
            for future in futures:
                if not future.cancel():
                    future.result()
        return shared.results()

    def chunks(self, length: int, smallest: int = 1, largest: int | None = None) -> list[tuple[int, int]]:
        """Cut `range(length)` into (start, stop) pieces of at least `smallest`, about four per thread.

        With `largest`, there are as many as it takes for none to exceed that.
        """
        pieces = max(1, min(4 * self.threads if self.threads > 1 else 1, length // max(smallest, 1)))
        if largest is not None:
            pieces = max(pieces, -(-length // largest))
        bounds = [length * k // pieces for k in range(pieces + 1)]
        return [(start, stop) for start, stop in itertools.pairwise(bounds) if start < stop]

    def _enter(self) -> None:
        self._inside.running = True


class _Shared:
    """Tasks that several threads take from one counter, so none is idle while there are any."""

    def __init__(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> None:
        self._function, self._tasks = function, tasks
        self._results: list[Any] = [None] * len(tasks)
        self._failures: dict[int, BaseException] = {}
        self._next = itertools.count()

    def work(self) -> None:
        """Run tasks until there are no more, or one has failed."""
        while not self._failures and (index := next(self._next)) < len(self._tasks):
            try:
                self._results[index] = self._function(*self._tasks[index])
            except BaseException as error:
                self._failures[index] = error

    def results(self) -> list[Any]:
        """What the tasks returned, once no thread works; raises the first failure.

        All tasks before one that failed began before it, so which failure is the first does not depend on
        timing.
        """
        if self._failures:
            raise self._failures[min(self._failures)]
        return self._results


@cache
def default_pool() -> Pool:
    """The pool of this process, with a thread for every core it may use."""
    return Pool()


def _available_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
