"""K over polynomials: elements are five of them, and products are reduced by X^5 + X^2 - 1.

That K is a field is shown in `tests/field/test_quintic.py`; so where a * b is known and a is not zero, b has
one value.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.solver.polynomial import Polynomial
from zisk.field.quintic import DEGREE

Vector = Sequence[Polynomial]
"""Five coefficients, lowest first."""


def times(a: Vector, b: Vector) -> list[Polynomial]:
    """The product: X^k = X^(k-5) - X^(k-3) from the top down."""
    powers = [Polynomial()] * (2 * DEGREE - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            powers[i + j] = powers[i + j] + x * y
    for k in reversed(range(DEGREE, 2 * DEGREE - 1)):
        powers[k - 5] = powers[k - 5] + powers[k]
        powers[k - 3] = powers[k - 3] - powers[k]
    return powers[:DEGREE]


def plus(*terms: Vector) -> list[Polynomial]:
    """The sum."""
    result = [Polynomial()] * DEGREE
    for term in terms:
        result = [x + y for x, y in zip(result, term, strict=True)]
    return result


def minus(a: Vector, b: Vector) -> list[Polynomial]:
    """The difference."""
    return [x - y for x, y in zip(a, b, strict=True)]


def in_base(value: Polynomial) -> list[Polynomial]:
    """An element of F."""
    return [value, *[Polynomial()] * (DEGREE - 1)]
