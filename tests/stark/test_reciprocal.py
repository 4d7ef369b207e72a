"""The norm of x - z, and its reciprocal as a polynomial over the norm."""

import numpy as np
import pytest

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery
from zisk.field.quintic import Element
from zisk.stark.reciprocal import norm_polynomial, reciprocal

ZETA: Element = (3, 1, 4, 1, P - 5)


def value_at(coefficients: np.ndarray, x: int) -> Element:
    """A polynomial with coefficients in K, canonical uint64[n, 5], lowest first."""
    terms = [quintic.scale(quintic.element(one), pow(x, k, P)) for k, one in enumerate(coefficients.tolist())]
    total = quintic.ZERO
    for term in terms:
        total = quintic.add(total, term)
    return total


@pytest.mark.parametrize("z", [ZETA, (0, 1, 0, 0, 0), (7, 0, 0, 0, 0)])
def test_z_is_a_zero_of_its_norm(z: Element) -> None:
    total = quintic.power(z, 5)
    for k, coefficient in enumerate(norm_polynomial(z)):
        total = quintic.add(total, quintic.scale(quintic.power(z, k), coefficient))
    assert total == quintic.ZERO


def test_the_norm_of_the_generator_is_the_modulus() -> None:
    assert norm_polynomial((0, 1, 0, 0, 0)) == [P - 1, 0, 1, 0, 0]


@pytest.mark.parametrize("x", [0, 1, P - 1])
def test_numerator_over_norm_is_the_multiple_of_the_reciprocal(x: int) -> None:
    factor: Element = (2, 7, 1, 8, 2)
    found = reciprocal(ZETA, factor)
    norm = sum(c * pow(x, k, P) for k, c in enumerate([*from_montgomery(found.norm).tolist(), 1])) % P
    numerator = value_at(from_montgomery(found.numerator), x)
    difference = quintic.sub(quintic.from_base(x), ZETA)
    assert quintic.mul(numerator, difference) == quintic.scale(factor, norm)
