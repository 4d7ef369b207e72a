"""Number-theoretic transforms of the columns of a matrix.

Matrices are `uint32[columns, n]` in Montgomery form, C-contiguous, n a power of two from 1 to 2^24. Values
stand in natural order, coefficients in bit-reversed order, so that no transform has to reorder anything.
Arguments are never changed. A transform works through blocks that fit the second cache and then the first.
"""

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from zisk.kernels import workspace
from zisk.kernels.cpu import field
from zisk.kernels.cpu.butterflies import (
    SMALL,
    small_down,
    small_up,
    stage_down,
    stage_up,
    two_stages_down,
    two_stages_up,
)
from zisk.kernels.cpu.vector_ir import LANES, LOG_LANES
from zisk.kernels.elements import to_montgomery
from zisk.kernels.jit import kernel
from zisk.kernels.parameters import TWO_ADICITY, P, root_of_unity
from zisk.kernels.pool import Pool, default_pool

Matrix = NDArray[np.uint32]
Extension = NDArray[np.uint32]
"""Values on several cosets, or what belongs to each: uint32[columns, cosets, n]."""

Column = np.ndarray
"""uint32[n], as kernels see it."""

LOG_NEAR = 12
"""log2 of the elements of a block that stays in the first cache: 16 KiB of them and as much of twiddles."""

LOG_FAR = 17
"""log2 of the elements of a block that stays in the second cache: 512 KiB."""

TASK_CELLS = 1 << 14
"""Cells that are worth a task of their own."""


def interpolate(values: Matrix, shift: int = 1, pool: Pool | None = None) -> Matrix:
    """The coefficients, uint32[c, n], of the polynomials with given values on shift * <w_n>.

    `shift` is canonical and not zero. Row j of the result belongs to X^bitreverse(j).
    """
    return interpolate_cosets(values[:, None], [shift], [1], pool)[:, 0]


def evaluate(coefficients: Matrix, shift: int = 1, pool: Pool | None = None) -> Matrix:
    """The values, uint32[c, n], on shift * <w_n> of the polynomials with given coefficients."""
    return evaluate_cosets(coefficients, [shift], pool)[:, 0]


def interpolate_cosets(
    values: Extension, shifts: Sequence[int], factors: Sequence[int], pool: Pool | None = None
) -> Extension:
    """The coefficients, uint32[c, B, n], behind values[:, b] on shifts[b] * <w_n>, times factors[b]."""
    columns, cosets, n = values.shape
    twiddles = _twiddles(n, inverse=True)
    scales = [
        _scale(pow(shift, -1, P), n, factor=factor * pow(n, -1, P) % P)
        for shift, factor in zip(shifts, factors, strict=True)
    ]
    coefficients = workspace.empty((columns, cosets, n))

    def task(start: int, stop: int) -> None:
        for one in range(start, stop):
            column, coset = divmod(one, cosets)
            _down(values[column, coset], coefficients[column, coset], twiddles, *scales[coset])

    _for_columns(task, columns * cosets, n, pool)
    return coefficients


def evaluate_cosets(coefficients: Matrix, shifts: Sequence[int], pool: Pool | None = None) -> Extension:
    """The values, uint32[c, B, n], on shifts[b] * <w_n> of the polynomials with given coefficients."""
    (columns, n), cosets = coefficients.shape, len(shifts)
    twiddles = _twiddles(n, inverse=False)
    scales = [_scale(shift, n) for shift in shifts]
    values = workspace.empty((columns, cosets, n))

    def task(start: int, stop: int) -> None:
        for one in range(start, stop):
            column, coset = divmod(one, cosets)
            _up(coefficients[column], values[column, coset], twiddles, *scales[coset])

    _for_columns(task, columns * cosets, n, pool)
    return values


def extend(values: Matrix, log_blowup: int, shift: int, pool: Pool | None = None) -> Extension:
    """The low-degree extension, uint32[c, 2^log_blowup, n], of values on <w_n>.

    Entry [c, b, m] is the value at shift * w_Bn^b * w_n^m, with B = 2^log_blowup.
    """
    return extend_tables([values], log_blowup, [shift], pool)[0]


def extend_tables(
    tables: Sequence[Matrix], log_blowup: int, shifts: Sequence[int], pool: Pool | None = None
) -> list[Extension]:
    """The low-degree extension of each table with its shift; threads share out the columns of all."""
    pool = pool or default_pool()
    blowup = 1 << log_blowup
    extended = [workspace.empty((table.shape[0], blowup, table.shape[1])) for table in tables]

    def task(index: int, start: int, stop: int) -> None:
        values, out = tables[index], extended[index]
        n = values.shape[1]
        root = root_of_unity(n.bit_length() - 1 + log_blowup)
        down, up = _twiddles(n, inverse=True), _twiddles(n, inverse=False)
        to_coefficients = _scale(1, n, factor=pow(n, -1, P))
        to_cosets = [_scale(shifts[index] * pow(root, b, P) % P, n) for b in range(blowup)]
        coefficients = np.empty(n, np.uint32)
        for column in range(start, stop):
            _down(values[column], coefficients, down, *to_coefficients)
            for b, scale in enumerate(to_cosets):
                _up(coefficients, out[column, b], up, *scale)

    pieces = [
        (index, *piece)
        for index in sorted(range(len(tables)), key=lambda index: -tables[index].shape[1])
        for piece in pool.chunks(tables[index].shape[0], max(1, TASK_CELLS // tables[index].shape[1]))
    ]
    pool.map(lambda piece: task(*piece), pieces)
    return extended


def warm() -> None:
    """Compile the kernels of this module."""
    extend(np.zeros((1, SMALL), np.uint32), 0, 1)


def _for_columns(task: Callable[[int, int], None], columns: int, n: int, pool: Pool | None) -> None:
    pool = pool or default_pool()
    chunks = pool.chunks(columns, smallest=max(1, TASK_CELLS // n))
    pool.map(task, [start for start, _ in chunks], [stop for _, stop in chunks])


@lru_cache(maxsize=256)
def _scale(shift: int, n: int, factor: int = 1) -> tuple[Column, Column]:
    """Two tables whose product at (i mod SMALL, i div SMALL) is factor * shift^bitreverse(i)."""
    low, high = [1], [factor]
    for bit in range(n.bit_length() - 1):
        step = pow(shift, n >> (bit + 1), P)
        table = low if len(low) < SMALL else high
        table += [value * step % P for value in table]
    return to_montgomery(low), to_montgomery(high)


_tables: dict[bool, Column] = {}
_tables_lock = threading.Lock()


def _twiddles(n: int, *, inverse: bool) -> Column:
    """The twiddles of all stages up to size n, the one of half h and place j at h + j.

    A table is kept for each direction, of the largest size so far: it begins with those of smaller sizes.

    Raises:
        ValueError: n is no size of a transform.
    """
    if n < 1 or n & (n - 1) or n >> TWO_ADICITY > 1:
        raise ValueError(f"transforms have a power of two of rows, up to 2^{TWO_ADICITY}, not {n}")
    n = max(n, SMALL)
    with _tables_lock:
        if inverse not in _tables or len(_tables[inverse]) < n:
            roots = [root_of_unity(log_size) for log_size in range(1, n.bit_length())]
            steps = to_montgomery([pow(root, -1, P) if inverse else root for root in roots])
            table = np.full(n, field.ONE, np.uint32)
            _fill_twiddles(table, steps)
            _tables[inverse] = table
        return _tables[inverse]


@kernel
def _fill_twiddles(table: Column, steps: Column) -> None:
    """`steps[s]` is the root of order 2^(s + 1); each stage has the one before at its even places."""
    half = 2
    for s in range(1, steps.shape[0]):
        for j in range(half // 2):
            table[half + 2 * j] = table[half // 2 + j]
            table[half + 2 * j + 1] = field.mul(table[half // 2 + j], steps[s])
        half *= 2


@kernel
def _down(values: Column, out: Column, twiddles: Column, low: Column, high: Column) -> None:
    """Write the coefficients behind `values`, each times its scale, to `out`."""
    n = values.shape[0]
    for i in range(n):
        out[i] = values[i]
    if n < SMALL:
        _plain_down(out, twiddles)
        _scale_block(out, out, 0, n, low, high)
        return
    log_n = _log2(n)
    log_far, log_near = min(log_n, LOG_FAR), min(log_n, LOG_NEAR)
    _stages_down(out, 0, log_n, log_far, twiddles)
    for far in range(0, n, 1 << log_far):
        _stages_down(out, far, log_far, log_near, twiddles)
        for near in range(far, far + (1 << log_far), 1 << log_near):
            _stages_down(out, near, log_near, LOG_LANES, twiddles)
            for position in range(near, near + (1 << log_near), SMALL):
                small_down(out, position, twiddles)
            _scale_block(out, out, near, 1 << log_near, low, high)


@kernel
def _up(coefficients: Column, out: Column, twiddles: Column, low: Column, high: Column) -> None:
    """Write the values of the polynomial with these coefficients, each times its scale, to `out`."""
    n = coefficients.shape[0]
    if n < SMALL:
        _scale_block(coefficients, out, 0, n, low, high)
        _plain_up(out, twiddles)
        return
    log_n = _log2(n)
    log_far, log_near = min(log_n, LOG_FAR), min(log_n, LOG_NEAR)
    for far in range(0, n, 1 << log_far):
        for near in range(far, far + (1 << log_far), 1 << log_near):
            _scale_block(coefficients, out, near, 1 << log_near, low, high)
            for position in range(near, near + (1 << log_near), SMALL):
                small_up(out, position, twiddles)
            _stages_up(out, near, LOG_LANES, log_near, twiddles)
        _stages_up(out, far, log_near, log_far, twiddles)
    _stages_up(out, 0, log_far, log_n, twiddles)


@kernel
def _stages_down(values: Column, start: int, log_from: int, log_to: int, twiddles: Column) -> None:
    """The stages of block size 2^log_from down to 2^(log_to + 1) on 2^log_from elements from `start` on."""
    log_size = log_from
    while log_size > log_to:
        together = 2 if log_size - log_to > 1 else 1
        part = 1 << (log_size - together)
        for block in range(start, start + (1 << log_from), 1 << log_size):
            for place in range(0, part, LANES):
                if together == 2:
                    two_stages_down(values, block + place, twiddles, place, part)
                else:
                    stage_down(values, block + place, twiddles, place, part)
        log_size -= together


@kernel
def _stages_up(values: Column, start: int, log_from: int, log_to: int, twiddles: Column) -> None:
    """The stages of block size 2^(log_from + 1) up to 2^log_to on 2^log_to elements from `start` on."""
    log_size = log_from
    while log_size < log_to:
        together = 2 if log_to - log_size > 1 else 1
        part = 1 << log_size
        log_size += together
        for block in range(start, start + (1 << log_to), 1 << log_size):
            for place in range(0, part, LANES):
                if together == 2:
                    two_stages_up(values, block + place, twiddles, place, part)
                else:
                    stage_up(values, block + place, twiddles, place, part)


@kernel
def _plain_down(values: Column, twiddles: Column) -> None:
    """All stages, one pair at a time, for sizes below SMALL."""
    half = len(values) // 2
    while half > 0:
        for block in range(0, values.shape[0], 2 * half):
            for j in range(block, block + half):
                first = values[j]
                second = values[j + half]
                values[j] = field.add(first, second)
                values[j + half] = field.mul(field.sub(first, second), twiddles[half + j - block])
        half //= 2


@kernel
def _plain_up(values: Column, twiddles: Column) -> None:
    """All stages, one pair at a time, for sizes below SMALL."""
    half = 1
    while half < values.shape[0]:
        for block in range(0, values.shape[0], 2 * half):
            for j in range(block, block + half):
                first = values[j]
                second = field.mul(values[j + half], twiddles[half + j - block])
                values[j] = field.add(first, second)
                values[j + half] = field.sub(first, second)
        half *= 2


@kernel
def _scale_block(source: Column, out: Column, start: int, length: int, low: Column, high: Column) -> None:
    """Write `length` elements from `start` on, each times its scale; `start` is a multiple of SMALL."""
    for group in range(start, start + length, SMALL):
        factor, stop = high[group // SMALL], min(group + SMALL, start + length)
        given, scaled = source[group:stop], out[group:stop]  # indices from zero: LLVM vectorises the loop
        for j in range(stop - group):
            scaled[j] = field.mul(given[j], field.mul(low[j], factor))


@kernel
def _log2(n: int) -> int:
    log = 0
    while n > 1:
        n >>= 1
        log += 1
    return log
