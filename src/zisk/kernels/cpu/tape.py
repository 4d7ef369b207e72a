"""Runs a tape (`zisk.stark.tape`) over the rows of a table, a block of rows at a time.

The instruction numbers are those of `zisk.stark.tape.Op`; a test holds the two lists together.
"""

import numpy as np

from zisk.kernels.cpu.field import add, mul, sub
from zisk.kernels.jit import inline_kernel, kernel

LANES = 128
"""Rows to a block: a register is 512 bytes, so a few dozen of them stay in the first-level cache."""


@inline_kernel
def _load(target, source, start, rows):
    for lane in range(LANES):
        target[lane] = source[(start + lane) % rows]


@inline_kernel
def _load_contiguous(target, source, start):
    for lane in range(LANES):
        target[lane] = source[start + lane]


@inline_kernel
def _extension_product(out, left, right, products):
    """Out = left * right modulo X^5 + X^2 - 1; `products` is uint32[9, LANES] scratch."""
    for k in range(9):
        for lane in range(LANES):
            products[k, lane] = np.uint32(0)
    for i in range(5):
        for j in range(5):
            for lane in range(LANES):
                products[i + j, lane] = add(products[i + j, lane], mul(left[i, lane], right[j, lane]))
    _reduce(out, products)


@inline_kernel
def _reduce(out, products):
    """X^5 = 1 - X^2, X^6 = X - X^3, X^7 = X^2 - X^4, X^8 = X^3 + X^2 - 1."""
    for lane in range(LANES):
        c5, c6, c7, c8 = products[5, lane], products[6, lane], products[7, lane], products[8, lane]
        out[0, lane] = sub(add(products[0, lane], c5), c8)
        out[1, lane] = add(products[1, lane], c6)
        out[2, lane] = add(sub(products[2, lane], c5), add(c7, c8))
        out[3, lane] = add(sub(products[3, lane], c6), c8)
        out[4, lane] = sub(products[4, lane], c7)


@kernel
def run_tape(
    code,
    registers,
    extension_registers,
    base_scalars,
    scalars,
    preprocessed,
    main,
    stage2,
    selectors,
    first,
    last,
    out,
):
    """Evaluate rows `first` to `last` (exclusive; `first` a multiple of LANES) of one table.

    All matrices are Montgomery uint32, columns by rows, with the same number of rows n:
    preprocessed[p, n], main[w, n], stage2[5 s, n] (five rows to an extension column), selectors[3, n].
    base_scalars: uint32[b]. scalars: uint32[e, 5]. out: uint32[k, n]; only the given rows are written.
    """
    rows = out.shape[1]
    r = np.zeros((registers, LANES), dtype=np.uint32)
    e = np.zeros((extension_registers, 5, LANES), dtype=np.uint32)
    products = np.zeros((9, LANES), dtype=np.uint32)
    for start in range(first, last, LANES):
        wraps = start + LANES + 1 > rows
        count = min(LANES, last - start)
        for k in range(5):
            for lane in range(LANES):
                e[0, k, lane] = np.uint32(0)
        for index in range(code.shape[0]):
            op, d, a, b = code[index, 0], code[index, 1], code[index, 2], code[index, 3]
            if op == 0:
                if wraps:
                    _load(r[d], preprocessed[a], start, rows)
                else:
                    _load_contiguous(r[d], preprocessed[a], start)
            elif op == 1:
                if wraps:
                    _load(r[d], main[a], start, rows)
                else:
                    _load_contiguous(r[d], main[a], start)
            elif op == 2:
                if wraps:
                    _load(r[d], main[a], start + 1, rows)
                else:
                    _load_contiguous(r[d], main[a], start + 1)
            elif op == 3:
                if wraps:
                    _load(r[d], selectors[a], start, rows)
                else:
                    _load_contiguous(r[d], selectors[a], start)
            elif op == 4:
                for lane in range(LANES):
                    r[d, lane] = base_scalars[a]
            elif op == 5:
                for lane in range(LANES):
                    r[d, lane] = add(r[a, lane], r[b, lane])
            elif op == 6:
                for lane in range(LANES):
                    r[d, lane] = sub(r[a, lane], r[b, lane])
            elif op == 7:
                for lane in range(LANES):
                    r[d, lane] = mul(r[a, lane], r[b, lane])
            elif op == 8:
                scalar = base_scalars[b]
                for lane in range(LANES):
                    r[d, lane] = add(r[a, lane], scalar)
            elif op == 9:
                scalar = base_scalars[b]
                for lane in range(LANES):
                    r[d, lane] = sub(r[a, lane], scalar)
            elif op == 10:
                scalar = base_scalars[b]
                for lane in range(LANES):
                    r[d, lane] = sub(scalar, r[a, lane])
            elif op == 11:
                scalar = base_scalars[b]
                for lane in range(LANES):
                    r[d, lane] = mul(r[a, lane], scalar)
            elif op == 12 or op == 13:
                for k in range(5):
                    if wraps:
                        _load(e[d, k], stage2[5 * a + k], start + (op - 12), rows)
                    else:
                        _load_contiguous(e[d, k], stage2[5 * a + k], start + (op - 12))
            elif op == 14:
                for k in range(5):
                    scalar = scalars[a, k]
                    for lane in range(LANES):
                        e[d, k, lane] = scalar
            elif op == 15:
                for k in range(5):
                    for lane in range(LANES):
                        e[d, k, lane] = add(e[a, k, lane], e[b, k, lane])
            elif op == 16:
                for k in range(5):
                    for lane in range(LANES):
                        e[d, k, lane] = sub(e[a, k, lane], e[b, k, lane])
            elif op == 17:
                _extension_product(e[d], e[a], e[b], products)
            elif op == 18:
                for k in range(5):
                    for lane in range(LANES):
                        e[d, k, lane] = mul(e[a, k, lane], r[b, lane])
            elif op == 19:
                for k in range(5):
                    for lane in range(LANES):
                        e[d, k, lane] = e[a, k, lane]
                for lane in range(LANES):
                    e[d, 0, lane] = add(e[d, 0, lane], r[b, lane])
            elif op == 20:
                for k in range(5):
                    for lane in range(LANES):
                        e[d, k, lane] = e[a, k, lane]
                for lane in range(LANES):
                    e[d, 0, lane] = sub(e[d, 0, lane], r[b, lane])
            elif op == 21:
                for k in range(5):
                    for lane in range(LANES):
                        e[d, k, lane] = sub(np.uint32(0), e[b, k, lane])
                for lane in range(LANES):
                    e[d, 0, lane] = add(e[d, 0, lane], r[a, lane])
            elif op == 22:
                for k in range(5):
                    scalar = scalars[b, k]
                    for lane in range(LANES):
                        e[d, k, lane] = mul(r[a, lane], scalar)
            elif op == 23:
                for k in range(5):
                    scalar = scalars[b, k]
                    for lane in range(LANES):
                        e[d, k, lane] = add(e[d, k, lane], mul(r[a, lane], scalar))
            elif op == 24:
                scalar = base_scalars[b]
                for k in range(5):
                    for lane in range(LANES):
                        e[d, k, lane] = mul(e[a, k, lane], scalar)
            elif op == 25:
                for k in range(5):
                    scalar = scalars[b, k]
                    for lane in range(LANES):
                        e[0, k, lane] = add(e[0, k, lane], mul(r[a, lane], scalar))
            elif op == 26:
                for k in range(9):
                    for lane in range(LANES):
                        products[k, lane] = np.uint32(0)
                for i in range(5):
                    for j in range(5):
                        scalar = scalars[b, j]
                        for lane in range(LANES):
                            term = mul(e[a, i, lane], scalar)
                            products[i + j, lane] = add(products[i + j, lane], term)
                for k in range(5):
                    for lane in range(LANES):
                        products[k, lane] = add(products[k, lane], e[0, k, lane])
                _reduce(e[0], products)
            elif op == 27:
                for lane in range(count):
                    out[d, start + lane] = r[a, lane]
            elif op == 28:
                for k in range(5):
                    for lane in range(count):
                        out[d + k, start + lane] = e[a, k, lane]


def warm() -> None:
    """Compile the kernel for the types that the prover calls it with."""
    matrix = np.zeros((5, 1), dtype=np.uint32)
    code = np.array([[28, 0, 0, 0]], dtype=np.int32)
    scalars = np.zeros((1, 5), dtype=np.uint32)
    run_tape(code, 1, 1, scalars[0], scalars, matrix, matrix, matrix, matrix, 0, 1, matrix.copy())
