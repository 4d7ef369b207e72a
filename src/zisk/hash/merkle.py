"""Merkle trees over rows of field elements.

Digests inside are uint32[9, n] in Montgomery form, level by level from the leaves. What leaves a tree in an
opening is canonical; `zisk.hash.opening` checks it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zisk.field.koalabear import from_montgomery, to_montgomery
from zisk.hash.lifted_sponge import LiftedSponge
from zisk.hash.opening import cap_log_size, missing_siblings, verify_opening
from zisk.hash.pruned_tree import PrunedTree
from zisk.hash.rows import hash_rows
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.hash.tags import TAG_COMPRESSION, TAG_PART
from zisk.kernels import workspace
from zisk.kernels.cpu import merkle as kernels
from zisk.kernels.pool import Pool

__all__ = ["MerkleTree", "commit_rows", "commit_tables", "hash_rows", "verify_opening"]

Nodes = NDArray[np.uint32]
"""Digests of one level: uint32[9, n], Montgomery."""

TASK_HASHES = 1 << 10
"""Permutations that are worth a task of their own."""


class MerkleTree:
    """A tree over digests, each standing for 2^log_repeats equal leaves next to each other.

    Args:
        leaves: the distinct leaf digests in leaf order, uint32[9, n], n a power of two.
        log_repeats: the bottom levels, whose nodes have two equal children. Each is computed once.
        cap_log: log2 of the digests wanted in the cap; `zisk.hash.opening.cap_log_size` says how many it has.

    Attributes:
        log_leaves: log2 of the number of leaves, repeats counted.
        cap: the nodes in which paths end, uint32[9, 2^cap_log] or fewer.
    """

    def __init__(self, leaves: Nodes, log_repeats: int, cap_log: int, pool: Pool) -> None:
        self._log_repeats, self._cap_log = log_repeats, cap_log
        self.log_leaves = leaves.shape[1].bit_length() - 1 + log_repeats
        tag = int(to_montgomery(TAG_COMPRESSION))
        self._levels = [leaves]
        cap_size = cap_log_size(self.log_leaves, cap_log)
        for level in range(self.log_leaves - cap_size):
            children = self._levels[-1]
            self._levels.append(_parents(children, 1 if level < log_repeats else 2, tag, pool))
        top = len(self._levels) - 1
        self.cap = self._nodes(top, np.arange(1 << cap_size))

    @property
    def nbytes(self) -> int:
        """Memory that the nodes take, in bytes."""
        return sum(level.nbytes for level in self._levels)

    def open(self, indices: Sequence[int]) -> NDArray[np.uint32]:
        """The siblings, uint32[s, 9] canonical, that prove distinct leaves given in ascending order."""
        leaves = np.array(indices, np.int64)
        parts = [
            self._nodes(level, missing)
            for level, (_, missing) in enumerate(missing_siblings(self.log_leaves, self._cap_log, leaves))
        ]
        siblings = np.concatenate(parts, axis=1) if parts else np.zeros((DIGEST_LENGTH, 0), np.uint32)
        return from_montgomery(siblings).T.astype(np.uint32)

    def pruned(self, levels: int) -> PrunedTree:
        """The same tree without `levels` levels of distinct nodes, and without the repeats below them.

        The nodes of the cap stay in any case.
        """
        dropped = min(self._log_repeats + levels, len(self._levels) - 1)
        kept = tuple(self._levels[dropped:])
        return PrunedTree(self.log_leaves, self._log_repeats, self._cap_log, dropped, kept, self.cap)

    def _nodes(self, level: int, indices: NDArray[np.int64]) -> Nodes:
        return self._levels[level][:, indices >> max(self._log_repeats - level, 0)]


def commit_tables(
    tables: Sequence[NDArray[np.uint32]],
    log_rows: int,
    log_blowup: int,
    tag: int,
    cap_log: int,
    pool: Pool,
    *,
    sponges: Sequence[int] = (),
) -> MerkleTree:
    """Commit to the rows of extended tables, lifted to 2^log_rows, side by side in the order given.

    `tables` are uint32[columns, 2^log_blowup, n], Montgomery, each of its own height n <= 2^log_rows. Leaf
    bitreverse(b) * 2^log_rows + bitreverse(m) is the digest of the concatenated [:, b, m mod n].
    `sponges` are numbers of tables, from the first on, that share a sponge of their own: their columns are a
    part of the row that `rows.hash_leaves` hashes apart.

    Raises:
        ValueError: a table is taller than the tree, or has another number of cosets.
    """
    cosets, left, sides = 1 << log_blowup, list(tables), []
    for count in sponges:
        some, left = left[:count], left[count:]
        sides.append(_absorbed(some, log_rows, LiftedSponge(cosets, TAG_PART, _columns(some), pool)))
    sponge = LiftedSponge(cosets, tag, RATE * len(sides) + _columns(left), pool)
    for side in sides:
        sponge.absorb_sponge(side)
    _absorbed(left, log_rows, sponge)
    return MerkleTree(sponge.finish(), log_rows - (sponge.height.bit_length() - 1), cap_log, pool)


def _columns(tables: Sequence[NDArray[np.uint32]]) -> int:
    return sum(len(table) for table in tables)


def _absorbed(tables: Sequence[NDArray[np.uint32]], log_rows: int, sponge: LiftedSponge) -> LiftedSponge:
    for table in tables:
        if not len(table):
            continue
        if table.shape[2] > 1 << log_rows:
            raise ValueError(f"a table of {table.shape[2]} rows does not fit a tree of 2^{log_rows}")
        sponge.absorb(table)
    return sponge


def commit_rows(matrix: NDArray[np.uint32], tag: int, cap_log: int, pool: Pool) -> MerkleTree:
    """Commit to the rows of a matrix, uint32[rows, width], Montgomery; leaf i is row i."""
    rows, width = matrix.shape
    leaves = workspace.empty((DIGEST_LENGTH, rows))
    tag_form, length_form = to_montgomery([tag, width]).tolist()
    matrix = np.ascontiguousarray(matrix)
    pool.map(
        lambda piece: kernels.hash_rows(matrix, tag_form, length_form, leaves, *piece),
        pool.chunks(rows, TASK_HASHES),
    )
    return MerkleTree(leaves, 0, cap_log, pool)


def _parents(children: Nodes, step: int, tag: int, pool: Pool) -> Nodes:
    """The level above: over pairs with step 2, over each node twice with step 1."""
    count = children.shape[1] // step
    parents = workspace.empty((DIGEST_LENGTH, count))
    pool.map(
        lambda piece: kernels.compress(children, step, tag, parents, *piece),
        pool.chunks(count, TASK_HASHES),
    )
    return parents
