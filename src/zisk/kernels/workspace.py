"""Memory for large arrays that is handed out again when they are gone.

The system gives a process fresh memory page by page, as it is first written to, and on a virtual machine
that can take longer than what is written. The segments of a run ask for the same sizes over and over.
So memory of arrays that nobody refers to is kept for the next ones of about their size.
"""

from __future__ import annotations

import math
import mmap
import threading
import weakref
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike, NDArray

LEAST_BYTES = 4 << 20
"""Smaller arrays are NumPy's own: what they leave, the C library hands out again."""

IDLE_BYTES = 3 << 30
"""Memory that is kept at most while nothing is in it: a segment of size 20 takes two thirds of that."""

GRAIN_BYTES = 2 << 20
"""Sizes are multiples of this, a large page."""

WASTE = 4
"""An array may leave one part in this many of its memory unused."""


class Workspace:
    """Memory of a process for arrays.

    Attributes:
        idle_bytes: how much is kept while nothing is in it; what is idle longest is given back first.
    """

    def __init__(self, idle_bytes: int = IDLE_BYTES) -> None:
        self.idle_bytes = idle_bytes
        self._idle: list[mmap.mmap] = []
        self._returned: deque[mmap.mmap] = deque()
        self._lock = threading.Lock()

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike = np.uint32) -> NDArray:
        """An array like `numpy.empty`: its content is undefined.

        Its memory is free for others once the array and all views of it are gone.
        """
        kind = np.dtype(dtype)
        size = math.prod(shape) * kind.itemsize
        if size < LEAST_BYTES:
            return np.empty(shape, kind)
        whole = lent(self._take(size), size, self._give_back)
        return whole.view(kind).reshape(shape)

    def zeros(self, shape: tuple[int, ...], dtype: DTypeLike = np.uint32) -> NDArray:
        """The same, filled with zeros."""
        array = self.empty(shape, dtype)
        array.fill(0)
        return array

    def _take(self, size: int) -> mmap.mmap:
        wanted = -(-size // GRAIN_BYTES) * GRAIN_BYTES
        with self._lock:
            self._collect()
            fitting = [one for one in self._idle if 0 <= len(one) - wanted <= len(one) // WASTE]
            if fitting:
                found = min(reversed(fitting), key=len)  # of equal ones the last that was in use
                self._idle = [one for one in self._idle if one is not found]
                return found
            self._trim(self.idle_bytes - wanted)
        memory = fresh_memory(wanted)
        if hasattr(mmap, "MADV_HUGEPAGE"):
            memory.madvise(mmap.MADV_HUGEPAGE)
        return memory

    def _give_back(self, memory: mmap.mmap) -> None:
        """Take memory back; garbage may be collected anywhere, even under the lock, so this never waits."""
        self._returned.append(memory)
        if self._lock.acquire(blocking=False):
            try:
                self._collect()
                self._trim(self.idle_bytes)
            finally:
                self._lock.release()

    def _collect(self) -> None:
        while self._returned:
            self._idle.append(self._returned.popleft())

    def _trim(self, bound: int) -> None:
        excess = sum(map(len, self._idle)) - bound
        while excess > 0 and self._idle:
            excess -= len(self._idle.pop(0))


def fresh_memory(size: int) -> mmap.mmap:
    """So many bytes of zeros; pages that nobody writes to cost nothing."""
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def lent(memory: mmap.mmap, size: int, give_back: Callable[[mmap.mmap], object]) -> NDArray[np.uint8]:
    """The first bytes of memory as an array; once it and all its views are gone, `give_back` gets the memory.

    Views of a view refer to this array, and it to no other: so it lives as long as any of them.
    """
    whole = np.frombuffer(memory, np.uint8, size)
    weakref.finalize(whole, give_back, memory).atexit = False
    return whole


PROCESS = Workspace()
"""The workspace of this process."""

empty, zeros = PROCESS.empty, PROCESS.zeros
"""Arrays of this process's workspace."""
