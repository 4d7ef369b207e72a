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

import numpy as np

from zisk.field.koalabear import P, inverse
from zisk.field.quintic import DEGREE
from zisk.hash.sponge import RATE
from zisk.kernels import circuit_layout as layout
from zisk.kernels.circuit_layout import ARITY, Fold
from zisk.recursion.buses import BLOCK, WIRE
from zisk.recursion.chips.bits import point_of
from zisk.recursion.extension import Vector, equal, product, total
from zisk.recursion.wiring import block_slot, wire_slot
from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import Expression, lift

BLOCKS = 3
"""Blocks that a leaf of 40 elements takes."""

_INVERSE_POINTS = tuple(inverse(point_of(place)) for place in range(ARITY))
_FACTORS = tuple(
    tuple(inverse(ARITY) * pow(point, power, P) % P for point in _INVERSE_POINTS) for power in range(ARITY)
)
"""_FACTORS[m][i] is k_i^-m / 8."""


def _define(b: Builder) -> None:
    leaf = b.columns("leaf", BLOCKS * RATE)
    names = ("challenge", "t", "t_squared", "high", "result", "selected")
    challenge, t, t2, high, result, selected = (b.columns(name, DEGREE) for name in names)
    flags = [b.flag(f"at[{place}]") for place in range(ARITY)]
    point = b.column("point")
    for block in range(BLOCKS):
        block_slot(b, f"block_{block}", leaf[RATE * block : RATE * (block + 1)])
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
    """The chip of `zisk.kernels.circuit_layout.Fold`."""

    air: Air = build_air("fold", _define)
    operation = layout.FOLD
    slots = (*(BLOCK,) * BLOCKS, *(WIRE,) * 5)
    spare_rows = 0

    def arrange(self, records: np.ndarray) -> np.ndarray:
        """Rows stand as recorded."""
        return records

    def addresses(self, rows: np.ndarray) -> np.ndarray:
        """The leaf's blocks; challenge, point, place, selected, result."""
        return rows[:, Fold.LEAF : Fold.RESULT + 1].T

    def fixed(self, rows: np.ndarray) -> np.ndarray:
        """All recorded rows are active."""
        return np.ones((1, len(rows)), np.int64)
