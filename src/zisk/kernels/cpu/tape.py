"""Runs a tape (`zisk.stark.tape`) over the rows of a table, a block of rows at a time.

The instruction numbers are those of `zisk.stark.tape.Op`; a test holds the two lists together. Loops are
vectorised only where a destination is none of the operands, so tapes are made like that; what takes longest
is vector code (`zisk.kernels.cpu.extension_ir`).
"""

import numpy as np

from zisk.kernels.cpu.extension_ir import (
    add_product_vector,
    add_scaled_vector,
    move_vector,
    multiply_base_vector,
    multiply_vector,
)
from zisk.kernels.cpu.field import add, mul, sub
from zisk.kernels.cpu.vector_ir import LANES as WIDTH
from zisk.kernels.jit import inline_kernel, kernel

LANES = 128
"""Rows to a block: a register is 512 bytes, so a few dozen of them stay in the first-level cache."""

WHOLE = 5 * LANES
"""Elements of F to an extension register."""


@inline_kernel
def _load(registers, place, matrix, column, coset, row, wraps):
    """Copy LANES elements of a column on one coset, from a row on, to `place` of the registers.

    Arrays are passed whole: a view would have its references counted, which takes longer than the copy.
    """
    rows = matrix.shape[2]
    start = (column * matrix.shape[1] + coset) * rows
    if wraps:
        target, source = registers.reshape(-1), matrix.reshape(-1)
        for lane in range(LANES):
            target[place + lane] = source[start + (row + lane) % rows]
    else:
        for at in range(0, LANES, WIDTH):
            move_vector(registers, place + at, matrix, start + row + at)


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
    coset,
    first,
    last,
    out,
    out_first,
):
    """Evaluate rows `first` to `last` (exclusive; `first` a multiple of LANES) of one table on one coset.

    All matrices are Montgomery uint32, columns by cosets by rows, with the same number of rows n:
    preprocessed[p, B, n], main[w, B, n], stage2[5 s, B, n] (five to an extension column), selectors[3, B, n].
    base_scalars: uint32[b]. scalars: uint32[e, 5]. out: uint32[k, m]; row r is written at r - out_first.
    """
    rows = main.shape[2]
    r = np.zeros((registers, LANES), dtype=np.uint32)
    e = np.zeros((extension_registers, 5, LANES), dtype=np.uint32)
    for start in range(first, last, LANES):
        wraps = start + LANES + 1 > rows
        count = min(LANES, last - start)
        for k in range(5):
            for lane in range(LANES):
                e[0, k, lane] = np.uint32(0)
        for index in range(code.shape[0]):
            op, d, a, b = code[index, 0], code[index, 1], code[index, 2], code[index, 3]
            if op == 0:
                _load(r, LANES * d, preprocessed, a, coset, start, wraps)
            elif op == 1:
                _load(r, LANES * d, main, a, coset, start, wraps)
            elif op == 2:
                _load(r, LANES * d, main, a, coset, start + 1, wraps)
            elif op == 3:
                _load(r, LANES * d, selectors, a, coset, start, wraps)
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
                for at in range(0, LANES, WIDTH):
                    multiply_base_vector(r, LANES * d + at, r, LANES * a + at, r, LANES * b + at)
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
                    _load(e, LANES * (5 * d + k), stage2, 5 * a + k, coset, start + (op - 12), wraps)
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
                for at in range(0, LANES, WIDTH):
                    multiply_vector(e, WHOLE * d + at, e, WHOLE * a + at, e, WHOLE * b + at, LANES)
            elif op == 18:
                for at in range(0, LANES, WIDTH):
                    for k in range(0, WHOLE, LANES):
                        multiply_base_vector(e, WHOLE * d + k + at, e, WHOLE * a + k + at, r, LANES * b + at)
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
                for at in range(0, LANES, WIDTH):
                    add_scaled_vector(e, WHOLE * d + at, scalars, 5 * b, r, LANES * a + at, LANES)
            elif op == 24:
                scalar = base_scalars[b]
                for k in range(5):
                    for lane in range(LANES):
                        e[d, k, lane] = mul(e[a, k, lane], scalar)
            elif op == 25:
                for at in range(0, LANES, WIDTH):
                    add_scaled_vector(e, at, scalars, 5 * b, r, LANES * a + at, LANES)
            elif op == 26:
                for at in range(0, LANES, WIDTH):
                    add_product_vector(e, at, scalars, 5 * b, e, WHOLE * a + at, LANES)
            elif op == 27:
                target = out[d, start - out_first : start - out_first + count]
                for lane in range(count):
                    target[lane] = r[a, lane]
            elif op == 28:
                for k in range(5):
                    target = out[d + k, start - out_first : start - out_first + count]
                    for lane in range(count):
                        target[lane] = e[a, k, lane]


def warm() -> None:
    """Compile the kernel for the types that the prover calls it with."""
    matrix = np.zeros((5, 1, 1), dtype=np.uint32)
    code = np.array([[28, 0, 0, 0]], dtype=np.int32)
    scalars = np.zeros((1, 5), dtype=np.uint32)
    run_tape(code, 1, 1, scalars[0], scalars, matrix, matrix, matrix, matrix, 0, 0, 1, matrix[:, 0].copy(), 0)
