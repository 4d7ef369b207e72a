"""Sponges over the rows of matrices, and the nodes of Merkle trees.

Everything is uint32 in Montgomery form. Kernels take a range of rows, blocks or nodes, so that threads share
them out.
"""

import numpy as np

from zisk.kernels.cpu import field
from zisk.kernels.cpu.poseidon2 import copy_lanes, permute_block
from zisk.kernels.cpu.vector_ir import LANES
from zisk.kernels.jit import kernel
from zisk.kernels.poseidon2_constants import DIGEST_LENGTH, RATE, WIDTH

GROUP = 8
"""Blocks of states that take a column together: 12 KiB of states, and 512 bytes of the column at a time."""


@kernel
def absorb(states: np.ndarray, start: int, stop: int, position: int, table: np.ndarray, coset: int) -> None:
    """Absorb the columns of a table into the blocks `start` to `stop` of states.

    `states` is uint32[blocks, 24, LANES]: the state of row m is lane m mod LANES of block m div LANES.
    `table` is uint32[columns, cosets, n], n a power of two, read at row m mod n. `position`, below RATE, is
    the next place to overwrite. A full block is permuted at once.
    """
    rows = table.shape[2]
    for first in range(start, stop, GROUP):
        last = min(first + GROUP, stop)
        place = position
        for column in range(table.shape[0]):
            for block in range(first, last):
                row = (block * LANES) & (rows - 1)
                if rows >= LANES:
                    for lane in range(LANES):
                        states[block, place, lane] = table[column, coset, row + lane]
                else:
                    for lane in range(LANES):
                        states[block, place, lane] = table[column, coset, lane & (rows - 1)]
            place += 1
            if place == RATE:
                place = 0
                permute_blocks(states, first, last)


@kernel
def absorb_rates(states: np.ndarray, start: int, stop: int, source: np.ndarray) -> None:
    """Absorb the first fifteen elements of other states, which repeat, and permute.

    `source` is laid out like `states`, and has no more blocks than they. Nothing may be absorbed before.
    """
    period = source.shape[0]
    for block in range(start, stop):
        copy_lanes(source[block % period], 0, states[block], 0, RATE, LANES)
    permute_blocks(states, start, stop)


@kernel
def repeat_blocks(source: np.ndarray, states: np.ndarray, start: int, stop: int) -> None:
    """Set the blocks `start` to `stop` of states to those of `source`, which repeat."""
    period = source.shape[0]
    for block in range(start, stop):
        copy_lanes(source[block % period], 0, states[block], 0, WIDTH, LANES)


@kernel
def permute_blocks(states: np.ndarray, start: int, stop: int) -> None:
    """Permute the states of the blocks `start` to `stop`."""
    for block in range(start, stop):
        permute_block(states[block])


@kernel
def gather_leaves(
    states: np.ndarray,
    reversed_lane: np.ndarray,
    reversed_tile: np.ndarray,
    out: np.ndarray,
    coset: int,
    start: int,
    stop: int,
) -> None:
    """Write the digests of all rows in bit-reversed order to `out[:, coset]`, uint32[9, B, n], n >= LANES^2.

    A row is (top, tile, lane), its leaf is (reversed lane, reversed tile, reversed top), where top and lane
    have log2 LANES bits. So a tile reads and writes whole vectors. This call does tiles `start` to `stop`.
    """
    tiles = states.shape[0] // LANES
    for tile in range(start, stop):
        for k in range(DIGEST_LENGTH):
            for lane in range(LANES):
                leaf = (reversed_lane[lane] * tiles + reversed_tile[tile]) * LANES
                for place in range(LANES):
                    out[k, coset, leaf + place] = states[reversed_lane[place] * tiles + tile, k, lane]


@kernel
def hash_rows(matrix: np.ndarray, tag: int, length: int, out: np.ndarray, start: int, stop: int) -> None:
    """Hash rows `start` to `stop` of `matrix`, uint32[n, width]; write the first of each last state to `out`.

    `out` is uint32[k, n], k = 9 for digests and at most 24. `tag` and `length` are the first two capacity
    elements, in Montgomery form.
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
        copy_lanes(block, 0, out, first, out.shape[0], lanes)


@kernel
def compress(children: np.ndarray, step: int, tag: int, out: np.ndarray, start: int, stop: int) -> None:
    """Write the nodes `start` to `stop` over `children`, uint32[9, step * n], to `out`, uint32[9, n].

    With step 2, node i is over children 2i and 2i + 1; with step 1, over child i twice. A node is the first
    nine elements of P(x) + x, where x is left, right, tag and five zeros.
    """
    block = np.zeros((WIDTH, LANES), np.uint32)
    left = np.zeros((DIGEST_LENGTH, LANES), np.uint32)
    for first in range(start, stop, LANES):
        lanes = min(LANES, stop - first)
        for k in range(DIGEST_LENGTH):
            part, right = children[k, step * first : step * (first + lanes)], block[DIGEST_LENGTH + k]
            if lanes == LANES and step == 2:
                for lane in range(LANES):
                    left[k, lane], right[lane] = part[2 * lane], part[2 * lane + 1]
            else:
                for lane in range(lanes):
                    left[k, lane], right[lane] = part[step * lane], part[step * lane + step - 1]
        copy_lanes(left, 0, block, 0, DIGEST_LENGTH, LANES)
        for k in range(2 * DIGEST_LENGTH, WIDTH):
            for lane in range(LANES):
                block[k, lane] = tag if k == 2 * DIGEST_LENGTH else 0
        permute_block(block)
        for k in range(DIGEST_LENGTH):
            for lane in range(LANES):
                block[k, lane] = field.add(block[k, lane], left[k, lane])
        copy_lanes(block, 0, out, first, DIGEST_LENGTH, lanes)


def warm() -> None:
    """Compile the kernels of this module."""
    states = np.zeros((1, WIDTH, LANES), np.uint32)
    digests = np.zeros((DIGEST_LENGTH, 1), np.uint32)
    absorb(states, 0, 1, 0, np.zeros((1, 1, 1), np.uint32), 0)
    absorb_rates(states, 0, 1, states.copy())
    order = np.zeros(LANES, np.int64)
    gather_leaves(states, order, order, digests[:, None], 0, 0, 0)
    hash_rows(np.zeros((1, 1), np.uint32), 0, 0, digests, 0, 1)
    permute_blocks(states, 0, 1)
    repeat_blocks(states, states.copy(), 0, 1)
    compress(digests, 1, 0, digests, 0, 1)
