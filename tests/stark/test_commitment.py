"""A commitment by the pruned tree of an earlier one opens the same rows, and no others."""

import numpy as np
import pytest

from tests.stark.toy import BACKEND, JOB, LOG_SIZE, PROGRAM, WEAK, toy_fixed, toy_kind, toy_traces
from zisk.field.koalabear import P, to_montgomery
from zisk.hash.merkle import MerkleTree
from zisk.hash.pruned_tree import PrunedTree
from zisk.stark.commitment import Commitment, commit
from zisk.stark.errors import TraceError
from zisk.stark.proof import encode
from zisk.stark.prove import CommittedSegment, commit_segment, prove_segment

FIXED = toy_fixed(toy_kind())
LEAVES = [0, 3, 4, 200, 300, 511]


def random_tables(*shapes: tuple[int, int]) -> list[np.ndarray]:
    """Tables of (columns, log2 of the rows), Montgomery."""
    source = np.random.default_rng(len(shapes))
    return [source.integers(0, P, (columns, 1 << height), np.uint32) for columns, height in shapes]


def pruned(commitment: Commitment, levels: int) -> PrunedTree:
    assert isinstance(commitment.tree, MerkleTree)
    return commitment.tree.pruned(levels)


def opening(commitment: Commitment) -> list[list[list[int]]]:
    found = commitment.open(LEAVES)
    return [found.rows.tolist(), found.siblings.tolist()]


@pytest.mark.parametrize("levels", range(10))
@pytest.mark.parametrize("shapes", [((3, 8), (5, 4), (0, 0), (20, 6)), ((17, 5), (1, 2)), ((1, 0),)])
def test_a_pruned_tree_opens_the_same(shapes: tuple[tuple[int, int], ...], levels: int) -> None:
    """A table as tall as the segment; none, so that the tree repeats; one row alone."""
    tables = random_tables(*shapes)
    first = commit(tables, LOG_SIZE, WEAK, BACKEND)
    again = commit(tables, LOG_SIZE, WEAK, BACKEND, tree=pruned(first, levels))
    assert again.cap == first.cap
    assert opening(again) == opening(first)


@pytest.mark.parametrize("table", [0, 1])
def test_other_tables_are_noticed(table: int) -> None:
    tables = random_tables((3, 8), (5, 4))
    tree = pruned(commit(tables, LOG_SIZE, WEAK, BACKEND), 4)
    tables[table][-1, -1] ^= 1
    again = commit(tables, LOG_SIZE, WEAK, BACKEND, tree=tree)
    with pytest.raises(TraceError, match="rebuilt for the proof are not those committed to"):
        again.open(LEAVES)


def toy_segment(start: int, tree: PrunedTree | None = None) -> CommittedSegment:
    traces, publics = toy_traces(20, 4, start)
    matrices = [to_montgomery(trace) for trace in traces]
    return commit_segment(FIXED, matrices, publics, PROGRAM, BACKEND, tree=tree)


def test_a_segment_is_proved_by_its_pruned_tree() -> None:
    first = toy_segment(100)
    again = toy_segment(100, pruned(first.main, 4))
    assert again.leaf == first.leaf
    assert encode(prove_segment(again, JOB, BACKEND)) == encode(prove_segment(first, JOB, BACKEND))


def test_another_segment_is_not_proved_by_it() -> None:
    """Each of the two is valid by itself."""
    other = toy_segment(101, pruned(toy_segment(100).main, 4))
    with pytest.raises(TraceError, match="rebuilt for the proof are not those committed to"):
        prove_segment(other, JOB, BACKEND)
