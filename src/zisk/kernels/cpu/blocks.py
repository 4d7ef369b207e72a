"""Blocks of elements of K, uint32[5, LANES] in Montgomery form: what batched arithmetic works on.

Their shape is known when a kernel is compiled and no block is part of another array, so LLVM needs few
checks to see that loops over their lanes may be vectorised. A destination is none of the operands.
"""

import numpy as np

from zisk.kernels.cpu.field import ONE, ZERO, add, mul, quintic_mul
from zisk.kernels.jit import inline_kernel

LANES = 64
"""Elements to a block: 1.25 KiB."""


@inline_kernel
def new_block() -> np.ndarray:
    """A block whose elements are 1."""
    block = np.zeros((5, LANES), np.uint32)
    for lane in range(LANES):
        block[0, lane] = ONE
    return block


@inline_kernel
def load_block(block: np.ndarray, values: np.ndarray, start: int) -> None:
    """Read the elements from `start` on of uint32[5, n]; beyond the last one they are 1."""
    count = min(LANES, values.shape[1] - start)
    for k in range(5):
        part = values[k, start : start + count]
        if count == LANES:
            for lane in range(LANES):
                block[k, lane] = part[lane]
        else:
            for lane in range(LANES):
                block[k, lane] = ONE if k == 0 else ZERO
            for lane in range(count):
                block[k, lane] = part[lane]


@inline_kernel
def load_row(row: np.ndarray, values: np.ndarray, start: int) -> None:
    """Read elements of F from `start` on of uint32[n] to uint32[LANES], as far as there are any."""
    count = min(LANES, values.size - start)
    part = values[start : start + count]
    for lane in range(count):
        row[lane] = part[lane]


@inline_kernel
def store_block(block: np.ndarray, values: np.ndarray, start: int) -> None:
    """Write a block to the elements from `start` on of uint32[5, n], as far as there are any."""
    count = min(LANES, values.shape[1] - start)
    for k in range(5):
        part = values[k, start : start + count]
        if count == LANES:
            for lane in range(LANES):
                part[lane] = block[k, lane]
        else:
            for lane in range(count):
                part[lane] = block[k, lane]


@inline_kernel
def copy_block(out: np.ndarray, block: np.ndarray) -> None:
    """Copy a block."""
    for k in range(5):
        for lane in range(LANES):
            out[k, lane] = block[k, lane]


@inline_kernel
def multiply_blocks(out: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
    """Multiply lane by lane."""
    for lane in range(LANES):
        product = quintic_mul(
            (left[0, lane], left[1, lane], left[2, lane], left[3, lane], left[4, lane]),
            (right[0, lane], right[1, lane], right[2, lane], right[3, lane], right[4, lane]),
        )
        for k in range(5):
            out[k, lane] = product[k]


@inline_kernel
def add_scaled_blocks(
    out: np.ndarray, left: np.ndarray, factors: np.ndarray, right: np.ndarray, others: np.ndarray
) -> None:
    """Out = left * factors + right * others, the factors uint32[LANES] in F."""
    for k in range(5):
        for lane in range(LANES):
            out[k, lane] = add(mul(left[k, lane], factors[lane]), mul(right[k, lane], others[lane]))
