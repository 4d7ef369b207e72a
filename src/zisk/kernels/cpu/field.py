"""Arithmetic on single field elements, to be called from kernels.

Elements of F are uint32 in Montgomery form, reduced. Loops over lanes that call these vectorise: there is no
branch, and every step is an integer operation of a fixed width. Elements of K are five of them.
"""

import numpy as np

from zisk.kernels.jit import inline_kernel
from zisk.kernels.parameters import MONTGOMERY_BITS, MONTGOMERY_ONE, P_INVERSE, QUINTIC_FROBENIUS, P

U32 = np.uint32
U64 = np.uint64

_P32 = U32(P)
_P64 = U64(P)
_P_INVERSE = U32(P_INVERSE)
_SHIFT = U64(32)

_TOP = U64(P << MONTGOMERY_BITS)
_FROBENIUS_1, _FROBENIUS_2 = (
    np.array([[(x << MONTGOMERY_BITS) % P for x in image] for image in images], np.uint32)
    for images in QUINTIC_FROBENIUS
)

Quintic = tuple[np.uint32, np.uint32, np.uint32, np.uint32, np.uint32]
"""An element of K: five coefficients in Montgomery form, lowest first."""

ZERO = U32(0)
ONE = U32(MONTGOMERY_ONE)


@inline_kernel
def add(a: np.uint32, b: np.uint32) -> np.uint32:
    """Return a + b."""
    total = U32(a + b)  # below 2p < 2^32
    return min(total, U32(total - _P32))  # the difference wraps to above p when total < p


@inline_kernel
def sub(a: np.uint32, b: np.uint32) -> np.uint32:
    """Return a - b."""
    difference = U32(a - b)
    return min(difference, U32(difference + _P32))  # a wrapped difference is above 2^32 - p > p


@inline_kernel
def neg(a: np.uint32) -> np.uint32:
    """Return -a."""
    return sub(ZERO, a)


@inline_kernel
def reduce(product: np.uint64) -> np.uint32:
    """Return x / 2^32 mod p, reduced, for x below 2^32 p."""
    quotient = U32(U32(product) * _P_INVERSE)
    cut = U32((U64(quotient) * _P64) >> _SHIFT)  # x and quotient * p agree in their low 32 bits
    return sub(U32(product >> _SHIFT), cut)  # both below p


@inline_kernel
def mul(a: np.uint32, b: np.uint32) -> np.uint32:
    """Return a * b."""
    return reduce(U64(a) * U64(b))


@inline_kernel
def power(a: np.uint32, exponent: int) -> np.uint32:
    """Return a^exponent, exponent >= 0."""
    result = ONE
    factor = a
    while exponent > 0:
        if exponent & 1:
            result = mul(result, factor)
        factor = mul(factor, factor)
        exponent >>= 1
    return result


@inline_kernel
def inverse(a: np.uint32) -> np.uint32:
    """Return 1 / a, and 0 for 0."""
    result = a
    for _ in range(5):
        result = mul(mul(result, result), a)
    result = mul(result, result)  # a^126, and p - 2 = 126 * 2^24 + 2^24 - 1
    for _ in range(24):
        result = mul(mul(result, result), a)
    return result


@inline_kernel
def quintic_add(a: Quintic, b: Quintic) -> Quintic:
    """Return a + b in K."""
    return add(a[0], b[0]), add(a[1], b[1]), add(a[2], b[2]), add(a[3], b[3]), add(a[4], b[4])


@inline_kernel
def quintic_sub(a: Quintic, b: Quintic) -> Quintic:
    """Return a - b in K."""
    return sub(a[0], b[0]), sub(a[1], b[1]), sub(a[2], b[2]), sub(a[3], b[3]), sub(a[4], b[4])


@inline_kernel
def quintic_scale(a: Quintic, factor: np.uint32) -> Quintic:
    """Return a times an element of F."""
    return mul(a[0], factor), mul(a[1], factor), mul(a[2], factor), mul(a[3], factor), mul(a[4], factor)


@inline_kernel
def quintic_mul(a: Quintic, b: Quintic) -> Quintic:
    """Return a * b in K: the sum of a_j times X^j b, with one reduction per coefficient.

    X (b0, b1, b2, b3, b4) = (b4, b0, b1 - b4, b2, b3), so the five X^j b hold four new numbers.
    """
    b0, b1, b2, b3, b4 = b
    e0 = sub(b1, b4)
    e1 = sub(b0, b3)
    e2 = sub(b4, b2)
    e3 = sub(b3, e0)
    # X b = (b4, b0, e0, b2, b3)         X^2 b = (b3, b4, e1, e0, b2)
    # X^3 b = (b2, b3, e2, e1, e0)       X^4 b = (e0, b2, e3, e2, e1)
    return (
        _dot(a, b0, b4, b3, b2, e0),
        _dot(a, b1, b0, b4, b3, b2),
        _dot(a, b2, e0, e1, e2, e3),
        _dot(a, b3, b2, e0, e1, e2),
        _dot(a, b4, b3, b2, e0, e1),
    )


@inline_kernel
def _dot(a: Quintic, b0: np.uint32, b1: np.uint32, b2: np.uint32, b3: np.uint32, b4: np.uint32) -> np.uint32:
    """Return the sum of a_j * b_j with one reduction."""
    # Four products: below 4p^2 < 2^64. Less 2^32 p where that does not wrap: below p (4p - 2^32) < 2^32 p.
    four = U64(a[0]) * U64(b0) + U64(a[1]) * U64(b1) + U64(a[2]) * U64(b2) + U64(a[3]) * U64(b3)
    four = min(four, U64(four - _TOP))
    # With the fifth: below 2^32 p + p^2 < 2^64, and below 2^32 p after the same step.
    five = U64(four + U64(a[4]) * U64(b4))
    return reduce(min(five, U64(five - _TOP)))


@inline_kernel
def quintic_inverse(a: Quintic) -> Quintic:
    """Return 1 / a in K, and 0 for 0: the other conjugates of a over the product of all five."""
    others = quintic_conjugates(a)
    norm = quintic_mul(a, others)[0]
    return quintic_scale(others, inverse(norm))


@inline_kernel
def quintic_conjugates(a: Quintic) -> Quintic:
    """Return the product of the conjugates of a but a itself; times a it is the norm, which lies in F."""
    first = _combine(a, _FROBENIUS_1)
    pair = quintic_mul(first, _combine(first, _FROBENIUS_1))
    return quintic_mul(pair, _combine(pair, _FROBENIUS_2))


@inline_kernel
def _combine(a: Quintic, images: np.ndarray) -> Quintic:
    """Return the sum of a_k in F times images[k] in K: the image of a if X^k goes to images[k]."""
    return (
        _dot(a, images[0, 0], images[1, 0], images[2, 0], images[3, 0], images[4, 0]),
        _dot(a, images[0, 1], images[1, 1], images[2, 1], images[3, 1], images[4, 1]),
        _dot(a, images[0, 2], images[1, 2], images[2, 2], images[3, 2], images[4, 2]),
        _dot(a, images[0, 3], images[1, 3], images[2, 3], images[3, 3], images[4, 3]),
        _dot(a, images[0, 4], images[1, 4], images[2, 4], images[3, 4], images[4, 4]),
    )
