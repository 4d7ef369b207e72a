"""Opening polynomials outside the domain: barycentric sums, combinations of columns, the DEEP quotient.

Inner loops run over slices: an index that starts at zero cannot be negative, and only then does Numba leave
out the wrap-around that keeps LLVM from vectorising.
"""

import numpy as np

from zisk.kernels.cpu.field import (
    U64,
    ZERO,
    add,
    mul,
    quintic_add,
    quintic_mul,
    quintic_scale,
    reduce,
    sub,
)
from zisk.kernels.cpu.inversion import invert_extension
from zisk.kernels.jit import inline_kernel, kernel
from zisk.kernels.parameters import MONTGOMERY_BITS, P

LANES = 512
"""Rows to a block of combined columns: 20 KiB of sums of 64 bits, and 2 KiB of a column at a time."""

SUMS = 64
"""Partial sums of a weighted sum."""

TILE = 1 << 12
"""Rows for which the weights stay in the second cache while the columns go by: 80 KiB."""

_TOP = U64(P << MONTGOMERY_BITS)


@kernel
def powers(ratio, first, out):
    """out[i] = first * ratio^i, all Montgomery; out: uint32[n]."""
    value = first
    for index in range(out.size):
        out[index] = value
        value = mul(value, ratio)


@kernel
def barycentric_weights(points, target, factor, first, last, weights):
    """weights[:, i] = factor * points[i] / (target - points[i]) for first <= i < last: uint32[5, n].

    points: uint32[n]. target, factor: uint32[5], the factor in the extension.

    Returns:
        Whether the target is none of these points.
    """
    n = last - first
    part = points[first:last]
    inverses = np.empty((5, n), dtype=np.uint32)
    for i in range(n):
        inverses[0, i] = sub(target[0], part[i])
    for k in range(1, 5):
        for i in range(n):
            inverses[k, i] = target[k]
    invertible = invert_extension(inverses)
    scale = (factor[0], factor[1], factor[2], factor[3], factor[4])
    w0, w1, w2 = weights[0, first:last], weights[1, first:last], weights[2, first:last]
    w3, w4 = weights[3, first:last], weights[4, first:last]
    for i in range(n):
        weight = (inverses[0, i], inverses[1, i], inverses[2, i], inverses[3, i], inverses[4, i])
        scaled = quintic_scale(quintic_mul(weight, scale), part[i])
        w0[i], w1[i], w2[i], w3[i], w4[i] = scaled
    return invertible


@inline_kernel
def _accumulate(total, a, b):
    """Return total + a b less a multiple of 2^32 p: below 2^32 p again, so that `reduce` takes it.

    The product is below p^2 < 2^32 p / 2, so the sum is below 2^64 and one subtraction is enough.
    """
    value = U64(total + U64(a) * U64(b))
    return min(value, U64(value - _TOP))


@inline_kernel
def _accumulate_two(total, a, b, c, d):
    """Return total + a b + c d less a multiple of 2^32 p: 2^32 p + 2 p^2 < 2^64, and 2 p^2 < 2^32 p."""
    value = U64(U64(total + U64(a) * U64(b)) + U64(c) * U64(d))
    return min(value, U64(value - _TOP))


@kernel
def add_weighted_sums(table, selected, weights, first, last, out):
    """out[c', k] += sum over first <= i < last of weights[k, i] * table[c, 0, i], c = selected[c'].

    table: uint32[c, B, n]. selected: int64[s]. weights: uint32[5, n]. out: uint32[s, 5].
    """
    total = np.empty(SUMS, dtype=np.uint64)
    for begin in range(first, last, TILE):
        end = min(begin + TILE, last)
        full = begin + (end - begin) // (2 * SUMS) * (2 * SUMS)
        for place in range(selected.size):
            column = table[selected[place], 0]
            for k in range(5):
                weight = weights[k]
                total[:] = U64(0)
                for start in range(begin, full, 2 * SUMS):
                    middle, stop = start + SUMS, start + 2 * SUMS
                    a, b = column[start:middle], column[middle:stop]
                    f, g = weight[start:middle], weight[middle:stop]
                    for lane in range(SUMS):
                        total[lane] = _accumulate_two(total[lane], a[lane], f[lane], b[lane], g[lane])
                for row in range(full, end):
                    total[0] = _accumulate(total[0], column[row], weight[row])
                value = ZERO
                for lane in range(SUMS):
                    value = add(value, reduce(total[lane]))
                out[place, k] = add(out[place, k], value)


@kernel
def add_scaled_columns(table, coset, selected, factors, first, last, out):
    """out[:, r] += sum over selected columns c of factors[c'] * table[c, coset, r], for first <= r < last.

    table: uint32[c, B, n]. selected: int64[s]. factors: uint32[s, 5]. out: uint32[5, n].
    """
    total = np.empty((5, LANES), dtype=np.uint64)
    pairs = selected.size // 2
    for start in range(first, last, LANES):
        count = min(LANES, last - start)
        total[:] = U64(0)
        for pair in range(pairs):
            a = table[selected[2 * pair], coset, start : start + count]
            b = table[selected[2 * pair + 1], coset, start : start + count]
            for k in range(5):
                sums, f, g = total[k], factors[2 * pair, k], factors[2 * pair + 1, k]
                for lane in range(count):
                    sums[lane] = _accumulate_two(sums[lane], a[lane], f, b[lane], g)
        if selected.size % 2:
            column = table[selected[2 * pairs], coset, start : start + count]
            for k in range(5):
                sums, f = total[k], factors[2 * pairs, k]
                for lane in range(count):
                    sums[lane] = _accumulate(sums[lane], column[lane], f)
        for k in range(5):
            target, sums = out[k, start : start + count], total[k]
            for lane in range(count):
                target[lane] = add(target[lane], reduce(sums[lane]))


@kernel
def deep_quotient(
    points, here, following, zeta, zeta_next, value, value_next, factor, order, begin, last, out
):
    """The codeword of one coset from row `begin` to `last` (exclusive), in the order of Merkle leaves.

    (here - value) / (x - zeta) + factor * (following - value_next) / (x - zeta_next) for each point x.
    points: uint32[n]. here, following: uint32[5, n]. zeta, zeta_next, value, value_next, factor: uint32[5].
    order: int64[n], the leaf of each row. out: uint32[leaves, 5].

    Returns:
        Whether neither point is in the domain.
    """
    points, order = points[begin:last], order[begin:last]
    here, following = here[:, begin:last], following[:, begin:last]
    n = last - begin
    first = np.empty((5, n), dtype=np.uint32)
    second = np.empty((5, n), dtype=np.uint32)
    for i in range(n):
        first[0, i] = sub(points[i], zeta[0])
        second[0, i] = sub(points[i], zeta_next[0])
        for k in range(1, 5):
            first[k, i] = sub(ZERO, zeta[k])
            second[k, i] = sub(ZERO, zeta_next[k])
    invertible = invert_extension(first) and invert_extension(second)
    scale = (factor[0], factor[1], factor[2], factor[3], factor[4])
    for i in range(n):
        a = quintic_mul(
            (
                sub(here[0, i], value[0]),
                sub(here[1, i], value[1]),
                sub(here[2, i], value[2]),
                sub(here[3, i], value[3]),
                sub(here[4, i], value[4]),
            ),
            (first[0, i], first[1, i], first[2, i], first[3, i], first[4, i]),
        )
        b = quintic_mul(
            (
                sub(following[0, i], value_next[0]),
                sub(following[1, i], value_next[1]),
                sub(following[2, i], value_next[2]),
                sub(following[3, i], value_next[3]),
                sub(following[4, i], value_next[4]),
            ),
            (second[0, i], second[1, i], second[2, i], second[3, i], second[4, i]),
        )
        total = quintic_add(a, quintic_mul(b, scale))
        leaf = order[i]
        for k in range(5):
            out[leaf, k] = total[k]
    return invertible


def warm() -> None:
    """Compile the kernels for the types that the prover calls them with."""
    one = np.ones(1, dtype=np.uint32)
    row = np.ones((5, 1), dtype=np.uint32)
    target = np.arange(1, 6, dtype=np.uint32)
    powers(np.uint32(1), np.uint32(1), one)
    barycentric_weights(one, target, target, 0, 1, row)
    factors = np.ones((1, 5), dtype=np.uint32)
    table, selected = np.ones((1, 1, 1), np.uint32), np.zeros(1, np.int64)
    add_weighted_sums(table, selected, row, 0, 1, factors.copy())
    add_scaled_columns(table, 0, selected, factors, 0, 1, row)
    order = np.zeros(1, np.int64)
    deep_quotient(one, row, row, target, target, target, target, target, order, 0, 1, factors)
