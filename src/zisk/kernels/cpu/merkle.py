"""Sponges over the rows of matrices, and the nodes of Merkle trees.

Everything is uint32 in Montgomery form. Kernels take a range of rows, so that threads share them out. Rows go
through in groups of `ROWS`: the states of a group stay in the first cache while columns are read in pieces.
"""

import numpy as np

from zisk.kernels.cpu import field
from zisk.kernels.cpu.poseidon2 import permute_block
from zisk.kernels.cpu.vector_ir import LANES
from zisk.kernels.jit import kernel
from zisk.kernels.poseidon2_constants import WIDTH

RATE = 15
"""Elements of the state that a message overwrites; the other nine are the capacity."""

DIGEST = 9
"""Elements of a digest."""

ROWS = 8 * LANES
"""Rows of a group: 12 KiB of states."""


@kernel
def absorb(states: np.ndarray, start: int, stop: int, position: int, table: np.ndarray, coset: int) -> int:
    """Absorb the columns of a table into the states of rows `start` to `stop`; returns the new position.

    `states` is uint32[24, h]; `table` is uint32[columns, cosets, n] with n | h, read at row m mod n.
    `position`, below RATE, is the next place to overwrite. A full block is permuted at once.
    """
    rows = table.shape[2]
    blocks = np.zeros((ROWS // LANES, WIDTH, LANES), np.uint32)
    final = (position + table.shape[0]) % RATE
    for first in range(start, stop, ROWS):
        count = (min(ROWS, stop - first) + LANES - 1) // LANES
        _exchange(states, first, stop, blocks, False)
        place = position
        for column in range(table.shape[0]):
            for block in range(count):
                row = first + block * LANES
                if rows >= LANES:
                    row &= rows - 1
                    for lane in range(LANES):
                        blocks[block, place, lane] = table[column, coset, row + lane]
                else:
                    for lane in range(LANES):
                        blocks[block, place, lane] = table[column, coset, (row + lane) & (rows - 1)]
            place += 1
            if place == RATE:
                place = 0
                for block in range(count):
                    permute_block(blocks[block])
        _exchange(states, first, stop, blocks, True)
    return final


@kernel
def hash_rows(matrix: np.ndarray, tag: int, length: int, out: np.ndarray, start: int, stop: int) -> None:
    """Write the digests of rows `start` to `stop` of `matrix`, uint32[n, width], to `out`, uint32[9, n].

    `tag` and `length` are the first two capacity elements, in Montgomery form.
    """
    width = matrix.shape[1]
    block = np.zeros((WIDTH, LANES), np.uint32)
    for first in range(start, stop, LANES):
        lanes = min(LANES, stop - first)
        for k in range(WIDTH):
            for lane in range(LANES):
                block[k, lane] = tag if k == RATE else length if k == RATE + 1 else 0
        place = 0
        for column in range(width):
            for lane in range(lanes):
                block[place, lane] = matrix[first + lane, column]
            place += 1
            if place == RATE:
                place = 0
                permute_block(block)
        if place > 0 or width == 0:
            permute_block(block)
        for k in range(DIGEST):
            for lane in range(lanes):
                out[k, first + lane] = block[k, lane]


@kernel
def compress(children: np.ndarray, step: int, tag: int, out: np.ndarray, start: int, stop: int) -> None:
    """Write the nodes `start` to `stop` over `children`, uint32[9, step * n], to `out`, uint32[9, n].

    With step 2, node i is over children 2i and 2i + 1; with step 1, over child i twice. A node is the first
    nine elements of P(x) + x, where x is left, right, tag and five zeros.
    """
    block = np.zeros((WIDTH, LANES), np.uint32)
    for first in range(start, stop, LANES):
        lanes = min(LANES, stop - first)
        for k in range(DIGEST):
            for lane in range(lanes):
                block[k, lane] = children[k, step * (first + lane)]
                block[DIGEST + k, lane] = children[k, step * (first + lane) + step - 1]
        for k in range(2 * DIGEST, WIDTH):
            for lane in range(LANES):
                block[k, lane] = tag if k == 2 * DIGEST else 0
        permute_block(block)
        for k in range(DIGEST):
            for lane in range(lanes):
                out[k, first + lane] = field.add(block[k, lane], children[k, step * (first + lane)])


@kernel
def _exchange(states: np.ndarray, first: int, stop: int, blocks: np.ndarray, back: bool) -> None:
    """Copy the states of a group of rows into its blocks, or back."""
    for block in range(ROWS // LANES):
        row = first + block * LANES
        lanes = min(LANES, stop - row)
        for k in range(WIDTH):
            for lane in range(lanes):
                if back:
                    states[k, row + lane] = blocks[block, k, lane]
                else:
                    blocks[block, k, lane] = states[k, row + lane]


def warm() -> None:
    """Compile the kernels of this module."""
    states = np.zeros((WIDTH, 1), np.uint32)
    digests = np.zeros((DIGEST, 1), np.uint32)
    absorb(states, 0, 1, 0, np.zeros((1, 1, 1), np.uint32), 0)
    hash_rows(np.zeros((1, 1), np.uint32), 0, 0, digests, 0, 1)
    compress(digests, 1, 0, digests, 0, 1)
