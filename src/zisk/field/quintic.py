"""The extension K = F[X] / (X^5 + X^2 - 1) in plain integers.

An element is a tuple of 5 canonical integers, lowest coefficient first.
"""

from collections.abc import Iterable

from zisk.field import koalabear
from zisk.field.koalabear import P
from zisk.kernels.parameters import DEGREE

Element = tuple[int, int, int, int, int]
"""Five canonical integers, lowest coefficient first."""

ZERO: Element = (0, 0, 0, 0, 0)
ONE: Element = (1, 0, 0, 0, 0)


def from_base(value: int) -> Element:
    """The element of K that equals an element of F."""
    return (value % P, 0, 0, 0, 0)


def add(a: Element, b: Element) -> Element:
    """Return a + b."""
    return element([(x + y) % P for x, y in zip(a, b, strict=True)])


def sub(a: Element, b: Element) -> Element:
    """Return a - b."""
    return element([(x - y) % P for x, y in zip(a, b, strict=True)])


def neg(a: Element) -> Element:
    """Return -a."""
    return element([-x % P for x in a])


def scale(a: Element, factor: int) -> Element:
    """Return a times an element of F."""
    return element([x * factor % P for x in a])


def mul(a: Element, b: Element) -> Element:
    """Return a * b."""
    product = [0] * 9
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            product[i + j] += x * y
    c0, c1, c2, c3, c4, c5, c6, c7, c8 = product
    # X^5 = 1 - X^2, X^6 = X - X^3, X^7 = X^2 - X^4, X^8 = X^3 + X^2 - 1.
    return element(
        [
            (c0 + c5 - c8) % P,
            (c1 + c6) % P,
            (c2 - c5 + c7 + c8) % P,
            (c3 - c6 + c8) % P,
            (c4 - c7) % P,
        ]
    )


def power(a: Element, exponent: int) -> Element:
    """Return a^exponent; a negative exponent inverts first."""
    if exponent < 0:
        return power(inverse(a), -exponent)
    result = ONE
    for bit in bin(exponent)[2:]:
        result = mul(result, result)
        if bit == "1":
            result = mul(result, a)
    return result


def inverse(a: Element) -> Element:
    """The multiplicative inverse; ZeroDivisionError for zero.

    The product of the five conjugates of a lies in F, so four of them divided by it are 1 / a.
    """
    first = frobenius(a, 1)
    pair = mul(first, frobenius(first, 1))
    others = mul(pair, frobenius(pair, 2))
    norm = mul(a, others)[0]
    return scale(others, koalabear.inverse(norm))


def frobenius(a: Element, times: int) -> Element:
    """Return a^(p^times) for times 1 or 2, which is linear over F."""
    result = ZERO
    for coefficient, image in zip(a, FROBENIUS[times - 1], strict=True):
        result = add(result, scale(image, coefficient))
    return result


def element(coefficients: Iterable[int]) -> Element:
    """The element with five canonical coefficients, lowest first."""
    a, b, c, d, e = coefficients
    return (a, b, c, d, e)


def _frobenius_images(times: int) -> tuple[Element, ...]:
    image = power((0, 1, 0, 0, 0), P**times)
    return tuple(power(image, k) for k in range(DEGREE))


FROBENIUS = (_frobenius_images(1), _frobenius_images(2))
"""FROBENIUS[t - 1][k] is (X^k)^(p^t)."""
