"""Blocks of elements of K, uint32[5, LANES] in Montgomery form: what batched arithmetic works on.

Their shape is known when a kernel is compiled and no block is part of another array, so LLVM needs few
checks to see that loops over their lanes may be vectorised. A destination is none of the operands.
"""

import numpy as np

from zisk.kernels.cpu.extension_ir import move_vector, multiply_vector
from zisk.kernels.cpu.field import ONE, ZERO, add, mul, quintic_conjugates, quintic_mul
from zisk.kernels.cpu.vector_ir import LANES as WIDTH
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
            for at in range(0, LANES, WIDTH):
                move_vector(block, k * LANES + at, part, at)
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
def copy_block(out: np.ndarray, block: np.ndarray) -> None:
    """Copy a block."""
    for at in range(0, 5 * LANES, WIDTH):
        move_vector(out, at, block, at)


@inline_kernel
def multiply_blocks(out: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
    """Multiply lane by lane."""
    for at in range(0, LANES, WIDTH):
        multiply_vector(out, at, left, at, right, at, LANES)


@inline_kernel
def invert_block(out: np.ndarray, block: np.ndarray) -> bool:
    """Invert lane by lane; returns whether all were invertible; a lane of 0 stays 0."""
    norms, powers, squares = (
        np.empty(LANES, np.uint32),
        np.empty(LANES, np.uint32),
        np.empty(LANES, np.uint32),
    )
    for lane in range(LANES):
        a = (block[0, lane], block[1, lane], block[2, lane], block[3, lane], block[4, lane])
        others = quintic_conjugates(a)
        norms[lane] = quintic_mul(a, others)[0]
        for k in range(5):
            out[k, lane] = others[k]
    for lane in range(LANES):
        powers[lane] = norms[lane]
    for step in range(30):  # as in `inverse`: the exponent p - 2 is five ones, a zero and 24 ones
        for lane in range(LANES):
            squares[lane] = mul(powers[lane], powers[lane])
        for lane in range(LANES):
            powers[lane] = squares[lane] if step == 5 else mul(squares[lane], norms[lane])
    smallest = ONE
    for lane in range(LANES):
        smallest = min(smallest, norms[lane])
    for k in range(5):
        for lane in range(LANES):
            out[k, lane] = mul(out[k, lane], powers[lane])
    return smallest != ZERO


@inline_kernel
def scale_block(out: np.ndarray, block: np.ndarray, factors: np.ndarray) -> None:
    """Multiply lane by lane by uint32[LANES] in F."""
    for k in range(5):
        for lane in range(LANES):
            out[k, lane] = mul(block[k, lane], factors[lane])


@inline_kernel
def add_scaled_blocks(
    out: np.ndarray, left: np.ndarray, factors: np.ndarray, right: np.ndarray, others: np.ndarray
) -> None:
    """Out = left * factors + right * others, the factors uint32[LANES] in F."""
    for k in range(5):
        for lane in range(LANES):
            out[k, lane] = add(mul(left[k, lane], factors[lane]), mul(right[k, lane], others[lane]))
