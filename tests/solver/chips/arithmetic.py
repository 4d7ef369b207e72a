"""The arithmetic chip: each wire of a row is the only one that goes with the other three, and where not.

A row states a * b + d + constant = c in K, a field: so c and d have one value, b where a is not zero, a
where b is not zero. What is left is a quotient of 0 by 0: `test_callers.py` names all who divide.
"""

from __future__ import annotations

from tests.solver.chips.definitions import Definitions, define
from tests.solver.chips.extension import Vector, in_base, minus, plus, times
from tests.solver.chips.reading import (
    claim,
    show_only_slots,
    show_padding,
    show_slot,
    show_states,
    statements,
    variables,
)
from tests.solver.claim import Claim, RefutedError
from tests.solver.polynomial import Assignment, Polynomial
from zisk.field.quintic import DEGREE
from zisk.recursion.buses import WIRE
from zisk.recursion.chips.arithmetic import ArithmeticChip
from zisk.stark.air import Air

CHIP = ArithmeticChip()
WIRES = "abdc"
A, B, D, C = (variables(name, DEGREE) for name in WIRES)
CONSTANT = in_base(Polynomial.variable("constant"))


def claims() -> list[Claim]:
    """The chip's claims."""
    return [
        claim(
            CHIP, "slots", "the slots a, b, d, c say one element of K each, and nothing else speaks", _slots
        ),
        claim(CHIP, "result", "c is a b + d + constant", _result),
        claim(CHIP, "addend", "d is c - a b - constant", _addend),
        claim(
            CHIP,
            "factor",
            "a b is c - d - constant, so b has one value where a is not zero, and a where b is not zero",
            _factor,
        ),
        claim(CHIP, "inverse", "0 has no inverse: no row has a = d = constant = 0 and c = 1", _inverse),
        claim(
            CHIP, "nothing", "where a = 0 and c = d + constant, b is free: who divides knows better", _free
        ),
        claim(CHIP, "zero", "a row with a = b = d = c and constant 0 states that they are 0", _zero),
        claim(CHIP, "constant", "a row with a = b = d = 0 makes c the constant, an element of F", _constant),
        claim(CHIP, "padding", "a row of padding says nothing, and zeros satisfy it", _padding),
    ]


def _slots(air: Air) -> None:
    show_only_slots(air, CHIP)
    for name, value in zip(WIRES, (A, B, D, C), strict=True):
        show_slot(air, WIRE, name, value)


def _result(air: Air) -> None:
    _show_defined(_defined(air, "abd"), "c", plus(times(A, B), D, CONSTANT))


def _addend(air: Air) -> None:
    _show_defined(_defined(air, "abc"), "d", minus(minus(C, times(A, B)), CONSTANT))


def _factor(air: Air) -> None:
    rest = minus(minus(C, D), CONSTANT)
    equations = enumerate(minus(times(A, B), rest))
    show_states(statements(air), {f"a b = c - d - constant, coefficient {k}": one for k, one in equations})


def _inverse(air: Air) -> None:
    left = statements(air, {**_zeros("ad"), "constant": 0, "c[0]": 1, **_zeros("c", 1)})
    if not any(one.value for one in left):
        raise RefutedError("a row with a = d = constant = 0 and c = 1 is possible")


def _free(air: Air) -> None:
    left = [one for one in statements(air, _zeros("a")) if set(one.variables) & set(_zeros("b"))]
    if left:
        raise RefutedError(f"a quotient of 0 by 0 is not free: {left}")
    for one in define(statements(air, _zeros("a")), {*_zeros("db"), "constant"}).conditions:
        raise RefutedError(f"a row with a = 0 states more than c = d + constant: {one}")


def _zero(air: Air) -> None:
    z = variables("a", DEGREE)
    same = {name: one for wire in "bdc" for name, one in zip(_zeros(wire), z, strict=True)}
    left = [one.replaced(same) for one in statements(air, {"constant": 0})]
    show_states(left, {f"z z = 0, coefficient {k}": one for k, one in enumerate(times(z, z))})


def _constant(air: Air) -> None:
    _show_defined(define(statements(air, _zeros("abd")), {"constant"}), "c", CONSTANT)


def _padding(air: Air) -> None:
    show_padding(air)
    if statements(air, {**_zeros(WIRES), "constant": 0}):
        raise RefutedError("zeros do not satisfy a row of padding")


def _zeros(wires: str, start: int = 0) -> Assignment:
    return {f"{wire}[{k}]": 0 for wire in wires for k in range(start, DEGREE)}


def _defined(air: Air, given: str) -> Definitions:
    return define(statements(air), {*_zeros(given), "constant"})


def _show_defined(definitions: Definitions, wire: str, expected: Vector) -> None:
    for k, value in enumerate(expected):
        if (found := definitions.defined(f"{wire}[{k}]")) != value:
            raise RefutedError(f"{wire}[{k}] is {found}, not {value}")
