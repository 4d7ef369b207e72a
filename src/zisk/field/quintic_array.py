"""The extension K over NumPy arrays, for those who have no kernels.

Arrays are `uint64[5, ...]`: the leading axis holds the coefficients, lowest first, canonical. Operands
broadcast over the axes after it.
"""

import numpy as np
from numpy.typing import NDArray

from zisk.field.koalabear import P, inverse_array
from zisk.field.quintic import DEGREE, FROBENIUS, Element

Array = NDArray[np.uint64]

_P = np.uint64(P)


def from_element(element: Element) -> Array:
    """An element as an array of shape [5]."""
    return np.array(element, np.uint64)


def from_base(values: Array) -> Array:
    """Elements of F, of any shape, as elements of K."""
    result = np.zeros((DEGREE, *np.shape(values)), np.uint64)
    result[0] = values
    return result


def to_elements(values: Array) -> list[Element]:
    """The columns of an array of shape [5, n] as tuples of integers."""
    rows = np.asarray(values).T.tolist()
    return [(a, b, c, d, e) for a, b, c, d, e in rows]


def add(a: Array, b: Array) -> Array:
    """Return a + b."""
    return (a + b) % _P


def sub(a: Array, b: Array) -> Array:
    """Return a - b."""
    return (a + (_P - b)) % _P


def neg(a: Array) -> Array:
    """Return -a."""
    return (_P - a) % _P


def scale(a: Array, factors: Array) -> Array:
    """Return a times elements of F, one for every element of a or broadcast over them."""
    return a * factors % _P


def mul(a: Array, b: Array) -> Array:
    """Return a * b."""
    shape = np.broadcast_shapes(np.shape(a)[1:], np.shape(b)[1:])
    c = np.zeros((2 * DEGREE - 1, *shape), np.uint64)
    for i in range(DEGREE):
        for j in range(DEGREE):
            c[i + j] += a[i] * b[j] % _P  # at most 5 terms below 2^31
    c %= _P
    # X^5 = 1 - X^2, X^6 = X - X^3, X^7 = X^2 - X^4, X^8 = X^3 + X^2 - 1.
    result = np.stack(
        [
            c[0] + c[5] + (_P - c[8]),
            c[1] + c[6],
            c[2] + (_P - c[5]) + c[7] + c[8],
            c[3] + (_P - c[6]) + c[8],
            c[4] + (_P - c[7]),
        ]
    )
    return result % _P


def inverse(a: Array) -> Array:
    """The inverse of every element; zero gives zero."""
    first = _frobenius(a, 1)
    pair = mul(first, _frobenius(first, 1))
    others = mul(pair, _frobenius(pair, 2))
    norm = mul(a, others)[0]
    return scale(others, inverse_array(norm))


def _frobenius(a: Array, times: int) -> Array:
    result = np.zeros_like(a)
    for coefficient, image in zip(a, FROBENIUS[times - 1], strict=True):
        column = from_element(image).reshape(DEGREE, *[1] * coefficient.ndim)
        result = add(result, scale(column, coefficient))
    return result
