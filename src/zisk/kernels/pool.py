"""One pool of threads per process, on which kernels run side by side.

Kernels release the interpreter lock, so threads are enough. Results come back in the order of the arguments:
how many threads there are, and which ends first, changes nothing.
"""

import itertools
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

Result = TypeVar("Result")


class Pool:
    """Runs a function over sequences on `threads` threads; None means one per core of this process.

    With one thread, and inside one of its own tasks, everything runs inline: a task may use the pool it
    runs on without waiting for itself.
    """

    def __init__(self, threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise ValueError(f"a pool needs at least one thread, not {threads}")
        self.threads = threads or _available_cores()
        self._inside = threading.local()
        self._executor = (
            ThreadPoolExecutor(self.threads, "zisk-kernel", self._enter) if self.threads > 1 else None
        )

    def map(self, function: Callable[..., Result], *sequences: Iterable[Any]) -> list[Result]:
        """Return `[function(*arguments) for arguments in zip(*sequences)]`, worked out in parallel.

        The first exception, in the order of the arguments, is raised.
        """
        if self._executor is None or getattr(self._inside, "running", False):
            return [function(*arguments) for arguments in zip(*sequences, strict=True)]
        futures = [self._executor.submit(function, *arguments) for arguments in zip(*sequences, strict=True)]
        return [future.result() for future in futures]

    def chunks(self, length: int, smallest: int = 1) -> list[tuple[int, int]]:
        """Cut `range(length)` into (start, stop) pieces of at least `smallest`, about two per thread."""
        pieces = max(1, min(2 * self.threads if self.threads > 1 else 1, length // max(smallest, 1)))
        bounds = [length * k // pieces for k in range(pieces + 1)]
        return [(start, stop) for start, stop in itertools.pairwise(bounds) if start < stop]

    def _enter(self) -> None:
        self._inside.running = True


@cache
def default_pool() -> Pool:
    """The pool of this process, with a thread for every core it may use."""
    return Pool()


def _available_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
