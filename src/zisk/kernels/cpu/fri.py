"""Folding of FRI codewords by 8."""

import numpy as np

from zisk.kernels.cpu.field import add, mul, quintic_add, quintic_mul, quintic_scale, quintic_sub
from zisk.kernels.jit import kernel


@kernel
def fold_pairs(layer, inverse_points, challenge, half, out, first, last):
    """One binary fold of rows 2i and 2i + 1 (values at x and -x) to out[i], for first <= i < last.

    out[i] = (f(x) + f(-x)) / 2 + challenge * (f(x) - f(-x)) / (2 x).
    layer: uint32[2n, 5] in bit-reversed order. inverse_points: uint32[n], 1 / x of the even rows.
    challenge: uint32[5]. half: 1 / 2. All Montgomery.
    """
    scalar = (challenge[0], challenge[1], challenge[2], challenge[3], challenge[4])
    for i in range(first, last):
        a = (layer[2 * i, 0], layer[2 * i, 1], layer[2 * i, 2], layer[2 * i, 3], layer[2 * i, 4])
        j = 2 * i + 1
        b = (layer[j, 0], layer[j, 1], layer[j, 2], layer[j, 3], layer[j, 4])
        even = quintic_add(a, b)
        odd = quintic_mul(quintic_scale(quintic_sub(a, b), inverse_points[i]), scalar)
        for k in range(5):
            out[i, k] = mul(add(even[k], odd[k]), half)


@kernel
def square_even(points, out):
    """out[i] = points[2 i]^2: the inverse points of the next fold."""
    for i in range(out.size):
        out[i] = mul(points[2 * i], points[2 * i])


def warm() -> None:
    """Compile the kernels for the types that the prover calls them with."""
    layer = np.ones((2, 5), dtype=np.uint32)
    one = np.ones(1, dtype=np.uint32)
    fold_pairs(layer, one, layer[0], np.uint32(1), np.ones((1, 5), dtype=np.uint32), 0, 1)
    square_even(one, one.copy())
