"""The quotient: the folded constraints of all tables, lifted to the tallest, and its two chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from zisk.kernels import workspace
from zisk.kernels.cpu.evaluation import TableTape, row_pieces
from zisk.kernels.cpu.lifting import add_repeated, separate
from zisk.kernels.cpu.ntt import evaluate_cosets, interpolate_cosets
from zisk.kernels.elements import to_montgomery
from zisk.kernels.operands import BoundTape
from zisk.kernels.parameters import DEGREE
from zisk.kernels.pool import Pool

ROWS_PER_TASK = 1 << 14
"""Rows of a block of sums: 320 KiB."""


def fold_constraints(
    tapes: Sequence[BoundTape], cosets: Sequence[int], height: int, pool: Pool
) -> np.ndarray:
    """The sum of tapes on some cosets, lifted to `height` rows: uint32[5, k, height]."""
    bound: dict[int, list[TableTape]] = {}
    for tape in tapes:
        bound.setdefault(tape.rows, []).append(TableTape.of(tape))
    numerators = workspace.empty((DEGREE, len(cosets), height))
    for place, coset in enumerate(cosets):
        numerators[:, place] = _numerator(bound, coset, height, pool)
    return numerators


def quotient_columns(
    numerators: np.ndarray,
    shifts: Sequence[int],
    factors: Sequence[int],
    powers: Sequence[int],
    offsets: Sequence[int],
    pool: Pool,
) -> np.ndarray:
    """The two chunks on all cosets: uint32[10, B, n].

    With a = Q0 + c0 Q1 and b = Q0 + c1 Q1, both over c0 - c1: Q1 = a - b and Q0 = c0 b - c1 a.
    """
    height = numerators.shape[2]
    mixed = interpolate_cosets(numerators, shifts, factors, pool)
    chunks = workspace.empty((2 * DEGREE, height))
    first, second = to_montgomery(powers)
    pool.map(
        lambda begin, end: separate(mixed, first, second, begin, end, chunks),
        *zip(*row_pieces(height), strict=True),
    )
    return evaluate_cosets(chunks, offsets, pool)


def lifted_sum(totals: Mapping[int, np.ndarray], height: int, pool: Pool) -> np.ndarray:
    """The sum of uint32[5, n] for several powers of two n up to `height`, each repeated to uint32[5, height].

    Montgomery. `totals` are by n; they are spent: the sum is worked out in place, from low to high.
    """
    lower = np.zeros((DEGREE, 1), dtype=np.uint32)
    for rows in sorted({*totals, height}):
        total = totals[rows] if rows in totals else np.zeros((DEGREE, rows), dtype=np.uint32)
        pool.map(
            lambda first, last, total=total, lower=lower: add_repeated(total, first, last, lower, 0),
            *zip(*row_pieces(rows, ROWS_PER_TASK), strict=True),
        )
        lower = total
    return lower


def _numerator(bound: Mapping[int, list[TableTape]], coset: int, height: int, pool: Pool) -> np.ndarray:
    """The sum of tapes, by their rows, on one coset, lifted to the tallest: uint32[5, height]."""
    totals = {rows: workspace.empty((DEGREE, rows)) for rows in bound}

    def task(rows: int, first: int, last: int) -> None:
        total = totals[rows]
        one, *others = bound[rows]
        one.run(coset, first, last, total, 0)
        part = np.empty((DEGREE, last - first), dtype=np.uint32)
        for other in others:
            other.run(coset, first, last, part, first)
            add_repeated(total, first, last, part, first)

    pieces = [
        (rows, *piece, (piece[1] - piece[0]) * sum(one.steps for one in bound[rows]))
        for rows in bound
        for piece in row_pieces(rows)
    ]
    pieces.sort(key=lambda piece: -piece[3])
    pool.map(lambda piece: task(*piece[:3]), pieces)
    return lifted_sum(totals, height, pool)
