"""Sums of functions on domains of different heights, lifted to the tallest: rows repeat."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from zisk.field.quintic import DEGREE
from zisk.kernels.cpu.lifting import add_repeated
from zisk.kernels.pool import Pool
from zisk.stark.evaluation import row_pieces

ROWS_PER_TASK = 1 << 14
"""Rows of a block of sums: 320 KiB."""


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
