"""A lifted commitment is a plain Merkle tree over the concatenated lifted rows, and openings are unique."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zisk.field.koalabear import P, bit_reverse, from_montgomery, to_montgomery
from zisk.hash.merkle import MerkleTree, commit_rows, commit_tables
from zisk.hash.opening import cap_log_size, verify_opening
from zisk.hash.permutation import permute_state
from zisk.hash.poseidon2 import WIDTH
from zisk.hash.rows import hash_leaves, hash_rows
from zisk.hash.sponge import RATE, compress, hash_elements
from zisk.hash.tags import TAG_PART
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.cpu.lifted_sponge import LiftedSponge
from zisk.kernels.pool import Pool

BACKEND = CpuBackend(Pool(2))
TAG = 5
CAP_LOG = 4


def random_table(columns: int, log_blowup: int, log_height: int, seed: int) -> np.ndarray:
    shape = (columns, 1 << log_blowup, 1 << log_height)
    return np.random.default_rng(seed).integers(0, P, shape, np.uint32)


def lifted_rows(tables: list[np.ndarray], log_rows: int, log_blowup: int) -> np.ndarray:
    """The canonical rows of the lifted matrix in leaf order."""
    rows = []
    for leaf in range(1 << (log_rows + log_blowup)):
        b = bit_reverse(leaf >> log_rows, log_blowup)
        m = bit_reverse(leaf % (1 << log_rows), log_rows)
        parts = [from_montgomery(table[:, b, m % table.shape[2]]) for table in tables]
        rows.append(np.concatenate(parts))
    return np.array(rows, np.uint32)


def last_state(tag: int, elements: list[int]) -> list[int]:
    """The state of a sponge that has absorbed a message."""
    state = [*[0] * RATE, tag, len(elements), *[0] * (WIDTH - RATE - 2)]
    for start in range(0, max(len(elements), 1), RATE):
        block = elements[start : start + RATE]
        state = permute_state([*block, *state[len(block) :]])
    return list(state)


def plain_cap(digests: list[tuple[int, ...]], cap_log: int = CAP_LOG) -> list[list[int]]:
    """The 2^cap_log nodes above leaves; one level above them at least, but for a single leaf."""
    size = min(1 << cap_log, max(len(digests) // 2, 1))
    while len(digests) > size:
        digests = [compress(*digests[i : i + 2]) for i in range(0, len(digests), 2)]
    return [list(digest) for digest in digests]


def cap_of(tree: MerkleTree) -> list[list[int]]:
    return from_montgomery(tree.cap).T.tolist()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), min_size=1, max_size=6),
    st.integers(0, 2),
    st.integers(5, 6),
)
def test_commitment_is_the_tree_over_lifted_rows(
    shapes: list[tuple[int, int]], log_blowup: int, log_rows: int
) -> None:
    """Heights from 1 on in any order, blocks that straddle tables, the tallest below the tree's height."""
    tables = [random_table(c, log_blowup, h, seed) for seed, (c, h) in enumerate(shapes)]
    tree = commit_tables(tables, log_rows, log_blowup, TAG, CAP_LOG, BACKEND)
    rows = lifted_rows(tables, log_rows, log_blowup)
    digests = [hash_elements(TAG, row) for row in rows.tolist()]
    assert hash_rows(TAG, rows).tolist() == [list(digest) for digest in digests]
    assert cap_of(tree) == plain_cap(digests)
    assert tree.log_leaves == log_rows + log_blowup


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(0, 5)), min_size=3, max_size=7),
    st.integers(1, 2),
    st.integers(1, 2),
)
def test_tables_with_own_sponges_are_parts_of_the_row(
    shapes: list[tuple[int, int]], first: int, second: int
) -> None:
    """Whatever the heights; an own sponge may be taller than what absorbs it, or shorter."""
    tables = [random_table(c, 1, h, seed) for seed, (c, h) in enumerate(shapes)]
    sponges = [first, second][: len(tables) - first]
    tree = commit_tables(tables, 5, 1, TAG, CAP_LOG, BACKEND, sponges=sponges)
    widths = [columns for columns, _ in shapes]
    parts = [sum(widths[:first]), sum(widths[first : first + second])][: len(sponges)]
    rows = lifted_rows(tables, 5, 1)
    digests = []
    for row in rows.tolist():
        absorbed, start = [], 0
        for part in parts:
            absorbed += last_state(TAG_PART, row[start : start + part])[:RATE]
            start += part
        digests.append(hash_elements(TAG, [*absorbed, *row[start:]]))
    assert hash_leaves(TAG, parts, rows).tolist() == [list(digest) for digest in digests]
    assert cap_of(tree) == plain_cap(digests)


def test_many_groups_of_rows_and_columns() -> None:
    """More rows than one group of the kernel, heights that fall and rise, more columns than one block."""
    tables = [random_table(c, 1, h, c) for c, h in ((17, 8), (4, 3), (40, 10), (31, 9), (2, 0))]
    tree = commit_tables(tables, 10, 1, TAG, CAP_LOG, BACKEND)
    leaves = from_montgomery(tree._nodes(0, np.arange(2048))).T
    assert np.array_equal(leaves, hash_rows(TAG, lifted_rows(tables, 10, 1)))
    one = commit_tables(tables, 10, 1, TAG, CAP_LOG, CpuBackend(Pool(1)))
    assert cap_of(one) == cap_of(tree)


def test_table_taller_than_the_tree_is_refused() -> None:
    with pytest.raises(ValueError, match=r"8 rows does not fit a tree of 2\^2"):
        commit_tables([random_table(1, 0, 3, 0)], 2, 0, TAG, CAP_LOG, BACKEND)


def test_table_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit a sponge of 2 cosets"):
        commit_tables([random_table(1, 0, 3, 0)], 4, 1, TAG, CAP_LOG, BACKEND)


def test_a_sponge_is_absorbed_before_columns_are() -> None:
    """It fills a whole block, and has its last state then."""
    part, whole = (LiftedSponge(1, TAG, length, BACKEND.pool) for length in (2, RATE + 1))
    with pytest.raises(ValueError, match="expects 2 more columns"):
        whole.absorb_sponge(part)
    part.absorb(random_table(2, 0, 3, 0))
    whole.absorb(random_table(1, 0, 3, 0))
    with pytest.raises(ValueError, match="as a block of 15 columns"):
        whole.absorb_sponge(part)


@pytest.mark.parametrize("cap_log", [0, 4, 7])
@pytest.mark.parametrize(("rows", "width"), [(1, 40), (8, 3), (64, 40), (2048, 16)])
def test_rows_commit_in_their_own_order(rows: int, width: int, cap_log: int) -> None:
    matrix = np.random.default_rng(rows).integers(0, P, (rows, width), np.uint32)
    tree = commit_rows(to_montgomery(matrix), TAG, cap_log, BACKEND)
    digests = [tuple(digest) for digest in hash_rows(TAG, matrix).tolist()]
    assert cap_of(tree) == plain_cap(digests, cap_log)


@pytest.mark.parametrize(
    ("log_leaves", "cap_log", "size"),
    [(0, 7, 0), (1, 7, 0), (5, 7, 4), (7, 7, 6), (8, 7, 7), (20, 7, 7), (20, 0, 0)],
)
def test_a_path_has_one_step_at_least(log_leaves: int, cap_log: int, size: int) -> None:
    assert cap_log_size(log_leaves, cap_log) == size


def opened(
    log_leaves: int, indices: list[int], cap_log: int = CAP_LOG
) -> tuple[list[list[int]], np.ndarray, np.ndarray]:
    """(cap, leaf digests, siblings) of a tree of random rows."""
    matrix = np.random.default_rng(log_leaves).integers(0, P, (1 << log_leaves, 4), np.uint32)
    tree = commit_rows(to_montgomery(matrix), TAG, cap_log, BACKEND)
    return cap_of(tree), hash_rows(TAG, matrix[indices]), tree.open(indices)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 8), st.integers(0, 8), st.data())
def test_opening_is_accepted(log_leaves: int, cap_log: int, data: st.DataObject) -> None:
    indices = sorted(data.draw(st.sets(st.integers(0, (1 << log_leaves) - 1), max_size=20)))
    cap, leaves, siblings = opened(log_leaves, indices, cap_log)
    assert verify_opening(cap, log_leaves, cap_log, indices, leaves, siblings)


def test_siblings_are_those_that_cannot_be_computed() -> None:
    """3 and 62; then, of the nodes 0, 1 and 31, only the last lacks its neighbour."""
    _, _, siblings = opened(6, [0, 1, 2, 63])
    assert siblings.shape == (3, 9)
    _, _, none = opened(6, list(range(64)))
    assert none.shape == (0, 9)


@pytest.mark.parametrize("log_rows", [5, 9])
def test_opening_below_repeated_levels(log_rows: int) -> None:
    tables = [random_table(16, 1, 2, 1), random_table(3, 1, 0, 2)]
    tree = commit_tables(tables, log_rows, 1, TAG, CAP_LOG, BACKEND)
    indices = [0, 3, 17, 18, (2 << log_rows) - 1]
    leaves = hash_rows(TAG, lifted_rows(tables, log_rows, 1)[indices])
    assert verify_opening(cap_of(tree), log_rows + 1, CAP_LOG, indices, leaves, tree.open(indices))


Opening = dict[str, object]


def change(name: str, edit: Callable[[np.ndarray], object]) -> Callable[[Opening], None]:
    def apply(opening: Opening) -> None:
        opening[name] = edit(np.array(opening[name]))

    return apply


def plus_one(array: np.ndarray) -> np.ndarray:
    array[-1, -1] = (int(array[-1, -1]) + 1) % P
    return array


@pytest.mark.parametrize(
    "damage",
    [
        change("cap", lambda cap: cap[::-1]),
        change("cap", lambda cap: cap[:8]),
        change("leaf_digests", plus_one),
        change("leaf_digests", lambda leaves: leaves[::-1]),
        change("leaf_digests", lambda leaves: leaves[:-1]),
        change("leaf_digests", lambda leaves: leaves[:, :8]),
        change("siblings", plus_one),
        change("siblings", lambda siblings: siblings[:-1]),
        change("siblings", lambda siblings: np.concatenate((siblings, siblings[:1]))),
        change("siblings", lambda siblings: siblings[::-1]),
        change("siblings", lambda siblings: siblings.astype(np.int64) + P),
        change("siblings", lambda siblings: siblings.astype(np.int64) - P),
        change("indices", lambda indices: (indices + 1).tolist()),
        change("indices", lambda indices: indices[::-1].tolist()),
        change("indices", lambda _: [3, 3, 200]),
        change("indices", lambda _: [-1, 3, 200]),
        change("indices", lambda _: [3, 40, 256]),
        change("cap_log", lambda _: 3),
        change("cap_log", lambda _: 5),
        change("log_leaves", lambda _: 7),
        change("log_leaves", lambda _: 9),
    ],
)
def test_anything_else_is_refused(damage: Callable[[Opening], None]) -> None:
    indices = [3, 40, 200]
    cap, leaves, siblings = opened(8, indices)
    opening: Opening = {
        "cap": cap,
        "log_leaves": 8,
        "cap_log": CAP_LOG,
        "indices": indices,
        "leaf_digests": leaves,
        "siblings": siblings,
    }
    assert verify_opening(**opening)  # pyright: ignore[reportArgumentType]
    damage(opening)
    assert not verify_opening(**opening)  # pyright: ignore[reportArgumentType]
