"""Columns opened outside of their domains: barycentric weights on coset 0, and weighted sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from zisk.kernels import workspace
from zisk.kernels.cpu.combination import ROWS_PER_TASK
from zisk.kernels.cpu.domains import domain_points
from zisk.kernels.cpu.evaluation import row_pieces
from zisk.kernels.cpu.opening import add_weighted_sums, rational_values
from zisk.kernels.operands import OpenedColumns, Weights, ZeroDenominatorError
from zisk.kernels.parameters import DEGREE
from zisk.kernels.pool import Pool

CELLS_PER_TASK = 1 << 15
"""Cells that are worth a task of their own when columns are opened."""


def open_columns(
    opened: Sequence[OpenedColumns], weights: Mapping[int, Weights], pool: Pool
) -> list[np.ndarray]:
    """The sums of weights times each column on coset 0, uint32[s, 5]; `weights` are by rows.

    Raises:
        ZeroDenominatorError: a point is in a domain.
    """
    by_rows = _weights(weights, pool)
    sums = [np.zeros((one.columns.size, DEGREE), dtype=np.uint32) for one in opened]

    def task(index: int, first: int, last: int) -> None:
        one = opened[index]
        skip = 0 if one.following else 1
        rows = one.table.shape[2]
        add_weighted_sums(one.table, one.columns[first:last], by_rows[rows], skip, sums[index][first:last])

    pieces = [
        (index, *piece)
        for index, one in enumerate(opened)
        for piece in pool.chunks(one.columns.size, max(1, CELLS_PER_TASK // one.table.shape[2]))
    ]
    pool.map(lambda piece: task(*piece), pieces)
    return sums


def _weights(weights: Mapping[int, Weights], pool: Pool) -> dict[int, np.ndarray]:
    """The weight of x_i at 1 + i, and that of the last point at 0 as well: uint32[5, 1 + n]."""
    found = {rows: workspace.empty((DEGREE, 1 + rows)) for rows in weights}

    def task(rows: int, first: int, last: int) -> bool:
        points = domain_points(rows.bit_length() - 1, weights[rows].offset)
        weight, part = weights[rows].weight, np.empty((DEGREE, last - first), dtype=np.uint32)
        invertible = rational_values(points[first:last], weight.whole, weight.numerator, weight.norm, part)
        found[rows][:, 1 + first : 1 + last] = part
        return invertible

    pieces = [(rows, *piece) for rows in weights for piece in row_pieces(rows, ROWS_PER_TASK)]
    if not all(pool.map(lambda piece: task(*piece), pieces)):
        raise ZeroDenominatorError
    for one in found.values():
        one[:, 0] = one[:, -1]
    return found
