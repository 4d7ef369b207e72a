"""What a session keeps of its committed segments until their proofs.

Most of a commitment's time is hashing, most of its memory is traces and tables. So a segment that does not
fit whole leaves its pruned tree: then executing, filling and extending it again is all that its proof needs.
"""

from __future__ import annotations

from zisk.hash.merkle import MerkleTree
from zisk.hash.pruned_tree import PrunedTree
from zisk.stark.prove import CommittedSegment

DROPPED_LEVELS = 3
"""Levels that a kept tree lacks: it takes an eighth at most, and opening a leaf hashes 8 rows again.

At size 20 that is 4.5 to 9 MiB, where a whole segment takes some 500, and less than 1 % of its time.
"""


class SegmentCache:
    """Segments of a session by position: whole ones, pruned trees of others, nothing of the rest.

    Args:
        capacity: bytes that whole segments and trees may take together.
    """

    def __init__(self, capacity: int) -> None:
        self._left = capacity
        self._whole: dict[int, CommittedSegment] = {}
        self._trees: dict[int, PrunedTree] = {}

    @property
    def whole(self) -> list[int]:
        """Positions of the segments that are kept whole, ascending."""
        return sorted(self._whole)

    def keep(self, position: int, segment: CommittedSegment) -> None:
        """Keep a freshly committed segment whole if there is room, else its tree.

        Where there is no room even for that, segments kept whole are pruned first, the last one kept before
        others.
        """
        if segment.nbytes <= self._left:
            self._left -= segment.nbytes
            self._whole[position] = segment
            return
        tree = _pruned(segment)
        while self._whole and tree.nbytes > self._left:
            other, pruned = self._whole.popitem()
            self._left += pruned.nbytes
            self._keep_tree(other, _pruned(pruned))
        self._keep_tree(position, tree)

    def take(self, position: int) -> CommittedSegment:
        """A segment that is kept whole; the cache forgets it."""
        segment = self._whole.pop(position)
        self._left += segment.nbytes
        return segment

    def forget(self, position: int) -> None:
        """Make room: the segment is not asked for again."""
        if position in self._whole:
            self.take(position)
        self.take_tree(position)

    def take_tree(self, position: int) -> PrunedTree | None:
        """The tree of a segment, if that is kept; the cache forgets it."""
        tree = self._trees.pop(position, None)
        if tree is not None:
            self._left += tree.nbytes
        return tree

    def _keep_tree(self, position: int, tree: PrunedTree) -> None:
        if tree.nbytes <= self._left:
            self._left -= tree.nbytes
            self._trees[position] = tree


def _pruned(segment: CommittedSegment) -> PrunedTree:
    tree = segment.main.tree
    assert isinstance(tree, MerkleTree)  # a session keeps segments only when they are committed first
    return tree.pruned(DROPPED_LEVELS)
