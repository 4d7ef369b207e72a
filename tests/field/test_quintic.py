"""K is a field of degree 5 over F, and the array form says the same as the scalar form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zisk.field import quintic, quintic_array
from zisk.field.koalabear import P
from zisk.field.quintic import Element

coefficients = st.integers(0, P - 1) | st.sampled_from([0, 1, P - 1])
elements = st.tuples(*[coefficients] * 5)
X: Element = (0, 1, 0, 0, 0)


def polynomial_product(a: Element, b: Element) -> Element:
    """A * b by long division by X^5 + X^2 - 1."""
    product = [0] * 9
    for i in range(5):
        for j in range(5):
            product[i + j] += a[i] * b[j]
    for degree in range(8, 4, -1):
        lead = product.pop()
        product[degree - 5] += lead
        product[degree - 3] -= lead
    r0, r1, r2, r3, r4 = (value % P for value in product)
    return (r0, r1, r2, r3, r4)


def test_modulus_has_no_factor_of_degree_one_or_two() -> None:
    """X^(p^5) = X, and X^p - X and X^(p^2) - X share no factor with the modulus, so it is irreducible."""
    assert quintic.power(X, P**5) == X
    for degree in (1, 2):
        difference = quintic.sub(quintic.power(X, P**degree), X)
        assert quintic.mul(difference, quintic.inverse(difference)) == quintic.ONE


@given(elements, elements)
def test_product_is_that_of_polynomials(a: Element, b: Element) -> None:
    assert quintic.mul(a, b) == polynomial_product(a, b)


@given(elements, elements, elements)
def test_laws_of_a_ring(a: Element, b: Element, c: Element) -> None:
    assert quintic.add(a, b) == quintic.add(b, a)
    assert quintic.mul(a, b) == quintic.mul(b, a)
    assert quintic.mul(quintic.mul(a, b), c) == quintic.mul(a, quintic.mul(b, c))
    assert quintic.mul(quintic.add(a, b), c) == quintic.add(quintic.mul(a, c), quintic.mul(b, c))
    assert quintic.sub(a, b) == quintic.add(a, quintic.neg(b))
    assert quintic.add(a, quintic.neg(a)) == quintic.ZERO
    assert quintic.mul(a, quintic.ONE) == a


@given(elements.filter(any))
def test_inverse(a: Element) -> None:
    assert quintic.mul(a, quintic.inverse(a)) == quintic.ONE
    assert quintic.power(a, -3) == quintic.power(quintic.inverse(a), 3)


def test_zero_has_no_inverse() -> None:
    with pytest.raises(ZeroDivisionError):
        quintic.inverse(quintic.ZERO)


@given(elements, st.integers(0, 40), coefficients)
def test_powers_and_scales_are_repeated_products(a: Element, exponent: int, factor: int) -> None:
    expected = quintic.ONE
    for _ in range(exponent):
        expected = quintic.mul(expected, a)
    assert quintic.power(a, exponent) == expected
    assert quintic.scale(a, factor) == quintic.mul(a, quintic.from_base(factor))


@given(elements)
def test_frobenius_is_the_power(a: Element) -> None:
    assert quintic.frobenius(a, 1) == quintic.power(a, P)
    assert quintic.frobenius(a, 2) == quintic.power(a, P**2)


@given(st.lists(st.tuples(elements, elements), min_size=1, max_size=8))
def test_arrays_say_the_same(pairs: list[tuple[Element, Element]]) -> None:
    a, b = (np.array([pair[side] for pair in pairs], np.uint64).T for side in (0, 1))
    for over_arrays, over_tuples in (
        (quintic_array.add, quintic.add),
        (quintic_array.sub, quintic.sub),
        (quintic_array.mul, quintic.mul),
    ):
        assert quintic_array.to_elements(over_arrays(a, b)) == [over_tuples(x, y) for x, y in pairs]
    assert quintic_array.to_elements(quintic_array.neg(a)) == [quintic.neg(x) for x, _ in pairs]
    assert quintic_array.to_elements(quintic_array.scale(a, b[0])) == [
        quintic.scale(x, y[0]) for x, y in pairs
    ]
    assert quintic_array.to_elements(quintic_array.inverse(a)) == [
        quintic.inverse(x) if any(x) else quintic.ZERO for x, _ in pairs
    ]


@given(elements, st.lists(elements, min_size=1, max_size=4))
def test_one_element_is_broadcast(a: Element, others: list[Element]) -> None:
    column = quintic_array.from_element(a)[:, None]
    product = quintic_array.mul(column, np.array(others, np.uint64).T)
    assert quintic_array.to_elements(product) == [quintic.mul(a, other) for other in others]


def test_base_elements_embed() -> None:
    embedded = quintic_array.from_base(np.array([3, 4], np.uint64))
    assert quintic_array.to_elements(embedded) == [quintic.from_base(3), quintic.from_base(4)]
