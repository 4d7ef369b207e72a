"""A pruned tree opens what the whole tree opens, and refuses to open other leaves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.hash.test_merkle import BACKEND, CAP_LOG, TAG, lifted_rows, random_table
from zisk.field.koalabear import P, from_montgomery
from zisk.hash.merkle import MerkleTree, commit_tables
from zisk.hash.pruned_tree import LeavesChangedError, PrunedTree
from zisk.hash.rows import hash_rows


def random_tree(log_distinct: int, log_repeats: int, cap_log: int) -> tuple[MerkleTree, NDArray[np.uint32]]:
    """A tree, and the canonical digests of all its leaves."""
    leaves = np.random.default_rng(log_distinct).integers(0, P, (9, 1 << log_distinct), np.uint32)
    digests = np.repeat(from_montgomery(leaves).T.astype(np.uint32), 1 << log_repeats, axis=0)
    return MerkleTree(leaves, log_repeats, cap_log, BACKEND), digests


def opened(tree: PrunedTree, digests: NDArray[np.uint32], indices: list[int]) -> list[list[int]]:
    return tree.open(indices, digests[tree.covered(indices)]).tolist()


@pytest.mark.parametrize("cap_log", [0, 2, 5])
@pytest.mark.parametrize("log_repeats", range(4))
@pytest.mark.parametrize("log_distinct", range(5))
def test_every_pruned_tree_opens_every_leaf(log_distinct: int, log_repeats: int, cap_log: int) -> None:
    """One leaf, all leaves, every third, for each number of levels and more levels than there are."""
    whole, digests = random_tree(log_distinct, log_repeats, cap_log)
    count = len(digests)
    selections = [[leaf] for leaf in range(count)] + [list(range(count)), list(range(0, count, 3))]
    for levels in range(log_distinct + 2):
        tree = whole.pruned(levels)
        assert tree.cap is whole.cap
        assert [opened(tree, digests, one) for one in selections] == [
            whole.open(one).tolist() for one in selections
        ]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 7)), min_size=1, max_size=4),
    st.integers(0, 2),
    st.integers(0, 9),
    st.data(),
)
def test_rows_of_lifted_tables_open_a_pruned_tree(
    shapes: list[tuple[int, int]], log_blowup: int, levels: int, data: st.DataObject
) -> None:
    tables = [random_table(c, log_blowup, h, seed) for seed, (c, h) in enumerate(shapes)]
    whole = commit_tables(tables, 7, log_blowup, TAG, CAP_LOG, BACKEND)
    tree = whole.pruned(levels)
    last = (1 << (7 + log_blowup)) - 1
    indices = sorted(data.draw(st.sets(st.integers(0, last), max_size=20)))
    digests = hash_rows(TAG, lifted_rows(tables, 7, log_blowup))
    assert opened(tree, digests, indices) == whole.open(indices).tolist()


@pytest.mark.parametrize(
    ("log_repeats", "cap_log", "levels", "nodes"),
    [
        (0, 0, 0, 64 + 32 + 16 + 8 + 4 + 2 + 1),
        (0, 0, 3, 8 + 4 + 2 + 1),
        (0, 2, 3, 8 + 4),
        (0, 2, 9, 4),
        (3, 0, 0, 64 + 32 + 16 + 8 + 4 + 2 + 1),
        (3, 0, 3, 8 + 4 + 2 + 1),
        (3, 8, 2, 64),
    ],
)
def test_dropped_levels_take_no_memory(log_repeats: int, cap_log: int, levels: int, nodes: int) -> None:
    """64 distinct leaves, each 2^log_repeats times; the last cap lies in the repeats."""
    whole, _ = random_tree(6, log_repeats, cap_log)
    assert whole.pruned(levels).nbytes == nodes * 9 * 4


@pytest.mark.parametrize(
    ("log_repeats", "levels", "covered"),
    [
        (0, 0, [5, 6, 13]),
        (0, 1, [4, 5, 6, 7, 12, 13]),
        (0, 2, [4, 5, 6, 7, 12, 13, 14, 15]),
        (2, 0, [4, 12]),
        (2, 1, [0, 4, 8, 12]),
    ],
)
def test_covered_leaves_are_those_below_kept_nodes(log_repeats: int, levels: int, covered: list[int]) -> None:
    whole, _ = random_tree(6 - log_repeats, log_repeats, 0)
    assert whole.pruned(levels).covered([5, 6, 13]).tolist() == covered


@pytest.mark.parametrize("log_repeats", [0, 2])
@pytest.mark.parametrize("levels", range(5))
def test_each_covered_leaf_is_checked(levels: int, log_repeats: int) -> None:
    whole, digests = random_tree(4, log_repeats, 0)
    tree = whole.pruned(levels)
    for place in tree.covered([1, 9]):
        changed = digests.copy()
        changed[place, -1] ^= 1
        with pytest.raises(LeavesChangedError, match="built over other rows"):
            opened(tree, changed, [1, 9])
