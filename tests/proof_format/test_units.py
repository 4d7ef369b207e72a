"""Units and the contribution tree depend on the numbers of segments and units alone."""

import pytest

from zisk.hash.sponge import hash_elements
from zisk.hash.tags import TAG_CONTRIBUTION
from zisk.proof_format.units import (
    contribution_root,
    segments_of_units,
    split_point,
    tree_root,
    unit_of_segment,
    unit_places,
)

LEAVES = [tuple(range(9 * i, 9 * i + 9)) for i in range(7)]


def _node(left, right):
    return hash_elements(TAG_CONTRIBUTION, [*left, *right])


def test_ten_units_are_met_in_bit_reversed_order() -> None:
    assert unit_places(10) == [0, 8, 4, 2, 6, 1, 9, 5, 3, 7]


@pytest.mark.parametrize("units", [1, 2, 3, 5, 8, 10, 17])
def test_every_unit_has_one_place_in_a_round(units: int) -> None:
    assert sorted(unit_places(units)) == list(range(units))


def test_rounds_repeat() -> None:
    assert [unit_of_segment(position, 3) for position in range(7)] == [0, 2, 1, 0, 2, 1, 0]
    assert segments_of_units(7, 3) == [[0, 3, 6], [2, 5], [1, 4]]


def test_fewer_segments_than_units_leave_units_empty() -> None:
    assert segments_of_units(2, 4) == [[0], [], [1], []]


def test_left_child_holds_the_largest_power_of_two() -> None:
    a, b, c, d, e = LEAVES[:5]
    assert tree_root([a]) == a
    assert tree_root([a, b, c]) == _node(_node(a, b), c)
    assert tree_root([a, b, c, d, e]) == _node(_node(_node(a, b), _node(c, d)), e)


@pytest.mark.parametrize("count", range(1, 20))
def test_a_root_is_the_node_over_the_roots_left_and_right_of_its_split(count: int) -> None:
    leaves = [tuple(range(9 * i, 9 * i + 9)) for i in range(count)]

    def root(nodes: list[tuple[int, ...]]) -> tuple[int, ...]:
        if len(nodes) == 1:
            return nodes[0]
        split = split_point(len(nodes))
        return _node(root(nodes[:split]), root(nodes[split:]))

    assert tree_root(leaves) == root(leaves)


def test_root_is_over_units_and_inside_a_unit_over_its_segments() -> None:
    a, b, c, d = LEAVES[:4]
    assert contribution_root([a, b, c, d], 3) == _node(_node(_node(a, d), c), b)
    assert contribution_root([a, b], 4) == _node(a, b)
