"""Which columns are opened where, and the power of gamma that each one gets.

Powers follow the order of leaves: tree, table id, column. A column that is read at the next row keeps its
power there, and the second point's part is scaled by a power beyond the first's. So one pass over a leaf
gives both sums, in a circuit as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property

import numpy as np

from zisk.field import quintic, quintic_array
from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE, Element
from zisk.hash.rows import part_widths
from zisk.stark.kind import Kind

QUOTIENT_CHUNKS = 2
"""Constraints of degree 3 leave a quotient of degree below 2N: two polynomials of degree below N."""


_NO_COLUMNS = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


class Tree(IntEnum):
    """The committed trees of a segment, in the order in which openings list them."""

    PREPROCESSED = 0
    MAIN = 1
    STAGE2 = 2
    QUOTIENT = 3


Place = tuple[Tree, int, int]
"""Tree, table id, base column."""


@dataclass(frozen=True, eq=False)
class BatchingOrder:
    """The opened columns of a kind, in the order of powers of gamma.

    Attributes:
        places: (tree, table, base column) of each power; the quotient counts as one table.
        following: the powers of those that are opened at the next row as well, ascending.
    """

    places: tuple[Place, ...]
    following: tuple[int, ...]

    @cached_property
    def power(self) -> dict[Place, int]:
        """The power of gamma of each column, which is its place among the openings at zeta."""
        return {place: power for power, place in enumerate(self.places)}

    @cached_property
    def next_place(self) -> dict[Place, int]:
        """The place of each column among the openings at the next point."""
        return {self.places[power]: place for place, power in enumerate(self.following)}

    def columns(self, tree: Tree, table: int, *, following: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """A table's opened columns in one tree, and their powers: two int64 arrays."""
        columns, powers = self._of_table.get((tree, table), _NO_COLUMNS)
        if not following:
            return columns, powers
        chosen = np.isin(powers, self.following)
        return columns[chosen], powers[chosen]

    @cached_property
    def _of_table(self) -> dict[tuple[Tree, int], tuple[np.ndarray, np.ndarray]]:
        """Columns of each table in each tree, and their powers, by ascending power."""
        found: dict[tuple[Tree, int], list[tuple[int, int]]] = {}
        for power, (tree, table, column) in enumerate(self.places):
            found.setdefault((tree, table), []).append((column, power))
        arrays = {place: np.array(pairs, dtype=np.int64).T.copy() for place, pairs in found.items()}
        return {place: (columns, powers) for place, (columns, powers) in arrays.items()}


def tree_widths(kind: Kind, tree: Tree) -> list[int]:
    """Base columns of each table in a tree."""
    if tree is Tree.QUOTIENT:
        return [QUOTIENT_CHUNKS * DEGREE]
    widths = {
        Tree.PREPROCESSED: lambda air: air.preprocessed_width,
        Tree.MAIN: lambda air: air.main_width,
        Tree.STAGE2: lambda air: air.stage2_width * DEGREE,
    }
    return [widths[tree](air) for air in kind.airs]


def leaf_parts(kind: Kind, tree: Tree) -> list[int]:
    """How many columns of a tree, from the first on, each own sponge of its leaves takes."""
    if tree not in (Tree.MAIN, Tree.STAGE2):
        return []
    return part_widths(tree_widths(kind, tree), kind.sponges)


@cache
def batching_order(kind: Kind) -> BatchingOrder:
    """The batching order of a kind."""
    places: list[Place] = []
    following: list[int] = []
    for tree in Tree:
        for table, width in enumerate(tree_widths(kind, tree)):
            following += sorted(len(places) + column for column in _read_next(kind, tree, table))
            places += [(tree, table, column) for column in range(width)]
    return BatchingOrder(tuple(places), tuple(following))


def _read_next(kind: Kind, tree: Tree, table: int) -> set[int]:
    if tree is Tree.MAIN:
        return set(kind.airs[table].next_main_columns)
    if tree is Tree.STAGE2:
        sums = kind.airs[table].running_sum_columns
        return {DEGREE * column + k for column in sums for k in range(DEGREE)}
    return set()


def powers_of(base: Element, count: int, first: Element = quintic.ONE) -> list[Element]:
    """First times base^0 to base^(count - 1)."""
    powers, step = quintic_array.from_element(first)[:, None], quintic_array.from_element(base)[:, None]
    while powers.shape[1] < count:
        powers = np.concatenate([powers, quintic_array.mul(powers, step)], axis=1)
        step = quintic_array.mul(step, step)
    return quintic_array.to_elements(powers[:, :count])


def combine(powers: Sequence[Element], values: Sequence[Element]) -> Element:
    """Sum of powers[i] * values[i]; there may be more powers than values."""
    if not values:
        return quintic.ZERO
    products = quintic_array.mul(np.array(powers[: len(values)], np.uint64).T, np.array(values, np.uint64).T)
    return quintic.element((products.sum(axis=1) % np.uint64(P)).tolist())
