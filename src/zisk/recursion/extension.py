"""Products in K of expressions: how AIRs over F state equations over K."""

from __future__ import annotations

from collections.abc import Sequence

from zisk.field.quintic import DEGREE
from zisk.stark.expression import Expression, lift

Vector = Sequence[Expression | int]
"""Five coefficients, lowest first."""


def product(a: Vector, b: Vector) -> list[Expression]:
    """The coefficients of a * b, reduced by X^5 = 1 - X^2."""
    c = [lift(0)] * (2 * DEGREE - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            c[i + j] = c[i + j] + lift(x) * y
    return [
        c[0] + c[5] - c[8],
        c[1] + c[6],
        c[2] - c[5] + c[7] + c[8],
        c[3] - c[6] + c[8],
        c[4] - c[7],
    ]


def total(*terms: Vector) -> list[Expression]:
    """The sum of elements of K."""
    result = [lift(0)] * DEGREE
    for term in terms:
        result = [x + y for x, y in zip(result, term, strict=True)]
    return result


def equal(a: Vector, b: Vector) -> list[Expression]:
    """Five expressions that vanish if a = b."""
    return [lift(x) - y for x, y in zip(a, b, strict=True)]
