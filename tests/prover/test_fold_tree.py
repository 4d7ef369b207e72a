"""The shape of a job's tree: subtrees, siblings, and how many folds are left."""

from __future__ import annotations

import pytest

from zisk.hash.sponge import hash_elements
from zisk.hash.tags import TAG_CONTRIBUTION
from zisk.proof_format.units import contribution_root
from zisk.prover.fold_tree import FoldTree, Span, fold_tree
from zisk.stark.key import Digest

SHAPES = [(2, 1), (3, 1), (7, 1), (2, 10), (5, 2), (5, 3), (13, 4), (23, 10)]


def root_of(tree: FoldTree, span: Span, leaves: list[Digest]) -> Digest:
    """The digest of a subtree, computed along the tree's own halves."""
    if span not in tree.halves:
        return leaves[tree.positions[span[0]]]
    left, right = tree.halves[span]
    return hash_elements(TAG_CONTRIBUTION, [*root_of(tree, left, leaves), *root_of(tree, right, leaves)])


@pytest.mark.parametrize(("segments", "units"), SHAPES)
def test_it_is_the_contribution_tree(segments: int, units: int) -> None:
    leaves = [tuple(range(9 * place, 9 * place + 9)) for place in range(segments)]
    tree = fold_tree(segments, units)
    assert root_of(tree, tree.root, leaves) == contribution_root(leaves, units)


@pytest.mark.parametrize(("segments", "units"), SHAPES)
def test_every_subtree_but_the_root_has_a_sibling(segments: int, units: int) -> None:
    tree = fold_tree(segments, units)
    assert len(tree.halves) == segments - 1
    assert len(tree.parents) == 2 * segments - 2
    for span, parent in tree.parents.items():
        assert tree.sibling(tree.sibling(span)) == span
        assert {span, tree.sibling(span)} == set(tree.halves[parent])
    with pytest.raises(KeyError):
        tree.sibling(tree.root)


def test_five_segments_over_two_units() -> None:
    """Unit 0 has segments 0, 2 and 4, unit 1 has 1 and 3."""
    tree = fold_tree(5, 2)
    assert tree.positions == (0, 2, 4, 1, 3)
    assert tree.halves == {
        (0, 2): ((0, 1), (1, 2)),
        (0, 3): ((0, 2), (2, 3)),
        (3, 5): ((3, 4), (4, 5)),
        (0, 5): ((0, 3), (3, 5)),
    }


@pytest.mark.parametrize(
    ("spans", "folds"),
    [
        ([], 0),
        ([(0, 1)], 0),
        ([(0, 1), (1, 2)], 1),
        ([(1, 2), (2, 3)], 0),
        ([(0, 2), (2, 3)], 1),
        ([(0, 1), (1, 2), (2, 3)], 2),
        ([(0, 3), (3, 4), (4, 5)], 2),
        ([(place, place + 1) for place in range(5)], 4),
    ],
)
def test_folds_are_counted_as_far_as_they_reach(spans: list[Span], folds: int) -> None:
    assert fold_tree(5, 2).folds(spans) == folds
