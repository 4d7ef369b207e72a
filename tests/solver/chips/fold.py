"""The fold chip: for a leaf, a challenge c and a point that is not zero there is one result.

The spec is interpolation. Let l_i be the polynomial of degree below 8 that is 1 at k_i and 0 at the other
eighth roots of unity. The polynomial f through the values e_i at b k_i is the sum of e_i l_i(X / b), so f(c)
is the sum of t^m L_m, where c = t b and L_m is the sum of e_i times coefficient m of l_i.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import TypeVar

import numpy as np

from tests.solver.chips.definitions import Definitions, define
from tests.solver.chips.extension import Vector, plus, times
from tests.solver.chips.reading import (
    claim,
    is_boolean,
    show_only_slots,
    show_padding,
    show_slot,
    statements,
    variables,
    wirings,
)
from tests.solver.claim import Claim, Method, RefutedError
from tests.solver.polynomial import Polynomial
from zisk.field.koalabear import P, inverse, root_of_unity
from zisk.field.quintic import DEGREE
from zisk.hash.sponge import RATE
from zisk.kernels.cpu.circuit_layout import FOLD, WIDTHS
from zisk.recursion.buses import BLOCK, WIRE
from zisk.recursion.chips.fold import ARITY, BLOCKS, FoldChip
from zisk.stark.air import Air

CHIP = FoldChip()
LEAF = variables("leaf", BLOCKS * RATE)
VALUES = [LEAF[DEGREE * i : DEGREE * (i + 1)] for i in range(ARITY)]
CHALLENGE, T, T_SQUARED, HIGH, RESULT, SELECTED = (
    variables(name, DEGREE) for name in ("challenge", "t", "t_squared", "high", "result", "selected")
)
POINT = Polynomial.variable("point")
FLAGS = [f"at[{place}]" for place in range(ARITY)]
PLACE = Polynomial({(flag,): place for place, flag in enumerate(FLAGS) if place})
(ACTIVE,) = wirings(CHIP, np.zeros((1, WIDTHS[FOLD]), np.int64))
"""The fixed columns of a row that is used."""

Value = TypeVar("Value")


def claims() -> list[Claim]:
    """The chip's claims."""
    return [
        claim(
            CHIP,
            "slots",
            "the slots say the leaf's blocks, challenge, point, place, selected and result; point and place "
            "are in F",
            _slots,
        ),
        claim(
            CHIP,
            "place",
            "one of eight flags is set, that of the place, which is 0 to 7; none on a row of padding",
            _place,
            Method.ENUMERATION,
        ),
        claim(
            CHIP,
            "quotient",
            "t b = c, where b is the point by k_place: so t has one value if b is not 0",
            _quotient,
        ),
        claim(CHIP, "selected", "selected is the leaf's value at the place", _selected),
        claim(
            CHIP,
            "result",
            "the result is f(c), f of degree below 8 with value e_i at b k_i, for any t with t b = c",
            _result,
        ),
        claim(CHIP, "padding", "a row of padding says nothing, and zeros satisfy it", _padding),
    ]


def _slots(air: Air) -> None:
    show_only_slots(air, CHIP)
    for block in range(BLOCKS):
        show_slot(air, BLOCK, f"block_{block}", LEAF[RATE * block : RATE * (block + 1)])
    for name, value in (("challenge", CHALLENGE), ("selected", SELECTED), ("result", RESULT)):
        show_slot(air, WIRE, name, value)
    show_slot(air, WIRE, "point", [POINT])
    show_slot(air, WIRE, "place", [PLACE])


def _place(air: Air) -> None:
    for known, expected in (
        (ACTIVE, [{flag: int(flag == one) for flag in FLAGS} for one in FLAGS]),
        (_idle(), [_none()]),
    ):
        stated = [one for one in statements(air, known) if one.variables <= set(FLAGS)]
        for flag in FLAGS:
            if not any(is_boolean(one, flag) for one in stated):
                raise RefutedError(f"nothing states that {flag} is 0 or 1")
        choices = (dict(zip(FLAGS, bits, strict=True)) for bits in product((1, 0), repeat=ARITY))
        left = [choice for choice in choices if not any(one.at(choice).value for one in stated)]
        if left != expected:
            raise RefutedError(f"the flags left where {known} are {left}")


def _quotient(air: Air) -> None:
    for place, factor in enumerate(_inverse_points()):
        stated = statements(air, ACTIVE | _at(place))
        base = POINT.scaled(factor)
        for k in range(DEGREE):
            defined = define(stated, {"point", *_names(T)}).defined(f"challenge[{k}]")
            if defined != T[k] * base:
                raise RefutedError(f"at place {place} challenge[{k}] is {defined}, not t[{k}] times {base}")


def _selected(air: Air) -> None:
    for place in range(ARITY):
        _show(_definitions(air, place), SELECTED, VALUES[place])


def _result(air: Air) -> None:
    parts = _parts()
    high = _half(parts[4:], T, T_SQUARED, times, plus)
    low = _half(parts[:4], T, T_SQUARED, times, plus)
    result = plus(low, times(times(T_SQUARED, T_SQUARED), HIGH))
    for place in range(ARITY):
        definitions = _definitions(air, place)
        for columns, formula in ((T_SQUARED, times(T, T)), (HIGH, high), (RESULT, result)):
            _show(definitions, columns, formula)
    _show_formula()


def _show_formula() -> None:
    """Show that these formulas together are the sum of t^m L_m, in any commutative ring."""
    t = Polynomial.variable("t")
    parts = variables("L", ARITY)

    def multiply(a: Polynomial, b: Polynomial) -> Polynomial:
        return a * b

    def add(*terms: Polynomial) -> Polynomial:
        return _sum(terms)

    low, high = (_half(some, t, t * t, multiply, add) for some in (parts[:4], parts[4:]))
    power, expected = Polynomial.constant(1), Polynomial()
    for part in parts:
        expected, power = expected + power * part, power * t
    if low + t * t * t * t * high != expected:
        raise RefutedError("the formula of the fold is not the sum of t^m L_m")


def _half(
    parts: Sequence[Value],
    t: Value,
    t_squared: Value,
    multiply: Callable[[Value, Value], Value],
    add: Callable[..., Value],
) -> Value:
    """P_0 + t P_1 + t^2 (P_2 + t P_3) in some ring."""
    inner = add(parts[2], multiply(t, parts[3]))
    return add(parts[0], multiply(t, parts[1]), multiply(t_squared, inner))


def _parts() -> list[list[Polynomial]]:
    """L_0 to L_7, from the polynomials l_i."""
    bases = [lagrange(i) for i in range(ARITY)]
    return [
        [
            _sum(value[k].scaled(base[m]) for value, base in zip(VALUES, bases, strict=True))
            for k in range(DEGREE)
        ]
        for m in range(ARITY)
    ]


def lagrange(place: int) -> list[int]:
    """Coefficients of the polynomial that is 1 at k_place and 0 at the other eighth roots of unity."""
    points = _points()
    coefficients = [1]
    for other in points:
        if other != points[place]:
            factor = inverse(points[place] - other)
            shifted, scaled = [0, *coefficients], [*(other * one for one in coefficients), 0]
            coefficients = [(x - y) * factor % P for x, y in zip(shifted, scaled, strict=True)]
    return coefficients


def _points() -> list[int]:
    """k_0 to k_7, the eighth roots of unity in bit-reversed order."""
    root = root_of_unity(3)
    points = [pow(root, int(f"{place:03b}"[::-1], 2), P) for place in range(ARITY)]
    if len(set(points)) != ARITY or any(pow(point, ARITY, P) != 1 for point in points):
        raise RefutedError("the points of a leaf are not the eighth roots of unity")
    return points


def _inverse_points() -> list[int]:
    return [inverse(point) for point in _points()]


def _padding(air: Air) -> None:
    show_padding(air)
    if statements(air, dict.fromkeys([*ACTIVE, *air.main_names], 0)):
        raise RefutedError("zeros do not satisfy a row of padding")


def _definitions(air: Air, place: int) -> Definitions:
    given = {*_names(LEAF), *_names(T), "point"}
    return define(statements(air, ACTIVE | _at(place)), given)


def _at(place: int) -> dict[str, int]:
    return {flag: int(flag == FLAGS[place]) for flag in FLAGS}


def _none() -> dict[str, int]:
    return dict.fromkeys(FLAGS, 0)


def _idle() -> dict[str, int]:
    return dict.fromkeys(ACTIVE, 0)


def _names(columns: Vector) -> list[str]:
    return [name for column in columns for name in column.variables]


def _show(definitions: Definitions, columns: Vector, expected: Vector) -> None:
    for name, value in zip(_names(columns), expected, strict=True):
        if (found := definitions.defined(name)) != value:
            raise RefutedError(f"{name} is {found}, not {value}")


def _sum(terms: Iterable[Polynomial]) -> Polynomial:
    total = Polynomial()
    for term in terms:
        total = total + term
    return total
