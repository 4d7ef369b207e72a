"""A Merkle tree that keeps its upper levels only, and hashes the rest again below the leaves it opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zisk.field.koalabear import from_montgomery
from zisk.hash.opening import missing_siblings
from zisk.hash.rows import Digests, compress_pairs
from zisk.hash.sponge import DIGEST_LENGTH


class LeavesChangedError(ValueError):
    """Leaves given for an opening are not those that the tree was built over."""

    def __init__(self) -> None:
        super().__init__("these leaves are not below the nodes of the tree: it was built over other rows")


@dataclass(frozen=True, eq=False, slots=True)
class PrunedTree:
    """What is left of a `zisk.hash.merkle.MerkleTree` without its `dropped` lowest levels.

    Attributes:
        log_leaves, log_repeats, cap_log: as in the whole tree.
        dropped: the levels that are gone, leaves included.
        levels: the nodes of the others up to the cap's, uint32[9, n] each, Montgomery; at least the cap's.
        cap: the nodes in which paths end, uint32[9, n], Montgomery.
    """

    log_leaves: int
    log_repeats: int
    cap_log: int
    dropped: int
    levels: tuple[NDArray[np.uint32], ...]
    cap: NDArray[np.uint32]

    @property
    def nbytes(self) -> int:
        """Memory that the nodes take, in bytes."""
        return sum(level.nbytes for level in self.levels)

    def covered(self, indices: Sequence[int]) -> NDArray[np.int64]:
        """The leaves whose digests `open` needs, ascending: all below the lowest kept nodes over `indices`.

        Of equal leaves next to each other only the first.
        """
        first = self._kept_over(np.array(indices, np.int64)) << self.dropped >> self.log_repeats
        return ((first[:, None] + np.arange(self._width(0))) << self.log_repeats).reshape(-1)

    def open(self, indices: Sequence[int], digests: Digests) -> Digests:
        """The siblings, uint32[s, 9], that prove distinct leaves given in ascending order.

        Args:
            indices: the leaves.
            digests: those of the leaves that `covered` names.

        Raises:
            LeavesChangedError: the digests do not hash to the kept nodes.
        """
        leaves = np.array(indices, np.int64)
        kept, below = self._kept_over(leaves), self._regrow(digests)
        if not np.array_equal(below[-1], self._nodes(self.dropped, kept)):
            raise LeavesChangedError
        siblings = [np.zeros((0, DIGEST_LENGTH), np.uint32)]
        for level, (_, missing) in enumerate(missing_siblings(self.log_leaves, self.cap_log, leaves)):
            if level >= self.dropped:
                siblings.append(self._nodes(level, missing))
                continue
            width = self._width(level)
            subtree = np.searchsorted(kept, missing >> (self.dropped - level))
            siblings.append(below[level][subtree * width + self._stored(level, missing) % width])
        return np.concatenate(siblings)

    def _kept_over(self, leaves: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.unique(leaves >> self.dropped)

    def _regrow(self, digests: Digests) -> list[Digests]:
        """The levels from the covered leaves to the lowest kept one."""
        levels = [digests]
        for level in range(self.dropped):
            nodes = levels[-1]
            pairs = (nodes, nodes) if level < self.log_repeats else (nodes[0::2], nodes[1::2])
            levels.append(compress_pairs(*pairs))
        return levels

    def _width(self, level: int) -> int:
        """The nodes of a dropped level, equal ones counted once, below one kept node."""
        return 1 << max(self.dropped - max(level, self.log_repeats), 0)

    def _stored(self, level: int, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places of nodes in a level that holds equal ones once."""
        return indices >> max(self.log_repeats - level, 0)

    def _nodes(self, level: int, indices: NDArray[np.int64]) -> Digests:
        nodes = self.levels[level - self.dropped][:, self._stored(level, indices)]
        return from_montgomery(nodes).T.astype(np.uint32)
