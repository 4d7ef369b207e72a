"""Sums of columns times elements of K: columns of tables of all heights, lifted to the largest domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from zisk.field.quintic import DEGREE
from zisk.kernels import workspace
from zisk.kernels.cpu.lifting import add_repeated
from zisk.kernels.cpu.opening import add_scaled_columns
from zisk.kernels.pool import Pool
from zisk.stark.evaluation import row_pieces

ROWS_PER_TASK = 1 << 13
"""Rows of a block when columns are combined: 160 KiB of sums, which stay in the second cache."""


@dataclass(frozen=True, slots=True)
class ScaledColumns:
    """Columns of one table and what they are multiplied by.

    Attributes:
        table: uint32[c, B, n], Montgomery.
        columns: int64[s], places in the table.
        factors: uint32[s, 5], Montgomery.
    """

    table: np.ndarray
    columns: np.ndarray
    factors: np.ndarray


@dataclass(frozen=True, slots=True)
class Combination:
    """A constant of K plus scaled columns.

    Attributes:
        constant: uint32[5], Montgomery.
        parts: the columns of tables, by their number of rows.
    """

    constant: np.ndarray
    parts: Mapping[int, list[ScaledColumns]]

    def lifted(self, size: int, coset: int, pool: Pool) -> np.ndarray:
        """The sum over tables of fewer than `size` rows on one coset: uint32[5, m], its rows repeat."""
        total = self.constant.reshape(DEGREE, 1)
        for rows in sorted(rows for rows in self.parts if rows < size):
            total = self._lift(total, rows, coset, pool)
        return total

    def block(self, lower: np.ndarray, rows: int, coset: int, first: int, last: int) -> np.ndarray:
        """Rows `first` to `last` of the sum of `lower`, repeated, and the tables of so many rows.

        lower: uint32[5, m], m any power of two up to `rows`.

        Returns:
            uint32[5, last - first].
        """
        total = np.zeros((DEGREE, last - first), dtype=np.uint32)
        add_repeated(total, 0, last - first, lower, -first)
        for one in self.parts.get(rows, []):
            add_scaled_columns(one.table, coset, one.columns, one.factors, first, last, total)
        return total

    def _lift(self, lower: np.ndarray, rows: int, coset: int, pool: Pool) -> np.ndarray:
        total = workspace.empty((DEGREE, rows))

        def task(first: int, last: int) -> None:
            total[:, first:last] = self.block(lower, rows, coset, first, last)

        pool.map(task, *zip(*row_pieces(rows, ROWS_PER_TASK), strict=True))
        return total
