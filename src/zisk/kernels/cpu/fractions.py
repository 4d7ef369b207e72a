"""LogUp columns of whole tables: cluster values, running sums and the sums of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.kernels import workspace
from zisk.kernels.cpu.evaluation import TableTape, row_pieces
from zisk.kernels.cpu.logup import cluster_rows, running_sum
from zisk.kernels.cpu.tape import LANES
from zisk.kernels.operands import Fractions, ZeroDenominatorError
from zisk.kernels.parameters import DEGREE
from zisk.kernels.pool import Pool

CELLS_PER_TASK = 1 << 17
"""Cells of the fractions that one task holds at a time, about: 512 KiB, which stay in the second cache."""


def logup_columns(
    tables: Sequence[Sequence[Fractions]], rows: Sequence[int], pool: Pool
) -> list[tuple[np.ndarray, list[np.ndarray]]]:
    """The columns of tables and the sums of their scopes; threads share out the rows of all.

    Raises:
        ZeroDenominatorError: in the table at this place.
    """
    columns = [
        workspace.empty((DEGREE * sum(one.clusters for one in scopes), height))
        for scopes, height in zip(tables, rows, strict=True)
    ]
    by_table = [_parts(place, *table) for place, table in enumerate(zip(tables, columns, strict=True))]
    parts = sorted((part for found in by_table for part in found), key=lambda part: -part.tape.rows)
    pieces = [(part, *piece) for part in parts for piece in row_pieces(part.tape.rows, part.rows_per_task)]
    for (part, *_), invertible in zip(pieces, pool.map(lambda piece: _fill(*piece), pieces), strict=True):
        if not invertible:
            raise ZeroDenominatorError(part.table)
    pool.map(_sum_up, *zip(*[(part, k) for part in parts for k in range(DEGREE)], strict=True))
    return [(filled, [part.end for part in found]) for filled, found in zip(columns, by_table, strict=True)]


@dataclass(frozen=True, slots=True)
class _Part:
    """The fractions of one table and scope.

    Attributes:
        columns: uint32[5 s, n], those of the table.
        first: the first extension column of the scope; its last is the running sum.
        total: uint32[5, n]: the sum of all fractions of a row.
        end: uint32[5]: the sum over all rows.
    """

    table: int
    fractions: Fractions
    tape: TableTape
    columns: np.ndarray
    first: int
    total: np.ndarray
    end: np.ndarray

    @property
    def rows_per_task(self) -> int:
        """A multiple of what a tape evaluates at a time."""
        return LANES * max(1, CELLS_PER_TASK // (LANES * self.tape.tape.outputs))


def _parts(table: int, scopes: Sequence[Fractions], columns: np.ndarray) -> list[_Part]:
    parts, first = [], 0
    for one in scopes:
        total, end = workspace.empty((DEGREE, columns.shape[1])), np.empty(DEGREE, dtype=np.uint32)
        parts.append(_Part(table, one, TableTape.of(one.tape), columns, first, total, end))
        first += one.clusters
    return parts


def _fill(part: _Part, first: int, last: int) -> bool:
    """Fill the clusters but the last, and the totals, of some rows; whether no denominator is zero."""
    work = np.empty((part.tape.tape.outputs, last - first), dtype=np.uint32)
    part.tape.run(0, first, last, work, first)
    return cluster_rows(work, part.fractions.count, first, part.columns, part.first, part.total)


def _sum_up(part: _Part, k: int) -> None:
    """Fill one coefficient of the running sum, and of its end."""
    last = part.first + part.fractions.clusters - 1
    part.end[k] = running_sum(part.total[k], part.columns[DEGREE * last + k])
