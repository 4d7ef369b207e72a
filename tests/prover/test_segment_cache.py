"""What is kept of segments: whole ones, then trees, then nothing, and never more than the capacity."""

import dataclasses

import numpy as np
import pytest

from tests.stark.toy import BACKEND, PROGRAM, toy_fixed, toy_kind, toy_traces
from zisk.field.koalabear import to_montgomery
from zisk.hash.merkle import MerkleTree
from zisk.prover.segment_cache import DROPPED_LEVELS, SegmentCache
from zisk.stark.prove import CommittedSegment, commit_segment


def committed() -> CommittedSegment:
    """A toy segment with more columns than it has, so that it is much larger than its tree."""
    traces, publics = toy_traces(20, 4, 100)
    matrices = [to_montgomery(trace) for trace in traces]
    segment = commit_segment(toy_fixed(toy_kind()), matrices, publics, PROGRAM, BACKEND)
    return dataclasses.replace(segment, traces=(np.zeros((1, 1 << 16), np.uint32),))


SEGMENT = committed()
assert isinstance(SEGMENT.main.tree, MerkleTree)
WHOLE, TREE = SEGMENT.nbytes, SEGMENT.main.tree.pruned(DROPPED_LEVELS).nbytes
COUNT = 4


def filled(capacity: int) -> SegmentCache:
    """A cache that was offered `COUNT` segments of one size."""
    cache = SegmentCache(capacity)
    for position in range(COUNT):
        cache.keep(position, SEGMENT)
    return cache


@pytest.mark.parametrize(
    ("capacity", "whole", "trees"),
    [
        (0, [], []),
        (TREE - 1, [], []),
        (TREE, [], [0]),
        (3 * TREE, [], [0, 1, 2]),
        (WHOLE - 1, [], [0, 1, 2, 3]),
        (WHOLE, [], [0, 1, 2, 3]),
        (WHOLE + 3 * TREE - 1, [], [0, 1, 2, 3]),
        (WHOLE + 3 * TREE, [0], [1, 2, 3]),
        (2 * WHOLE, [0], [1, 2, 3]),
        (2 * WHOLE + 2 * TREE, [0, 1], [2, 3]),
        (4 * WHOLE - 1, [0, 1, 2], [3]),
        (4 * WHOLE, [0, 1, 2, 3], []),
    ],
)
def test_what_is_kept(capacity: int, whole: list[int], trees: list[int]) -> None:
    cache = filled(capacity)
    assert cache.whole == whole
    assert [position for position in range(COUNT) if cache.take_tree(position) is not None] == trees


@pytest.mark.parametrize("capacity", [0, 3 * TREE, 2 * WHOLE, 4 * WHOLE])
def test_what_is_taken_makes_room(capacity: int) -> None:
    """Emptied, the cache keeps what a new one keeps."""
    cache = filled(capacity)
    for position in cache.whole:
        assert cache.take(position) is SEGMENT
    for position in range(COUNT):
        cache.take_tree(position)
    for position in range(COUNT):
        cache.keep(position, SEGMENT)
    assert cache.whole == filled(capacity).whole


def test_a_tree_is_that_of_its_segment() -> None:
    tree = filled(TREE).take_tree(0)
    assert tree is not None
    assert (tree.cap.tolist(), tree.nbytes) == (SEGMENT.main.tree.cap.tolist(), TREE)
