"""The tree over a job's segments as a shape: which subtrees there are, and which two make a third.

Leaves stand in the order of the contribution tree: units in order, in a unit its segments. So a subtree is a
range of places, and a contiguous run of units is a range too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from zisk.proof_format.units import segments_of_units, split_point

Span = tuple[int, int]
"""The places of a subtree's leaves: the first, and the one after the last."""


def named(span: Span) -> str:
    """A span as messages call it."""
    return f"segments {span[0]} to {span[1]} of the tree"


def is_inside(span: Span, other: Span) -> bool:
    """Whether all leaves of a span are leaves of the other."""
    return other[0] <= span[0] and span[1] <= other[1]


@dataclass(frozen=True, eq=False)
class FoldTree:
    """The tree of a job.

    Attributes:
        positions: for each place the segment's position in the job-wide order.
        halves: for each subtree of more than one leaf its two children.
        parents: for each subtree but the root the one it is a child of.
    """

    positions: tuple[int, ...]
    halves: dict[Span, tuple[Span, Span]] = field(default_factory=dict)
    parents: dict[Span, Span] = field(default_factory=dict)

    @property
    def root(self) -> Span:
        """The whole job."""
        return (0, len(self.positions))

    def has(self, span: Span) -> bool:
        """Whether a span is a subtree."""
        return span == self.root or span in self.parents

    def sibling(self, span: Span) -> Span:
        """The other child of a subtree's parent.

        Raises:
            KeyError: the subtree is the root, or none of the tree.
        """
        left, right = self.halves[self.parents[span]]
        return right if span == left else left

    def folds(self, spans: Iterable[Span]) -> int:
        """How many pairs of siblings fold into one, step by step, where these subtrees are there."""
        there, folds = set(spans), 0
        for whole, halves in self.halves.items():  # children come before their parents
            if there.issuperset(halves):
                there.add(whole)
                folds += 1
        return folds


def fold_tree(segments: int, units: int) -> FoldTree:
    """The tree of a job of so many segments, shared out over so many units."""
    shares = [share for share in segments_of_units(segments, units) if share]
    tree = FoldTree(tuple(position for share in shares for position in share))
    spans: list[Span] = []
    start = 0
    for share in shares:
        places = [(place, place + 1) for place in range(start, start + len(share))]
        spans.append(_join(tree, places))
        start += len(share)
    _join(tree, spans)
    return tree


def _join(tree: FoldTree, spans: Sequence[Span]) -> Span:
    """Make the tree of RFC 6962 over neighbouring subtrees."""
    if len(spans) == 1:
        return spans[0]
    split = split_point(len(spans))
    left, right = _join(tree, spans[:split]), _join(tree, spans[split:])
    whole = (left[0], right[1])
    tree.halves[whole] = (left, right)
    tree.parents[left] = tree.parents[right] = whole
    return whole
