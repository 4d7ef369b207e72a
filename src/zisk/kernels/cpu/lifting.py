"""Sums of functions whose rows repeat, and the two chunks of a quotient.

Inner loops run over slices, whose indices start at zero: then LLVM vectorises them.
"""

import numpy as np

from zisk.kernels.cpu.field import add, mul, sub
from zisk.kernels.jit import kernel


@kernel
def add_repeated(total: np.ndarray, first: int, last: int, part: np.ndarray, origin: int) -> None:
    """total[:, r] += part[:, (r - origin) mod m] for first <= r < last, where origin <= first.

    total: uint32[5, n]. part: uint32[5, m], m any power of two. Montgomery.
    """
    period = part.shape[1]
    for k in range(5):
        start = first
        while start < last:
            place = (start - origin) & (period - 1)
            count = min(period - place, last - start)
            target, given = total[k, start : start + count], part[k, place : place + count]
            for row in range(count):
                target[row] = add(target[row], given[row])
            start += count


@kernel
def separate(
    mixed: np.ndarray, c0: np.uint32, c1: np.uint32, first: int, last: int, chunks: np.ndarray
) -> None:
    """Q0 and Q1 from a = (Q0 + c0 Q1) / (c0 - c1) and b = (Q0 + c1 Q1) / (c0 - c1), for some rows.

    mixed: uint32[5, 2, n], a and b. chunks: uint32[10, n], Q0 = c0 b - c1 a over Q1 = a - b. Montgomery.
    """
    for k in range(5):
        a, b = mixed[k, 0, first:last], mixed[k, 1, first:last]
        low, high = chunks[k, first:last], chunks[5 + k, first:last]
        for row in range(last - first):
            low[row] = sub(mul(b[row], c0), mul(a[row], c1))
            high[row] = sub(a[row], b[row])


def warm() -> None:
    """Compile the kernels for the types that the prover calls them with."""
    sums = np.ones((5, 1), dtype=np.uint32)
    add_repeated(sums, 0, 1, sums.copy(), 0)
    separate(np.ones((5, 2, 1), np.uint32), sums[0, 0], sums[0, 0], 0, 1, np.ones((10, 1), np.uint32))
