"""Which tables of a kind share a sponge of their own."""

from dataclasses import replace

import pytest

from tests.stark.toy import toy_kind
from zisk.stark.batching import Tree, leaf_parts, tree_widths
from zisk.stark.errors import AirError


def test_own_sponges_take_the_columns_of_their_tables() -> None:
    kind = replace(toy_kind(), sponges=(2,))
    assert [tree_widths(kind, tree) for tree in Tree] == [[0, 0, 2], [1, 4, 1], [5, 10, 5], [10]]
    assert [leaf_parts(kind, tree) for tree in Tree] == [[], [5], [15], []]


@pytest.mark.parametrize("sponges", [(3,), (1, 2), (0,), (1, -1)])
def test_every_sponge_has_a_table_and_the_leaf_one_too(sponges: tuple[int, ...]) -> None:
    with pytest.raises(AirError, match="of 3 tables cannot have own sponges"):
        replace(toy_kind(), sponges=sponges)
