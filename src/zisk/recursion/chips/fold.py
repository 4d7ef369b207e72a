"""The fold chip: one leaf of a FRI layer, eight values of K to one.

The leaf holds e_0 to e_7 at the points x_i = b k_i, where k_i = product of r_j^(bit j of i), r_j the root of
unity of order 2^(j+1): all eighth roots of unity. Three halvings with the challenge c, its square
and its fourth power give f_0 + c f_1 + ... + c^7 f_7 for the polynomial f of degree below 8 through the leaf;
its coefficients are f_m = b^-m L_m with L_m = 1/8 sum over i of k_i^-m e_i. So with t = c / b the result is

    (L_0 + t L_1 + t^2 (L_2 + t L_3)) + t^4 (L_4 + t L_5 + t^2 (L_6 + t L_7)),

`high` being the second bracket. The queried point x stands at `place` in the leaf, one of eight flags: so
b = x / k_place, and t is what satisfies t b = c; x is a point of a domain, hence not zero, and t is unique.
The slot `selected` says e_place: whoever has computed the codeword at x names it there.

The leaf comes in three blocks; the last five elements of the third are the sponge's and mean nothing here.
A padding row is zero: it is not active, so it has no flag.

Columns: 84 main, 17 preprocessed, 4 of LogUp (eight fractions).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import P, inverse
from zisk.field.quintic import DEGREE, Element
from zisk.hash.sponge import RATE
from zisk.recursion.buses import BLOCK, WIRE
from zisk.recursion.chips.bits import point_of
from zisk.recursion.errors import WitnessError
from zisk.recursion.extension import Vector, equal, product, total
from zisk.recursion.memory import Block, Memory, Wire
from zisk.recursion.wiring import Address, block_slot, wire_slot
from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import Expression, lift

ARITY = 8
"""Values that a fold takes."""

BLOCKS = 3
"""Blocks that a leaf of 40 elements takes."""

_INVERSE_POINTS = tuple(inverse(point_of(place)) for place in range(ARITY))
_FACTORS = tuple(
    tuple(inverse(ARITY) * pow(point, power, P) % P for point in _INVERSE_POINTS) for power in range(ARITY)
)
"""_FACTORS[m][i] is k_i^-m / 8."""


@dataclass(frozen=True, slots=True)
class FoldRow:
    """Folds a leaf.

    Attributes:
        leaf: its three blocks.
        challenge: c, in K.
        point, place: the queried point x, in F and not zero, and its place in the leaf, 0 to 7.
        selected: the leaf's value at that place.
        result: the folded value.
    """

    leaf: tuple[Block, Block, Block]
    challenge: Wire
    point: Wire
    place: Wire
    selected: Wire
    result: Wire

    def run(self, memory: Memory) -> None:
        """Settle the selected and the folded value.

        Raises:
            WitnessError: one is known and different, the place is not below 8, or the point is zero.
        """
        numbers = _numbers(self, memory)
        memory.settle(self.selected, numbers.selected)
        memory.settle(self.result, numbers.result)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The values of a row."""

    elements: list[int]
    challenge: Element
    t: Element
    t2: Element
    high: Element
    result: Element
    selected: Element
    place: int
    point: int

    def columns(self) -> list[int]:
        flags = [int(place == self.place) for place in range(ARITY)]
        parts = (self.challenge, self.t, self.t2, self.high, self.result, self.selected, flags)
        return [*self.elements, *(one for part in parts for one in part), self.point]


def _numbers(row: FoldRow, memory: Memory) -> _Numbers:
    elements = [value for block in row.leaf for value in memory.blocks[block]]
    place, point, challenge = memory.base(row.place), memory.base(row.point), memory.wires[row.challenge]
    if place >= ARITY or point == 0:
        raise WitnessError(f"{row}: place {place} is not in a leaf of {ARITY}, or the point is zero")
    values = [quintic.element(elements[DEGREE * i : DEGREE * (i + 1)]) for i in range(ARITY)]
    base = point * _INVERSE_POINTS[place] % P
    t = quintic.scale(challenge, inverse(base))
    parts = [_combined(factors, values) for factors in _FACTORS]
    low, high = (_half(parts[start : start + 4], t) for start in (0, 4))
    result = quintic.add(low, quintic.mul(quintic.power(t, 4), high))
    return _Numbers(elements, challenge, t, quintic.mul(t, t), high, result, values[place], place, point)


def _combined(factors: Sequence[int], values: Sequence[Element]) -> Element:
    result = quintic.ZERO
    for factor, value in zip(factors, values, strict=True):
        result = quintic.add(result, quintic.scale(value, factor))
    return result


def _half(parts: Sequence[Element], t: Element) -> Element:
    result = quintic.ZERO
    for part in reversed(parts):
        result = quintic.add(quintic.mul(result, t), part)
    return result


def _define(b: Builder) -> None:
    leaf = b.columns("leaf", BLOCKS * RATE)
    names = ("challenge", "t", "t squared", "high", "result", "selected")
    challenge, t, t2, high, result, selected = (b.columns(name, DEGREE) for name in names)
    flags = [b.flag(f"place {place}") for place in range(ARITY)]
    point = b.column("point")
    for block in range(BLOCKS):
        block_slot(b, f"block {block}", leaf[RATE * block : RATE * (block + 1)])
    wire_slot(b, "challenge", challenge)
    wire_slot(b, "point", [point])
    wire_slot(b, "place", [_weighted(flags, range(ARITY))])
    wire_slot(b, "selected", selected)
    wire_slot(b, "result", result)
    active = b.preprocessed("active")
    b.equal("an active row has one place", _weighted(flags, [1] * ARITY), active)

    values = [leaf[DEGREE * i : DEGREE * (i + 1)] for i in range(ARITY)]
    base = point * _weighted(flags, _INVERSE_POINTS)
    _state(b, "t b = challenge", [one * base for one in t], challenge)
    _state(b, "t squared", product(t, t), t2)
    chosen = [_sum(flag * value[k] for flag, value in zip(flags, values, strict=True)) for k in range(DEGREE)]
    _state(b, "selected is the value at the place", chosen, selected)
    parts = [
        [_weighted([value[k] for value in values], factors) for k in range(DEGREE)] for factors in _FACTORS
    ]
    _state(b, "high half", _half_of(parts[4:], t, t2), high)
    raised = product(product(t2, t2), high)
    _state(b, "result", total(_half_of(parts[:4], t, t2), raised), result)


def _half_of(parts: Sequence[Vector], t: Vector, t2: Vector) -> list[Expression]:
    """P_0 + t P_1 + t^2 (P_2 + t P_3)."""
    inner = total(parts[2], product(t, parts[3]))
    return total(parts[0], product(t, parts[1]), product(t2, inner))


def _weighted(values: Sequence[Expression], factors: Sequence[int]) -> Expression:
    return _sum(value * factor for value, factor in zip(values, factors, strict=True))


def _sum(values: Iterable[Expression]) -> Expression:
    result = lift(0)
    for value in values:
        result = result + value
    return result


def _state(b: Builder, name: str, left: Vector, right: Vector) -> None:
    for k, difference in enumerate(equal(left, right)):
        b.zero(f"{name}, coefficient {k}", difference)


class FoldChip:
    """The chip of `FoldRow`."""

    air: Air = build_air("fold", _define)
    row_type = FoldRow
    spare_rows = 0

    def arrange(self, rows: Sequence[FoldRow]) -> list[FoldRow]:
        """Rows stand as recorded."""
        return list(rows)

    def addresses(self, row: FoldRow) -> Sequence[Address]:
        """The leaf's blocks; challenge, point, place, selected, result."""
        wires = (row.challenge, row.point, row.place, row.selected, row.result)
        return [*((BLOCK, block) for block in row.leaf), *((WIRE, wire) for wire in wires)]

    def fixed(self, rows: Sequence[FoldRow]) -> np.ndarray:
        """All recorded rows are active."""
        return np.ones((1, len(rows)), np.uint64)

    def fill(self, rows: Sequence[FoldRow], height: int, memory: Memory) -> np.ndarray:
        """The values of each row; zeros on padding."""
        columns = np.zeros((self.air.main_width, height), np.uint64)
        for number, row in enumerate(rows):
            columns[:, number] = _numbers(row, memory).columns()
        return columns
