"""Opening polynomials outside the domain: barycentric sums, combinations of columns, the DEEP quotient."""

import numpy as np

from zisk.kernels.cpu.field import ZERO, add, mul, quintic_add, quintic_mul, quintic_scale, sub
from zisk.kernels.cpu.inversion import invert_extension
from zisk.kernels.jit import kernel

LANES = 256
"""Rows to a block of partial sums."""


@kernel
def powers(ratio, first, out):
    """out[i] = first * ratio^i, all Montgomery; out: uint32[n]."""
    value = first
    for index in range(out.size):
        out[index] = value
        value = mul(value, ratio)


@kernel
def barycentric_weights(points, target, factor, weights):
    """weights[:, i] = factor * points[i] / (target - points[i]): uint32[5, n].

    points: uint32[n]. target, factor: uint32[5], the factor in the extension.

    Returns:
        Whether the target is none of the points.
    """
    n = points.size
    for i in range(n):
        weights[0, i] = sub(target[0], points[i])
        for k in range(1, 5):
            weights[k, i] = target[k]
    invertible = invert_extension(weights)
    scale = (factor[0], factor[1], factor[2], factor[3], factor[4])
    for i in range(n):
        weight = (weights[0, i], weights[1, i], weights[2, i], weights[3, i], weights[4, i])
        scaled = quintic_scale(quintic_mul(weight, scale), points[i])
        for k in range(5):
            weights[k, i] = scaled[k]
    return invertible


@kernel
def weighted_sum(column, weights, out):
    """out[k] = sum over i of weights[k, i] * column[i]: uint32[5]."""
    n = column.size
    for k in range(5):
        total = np.zeros(LANES, dtype=np.uint64)  # sums of n / LANES values below 2^31: no wrap for n < 2^41
        for start in range(0, n, LANES):
            for lane in range(min(LANES, n - start)):
                total[lane] += np.uint64(mul(weights[k, start + lane], column[start + lane]))
        value = np.uint64(0)
        for lane in range(LANES):
            value += total[lane] % np.uint64(2130706433)
        out[k] = np.uint32(value % np.uint64(2130706433))


@kernel
def add_scaled_columns(table, coset, selected, factors, first, last, out):
    """out[:, r] += sum over selected columns c of factors[c'] * table[c, coset, r], for first <= r < last.

    table: uint32[c, B, n]. selected: int64[s]. factors: uint32[s, 5]. out: uint32[5, n].
    """
    for start in range(first, last, LANES):
        count = min(LANES, last - start)
        for place in range(selected.size):
            column = table[selected[place], coset]
            for k in range(5):
                factor = factors[place, k]
                for lane in range(count):
                    term = mul(column[start + lane], factor)
                    out[k, start + lane] = add(out[k, start + lane], term)


@kernel
def deep_quotient(points, here, following, zeta, zeta_next, value, value_next, factor, order, out):
    """The codeword of one coset, written in the order of Merkle leaves.

    (here - value) / (x - zeta) + factor * (following - value_next) / (x - zeta_next) for each point x.
    points: uint32[n]. here, following: uint32[5, n]. zeta, zeta_next, value, value_next, factor: uint32[5].
    order: int64[n], the leaf of each row. out: uint32[n, 5].

    Returns:
        Whether neither point is in the domain.
    """
    n = points.size
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
    barycentric_weights(one, target, target, row)
    weighted_sum(one, row, target)
    factors = np.ones((1, 5), dtype=np.uint32)
    add_scaled_columns(np.ones((1, 1, 1), np.uint32), 0, np.zeros(1, np.int64), factors, 0, 1, row)
    order = np.zeros(1, np.int64)
    deep_quotient(one, row, row, target, target, target, target, target, order, factors)
