"""Montgomery arithmetic in kernels says what plain integers say, at the edges of the range too."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.field.quintic import Element
from zisk.kernels.cpu import field
from zisk.kernels.jit import kernel
from zisk.kernels.parameters import QUINTIC_FROBENIUS

coefficients = st.integers(0, P - 1) | st.sampled_from([0, 1, P - 1, 0x7EFFFFFF])
elements = st.tuples(*[coefficients] * 5)


@kernel
def base_operations(a: np.ndarray, b: np.ndarray, exponent: int, out: np.ndarray) -> None:
    for i in range(a.shape[0]):
        out[0, i] = field.add(a[i], b[i])
        out[1, i] = field.sub(a[i], b[i])
        out[2, i] = field.mul(a[i], b[i])
        out[3, i] = field.neg(a[i])
        out[4, i] = field.inverse(a[i])
        out[5, i] = field.power(a[i], exponent)


@kernel
def quintic_operations(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    x = (a[0], a[1], a[2], a[3], a[4])
    y = (b[0], b[1], b[2], b[3], b[4])
    results = (
        field.quintic_add(x, y),
        field.quintic_sub(x, y),
        field.quintic_mul(x, y),
        field.quintic_scale(x, y[0]),
        field.quintic_inverse(x),
    )
    for i in range(5):
        for j in range(5):
            out[i, j] = results[i][j]


@given(st.lists(st.tuples(coefficients, coefficients), min_size=1, max_size=40), st.integers(0, 2**40))
def test_base_field(pairs: list[tuple[int, int]], exponent: int) -> None:
    a, b = (to_montgomery([pair[side] for pair in pairs]) for side in (0, 1))
    out = np.empty((6, len(pairs)), np.uint32)
    base_operations(a, b, exponent, out)
    assert out.max() < P
    assert from_montgomery(out).tolist() == [
        [(x + y) % P for x, y in pairs],
        [(x - y) % P for x, y in pairs],
        [x * y % P for x, y in pairs],
        [-x % P for x, _ in pairs],
        [pow(x, P - 2, P) for x, _ in pairs],
        [pow(x, exponent, P) for x, _ in pairs],
    ]


@given(elements, elements)
def test_extension(a: Element, b: Element) -> None:
    out = np.empty((5, 5), np.uint32)
    quintic_operations(to_montgomery(a), to_montgomery(b), out)
    assert out.max() < P
    assert [tuple(row) for row in from_montgomery(out).tolist()] == [
        quintic.add(a, b),
        quintic.sub(a, b),
        quintic.mul(a, b),
        quintic.scale(a, b[0]),
        quintic.inverse(a) if any(a) else quintic.ZERO,
    ]


def test_frobenius_images_are_those_of_the_field() -> None:
    assert QUINTIC_FROBENIUS == quintic.FROBENIUS
