"""Sums of columns times elements of K: columns of tables of all heights, lifted to the largest domain."""

from __future__ import annotations

import numpy as np

from zisk.kernels import workspace
from zisk.kernels.cpu.evaluation import row_pieces
from zisk.kernels.cpu.lifting import add_repeated
from zisk.kernels.cpu.opening import add_scaled_columns
from zisk.kernels.operands import Combination
from zisk.kernels.parameters import DEGREE
from zisk.kernels.pool import Pool

ROWS_PER_TASK = 1 << 13
"""Rows of a block when columns are combined: 160 KiB of sums, which stay in the second cache."""


def lifted(sums: Combination, size: int, coset: int, pool: Pool) -> np.ndarray:
    """The sum over tables of fewer than `size` rows on one coset: uint32[5, m], its rows repeat."""
    total = sums.constant.reshape(DEGREE, 1)
    for rows in sorted(rows for rows in sums.parts if rows < size):
        total = _lift(sums, total, rows, coset, pool)
    return total


def block(sums: Combination, lower: np.ndarray, rows: int, coset: int, first: int, last: int) -> np.ndarray:
    """Rows `first` to `last` of the sum of `lower`, repeated, and the tables of so many rows.

    lower: uint32[5, m], m any power of two up to `rows`.

    Returns:
        uint32[5, last - first].
    """
    total = np.zeros((DEGREE, last - first), dtype=np.uint32)
    add_repeated(total, 0, last - first, lower, -first)
    for one in sums.parts.get(rows, ()):
        add_scaled_columns(one.table, coset, one.columns, one.factors, first, last, total)
    return total


def _lift(sums: Combination, lower: np.ndarray, rows: int, coset: int, pool: Pool) -> np.ndarray:
    total = workspace.empty((DEGREE, rows))

    def task(first: int, last: int) -> None:
        total[:, first:last] = block(sums, lower, rows, coset, first, last)

    pool.map(task, *zip(*row_pieces(rows, ROWS_PER_TASK), strict=True))
    return total
