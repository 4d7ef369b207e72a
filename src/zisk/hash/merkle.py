"""Merkle trees over rows of field elements.

Digests inside are uint32[9, n] in Montgomery form, level by level from the leaves, where the backend keeps
them. What leaves a tree in an opening is canonical; `zisk.hash.opening` checks it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zisk.field.koalabear import from_montgomery
from zisk.hash.opening import cap_log_size, missing_siblings, verify_opening
from zisk.hash.pruned_tree import PrunedTree
from zisk.hash.rows import hash_rows
from zisk.hash.sponge import DIGEST_LENGTH
from zisk.hash.tags import TAG_COMPRESSION, TAG_PART
from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array

__all__ = ["MerkleTree", "commit_rows", "commit_tables", "hash_rows", "verify_opening"]

Nodes = NDArray[np.uint32]
"""Some digests of one level: uint32[9, n], Montgomery."""


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

    def __init__(self, leaves: Array, log_repeats: int, cap_log: int, backend: Backend) -> None:
        self._log_repeats, self._cap_log, self._backend = log_repeats, cap_log, backend
        self.log_leaves = leaves.shape[1].bit_length() - 1 + log_repeats
        cap_size = cap_log_size(self.log_leaves, cap_log)
        top = self.log_leaves - cap_size
        self._levels = backend.merkle_levels(leaves, TAG_COMPRESSION, log_repeats, top)
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
        """The same tree, downloaded, without `levels` levels of distinct nodes and the repeats below them.

        The nodes of the cap stay in any case.
        """
        dropped = min(self._log_repeats + levels, len(self._levels) - 1)
        kept = tuple(map(self._backend.download, self._levels[dropped:]))
        return PrunedTree(self.log_leaves, self._log_repeats, self._cap_log, dropped, kept, self.cap)

    def _nodes(self, level: int, indices: NDArray[np.int64]) -> Nodes:
        places = indices >> max(self._log_repeats - level, 0)
        return self._backend.take(self._levels[level], places, axis=1)


def commit_tables(
    tables: Sequence[Array],
    log_rows: int,
    log_blowup: int,
    tag: int,
    cap_log: int,
    backend: Backend,
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
    tallest = max((table.shape[2] for table in tables if table.shape[0]), default=1)
    if tallest > 1 << log_rows:
        raise ValueError(f"a table of {tallest} rows does not fit a tree of 2^{log_rows}")
    leaves = backend.hash_tables(tables, log_blowup, tag, TAG_PART, sponges)
    return MerkleTree(leaves, log_rows - (tallest.bit_length() - 1), cap_log, backend)


def commit_rows(matrix: Array, tag: int, cap_log: int, backend: Backend) -> MerkleTree:
    """Commit to the rows of a matrix, uint32[rows, width], Montgomery; leaf i is row i."""
    return MerkleTree(backend.hash_rows(matrix, tag), 0, cap_log, backend)
