"""Opening polynomials outside the domain: rational functions, weighted sums of columns, the DEEP quotient.

Inner loops run over slices: an index that starts at zero cannot be negative, and only then does Numba leave
out the wrap-around that keeps LLVM from vectorising.
"""

import numpy as np

from zisk.kernels.cpu.blocks import LANES as BLOCK
from zisk.kernels.cpu.blocks import load_block, load_row, multiply_blocks, new_block
from zisk.kernels.cpu.extension_ir import add_combined_vector
from zisk.kernels.cpu.field import ONE, U64, ZERO, add, mul, reduce
from zisk.kernels.cpu.inversion import invert_base
from zisk.kernels.cpu.vector_ir import LANES as WIDTH
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
def rational_values(points, whole, numerator, norm, out):
    """out[:, i] = whole + numerator(points[i]) / norm(points[i]), all Montgomery; out: uint32[5, n].

    points: uint32[n]. whole: uint32[5], in K. numerator: uint32[5, 5], five coefficients in K, lowest first.
    norm: uint32[5], the coefficients in F of a monic polynomial of degree 5, lowest first.

    Returns:
        Whether the norm is zero nowhere.
    """
    n = points.size
    scales = np.empty(n, dtype=np.uint32)
    low, high, monic = (norm[0], norm[1]), (norm[2], norm[3]), norm[4]
    smallest = ONE
    for i in range(n):
        x = points[i]
        value = add(mul(add(mul(add(monic, x), x), high[1]), x), high[0])
        value = add(mul(add(mul(value, x), low[1]), x), low[0])
        scales[i] = value
        smallest = min(smallest, value)
    invert_base(scales)
    block, x_powers, x = new_block(), new_block(), np.zeros(BLOCK, np.uint32)
    for start in range(0, n, BLOCK):
        count = min(BLOCK, n - start)
        load_row(x, points, start)
        load_row(x_powers[0], scales, start)
        for k in range(1, 5):
            for lane in range(BLOCK):
                x_powers[k, lane] = mul(x_powers[k - 1, lane], x[lane])
        for k in range(5):
            for lane in range(BLOCK):
                block[k, lane] = whole[k]
        for at in range(0, BLOCK, WIDTH):
            add_combined_vector(block, at, numerator, 0, x_powers, at, BLOCK)
        for k in range(5):
            part = out[k, start : start + count]
            for lane in range(count):
                part[lane] = block[k, lane]
    return smallest != ZERO


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
def add_weighted_sums(table, selected, weights, skip, out):
    """out[c', k] += sum over i of weights[k, skip + i] * table[c, 0, i], c = selected[c'].

    table: uint32[c, B, n]. selected: int64[s]. weights: uint32[5, at least skip + n]. out: uint32[s, 5].
    """
    total = np.empty(SUMS, dtype=np.uint64)
    rows = table.shape[2]
    for begin in range(0, rows, TILE):
        end = min(begin + TILE, rows)
        full = begin + (end - begin) // (2 * SUMS) * (2 * SUMS)
        for place in range(selected.size):
            column = table[selected[place], 0]
            for k in range(5):
                weight = weights[k, skip : skip + rows]
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
    """out[:, r] += sum over selected columns c of factors[c'] * table[c, coset, first + r].

    table: uint32[c, B, n]. selected: int64[s]. factors: uint32[s, 5]. out: uint32[5, last - first].
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
            target, sums = out[k, start - first : start - first + count], total[k]
            for lane in range(count):
                target[lane] = add(target[lane], reduce(sums[lane]))


@kernel
def deep_quotient(here, following, inverses, order, first, last, out):
    """The codeword of one coset from row `first` to `last` (exclusive), in the order of Merkle leaves.

    Row r is here * inverses_(r + 1) + following * inverses_r, counted from `first` on.
    here, following: uint32[5, last - first]. inverses: uint32[5, last - first + 1]. order: int64[n], the leaf
    of each row. out: uint32[leaves, 5].
    """
    sums, inverse = new_block(), new_block()
    left, right = new_block(), new_block()
    for start in range(0, last - first, BLOCK):
        load_block(sums, here, start)
        load_block(inverse, inverses, start + 1)
        multiply_blocks(left, sums, inverse)
        load_block(sums, following, start)
        load_block(inverse, inverses, start)
        multiply_blocks(right, sums, inverse)
        for lane in range(min(BLOCK, last - first - start)):
            leaf = order[first + start + lane]
            for k in range(5):
                out[leaf, k] = add(left[k, lane], right[k, lane])


def warm() -> None:
    """Compile the kernels for the types that the prover calls them with."""
    one = np.ones(1, dtype=np.uint32)
    row, pair = np.ones((5, 1), dtype=np.uint32), np.ones((5, 2), dtype=np.uint32)
    powers(np.uint32(1), np.uint32(1), one)
    rational_values(one, row[:, 0].copy(), np.ones((5, 5), np.uint32), row[:, 0].copy(), row)
    factors = np.ones((1, 5), dtype=np.uint32)
    table, selected = np.ones((1, 1, 1), np.uint32), np.zeros(1, np.int64)
    add_weighted_sums(table, selected, pair, 0, factors.copy())
    add_scaled_columns(table, 0, selected, factors, 0, 1, row)
    deep_quotient(row, row, pair, np.zeros(1, np.int64), 0, 1, factors)
