"""Leaf digests of tables and matrices, and the levels of Merkle trees above them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.kernels import workspace
from zisk.kernels.cpu import merkle as kernels
from zisk.kernels.cpu.lifted_sponge import LiftedSponge
from zisk.kernels.elements import to_montgomery
from zisk.kernels.pool import Pool
from zisk.kernels.poseidon2_constants import DIGEST_LENGTH, RATE

TASK_HASHES = 1 << 10
"""Permutations that are worth a task of their own."""


def hash_tables(
    tables: Sequence[np.ndarray],
    log_blowup: int,
    tag: int,
    part_tag: int,
    sponges: Sequence[int],
    pool: Pool,
) -> np.ndarray:
    """The digests of the lifted rows of tables, in leaf order; see `Backend.hash_tables`.

    Raises:
        ValueError: a table has another number of cosets.
    """
    cosets, left, sides = 1 << log_blowup, list(tables), []
    for count in sponges:
        some, left = left[:count], left[count:]
        sides.append(_absorbed(some, LiftedSponge(cosets, part_tag, _columns(some), pool)))
    sponge = LiftedSponge(cosets, tag, RATE * len(sides) + _columns(left), pool)
    for side in sides:
        sponge.absorb_sponge(side)
    return _absorbed(left, sponge).finish()


def hash_rows(matrix: np.ndarray, tag: int, pool: Pool) -> np.ndarray:
    """The digests of the rows of uint32[n, width]: uint32[9, n]."""
    rows, width = matrix.shape
    leaves = workspace.empty((DIGEST_LENGTH, rows))
    tag_form, length_form = to_montgomery([tag, width]).tolist()
    matrix = np.ascontiguousarray(matrix)
    pool.map(
        lambda piece: kernels.hash_rows(matrix, tag_form, length_form, leaves, *piece),
        pool.chunks(rows, TASK_HASHES),
    )
    return leaves


def merkle_levels(
    leaves: np.ndarray, tag: int, log_repeats: int, levels: int, pool: Pool
) -> list[np.ndarray]:
    """The levels of a tree from the leaves through `levels` more; see `Backend.merkle_levels`."""
    tag_form, found = int(to_montgomery(tag)), [leaves]
    for level in range(levels):
        found.append(_parents(found[-1], 1 if level < log_repeats else 2, tag_form, pool))
    return found


def _columns(tables: Sequence[np.ndarray]) -> int:
    return sum(len(table) for table in tables)


def _absorbed(tables: Sequence[np.ndarray], sponge: LiftedSponge) -> LiftedSponge:
    for table in tables:
        if len(table):
            sponge.absorb(table)
    return sponge


def _parents(children: np.ndarray, step: int, tag: int, pool: Pool) -> np.ndarray:
    """The level above: over pairs with step 2, over each node twice with step 1."""
    count = children.shape[1] // step
    parents = workspace.empty((DIGEST_LENGTH, count))
    pool.map(
        lambda piece: kernels.compress(children, step, tag, parents, *piece),
        pool.chunks(count, TASK_HASHES),
    )
    return parents
