"""The search for a proof-of-work nonce."""

import itertools
from collections.abc import Sequence

import numpy as np

from zisk.kernels.cpu import field
from zisk.kernels.cpu.poseidon2 import permute_block
from zisk.kernels.cpu.vector_ir import LANES
from zisk.kernels.jit import kernel
from zisk.kernels.parameters import MONTGOMERY_BITS, MONTGOMERY_SQUARE, P
from zisk.kernels.pool import Pool
from zisk.kernels.poseidon2_constants import WIDTH

TASK_NONCES = 1 << 12
"""Nonces that one task tries: about half a millisecond."""

NONE = -1


def smallest_nonce(state: Sequence[int], position: int, bits: int, pool: Pool) -> int:
    """The smallest nonce that, written at a position of a state, gives an element with `bits` low zeros.

    The element is the first one of the permuted state, canonical. `state` holds 24 canonical elements.
    Threads take ranges of nonces in ascending order and search each upwards. A thread ends when it takes a
    range after one with a nonce; those before it were taken earlier and are searched to their end.

    Raises:
        ValueError: no element of the field is such a nonce.
    """
    start = np.array([(x << MONTGOMERY_BITS) % P for x in state], np.uint32)
    ranges = itertools.count(0, TASK_NONCES)
    found: list[int] = []

    def search(_: int) -> None:
        for first in ranges:
            if first >= P or any(nonce < first for nonce in found):
                return
            nonce = _search(start, position, first, TASK_NONCES, bits)
            if nonce != NONE:
                found.append(nonce)

    pool.map(search, range(pool.threads))
    if not found:
        raise ValueError(f"no nonce gives {bits} low zeros")
    return min(found)


@kernel
def _search(state: np.ndarray, position: int, first: int, count: int, bits: int) -> int:
    """The smallest nonce of `count` from `first` on that does it, or NONE; nonces are below p."""
    block = np.empty((WIDTH, LANES), np.uint32)
    mask = np.uint32((1 << bits) - 1)
    for start in range(first, min(first + count, P), LANES):
        for k in range(WIDTH):
            for lane in range(LANES):
                block[k, lane] = state[k]
        for lane in range(LANES):
            block[position, lane] = field.mul(np.uint32(start + lane), np.uint32(MONTGOMERY_SQUARE))
        permute_block(block)
        for lane in range(LANES):
            canonical = field.reduce(np.uint64(block[0, lane]))
            if canonical & mask == 0 and start + lane < P:
                return start + lane
    return NONE


def warm() -> None:
    """Compile the kernels of this module."""
    _search(np.zeros(WIDTH, np.uint32), 0, 0, 1, 0)
