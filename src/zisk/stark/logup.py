"""The prover's LogUp columns: cluster values, running sums and the exposed sums of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import from_montgomery
from zisk.field.quintic import DEGREE, Element
from zisk.kernels import workspace
from zisk.kernels.cpu.logup import cluster_rows, running_sum
from zisk.kernels.cpu.tape import LANES
from zisk.kernels.pool import Pool
from zisk.stark.air import Air
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import TraceError
from zisk.stark.evaluation import BoundTape, row_pieces
from zisk.stark.expression import Expression, Scope, fingerprint
from zisk.stark.scalars import Challenges
from zisk.stark.tape import Tape, compile_outputs

CELLS_PER_TASK = 1 << 17
"""Cells of the fractions that one task holds at a time, about: 512 KiB, which stay in the second cache."""


@dataclass(frozen=True, slots=True)
class LogupTable:
    """One table whose columns are to be filled.

    Attributes:
        preprocessed: uint32[p, n], Montgomery.
        main: uint32[w, n], Montgomery.
        publics: the table's public values, canonical.
    """

    air: Air
    preprocessed: np.ndarray
    main: np.ndarray
    publics: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LogupColumns:
    """The stage-2 columns of a table, uint32[5 s, n] on the subgroup, Montgomery, and its exposed sums."""

    columns: np.ndarray
    sums: dict[Scope, Element]


def logup_columns(
    tables: Sequence[LogupTable], buses: Mapping[Scope, BusChallenge], pool: Pool
) -> list[LogupColumns]:
    """Fill the stage-2 columns of tables; threads share out the rows of all.

    Raises:
        TraceError: a denominator is zero under these challenges.
    """
    found = [
        LogupColumns(workspace.empty((DEGREE * one.air.stage2_width, one.main.shape[1])), {})
        for one in tables
    ]
    parts: list[_Part] = []
    for table, filled in zip(tables, found, strict=True):
        column = 0
        for scope in table.air.scopes:
            parts.append(_part(table, scope, buses, filled, column))
            column += len(table.air.clusters(scope))
    parts.sort(key=lambda part: -part.tape.rows)
    pieces = [(part, *piece) for part in parts for piece in row_pieces(part.tape.rows, part.rows_per_task)]
    for (part, *_), invertible in zip(pieces, pool.map(lambda piece: _fill(*piece), pieces), strict=True):
        if not invertible:
            raise TraceError(f"table {part.air.name}: a fingerprint is zero under these challenges")
    coefficients = [(part, k) for part in parts for k in range(DEGREE)]
    ends = pool.map(lambda one: _sum_up(*one), coefficients)
    for place, part in enumerate(parts):
        end = np.array(ends[DEGREE * place : DEGREE * (place + 1)], dtype=np.uint32)
        part.filled.sums[part.scope] = quintic.element(from_montgomery(end).tolist())
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """The fractions of one table and scope.

    Attributes:
        column: the first extension column of the scope; its last is the running sum.
        total: uint32[5, n]: the sum of all fractions of a row.
    """

    air: Air
    scope: Scope
    tape: BoundTape
    filled: LogupColumns
    column: int
    total: np.ndarray

    @property
    def rows_per_task(self) -> int:
        """A multiple of what a tape evaluates at a time."""
        return LANES * max(1, CELLS_PER_TASK // (LANES * self.tape.tape.outputs))


def _part(
    table: LogupTable,
    scope: Scope,
    buses: Mapping[Scope, BusChallenge],
    filled: LogupColumns,
    column: int,
) -> _Part:
    rows = table.main.shape[1]
    empty = np.zeros((0, 1, rows), dtype=np.uint32)
    tape = BoundTape.of(
        fraction_tape(table.air, scope),
        preprocessed=table.preprocessed,
        main=table.main,
        stage2=empty,
        selectors=empty,
        publics=table.publics,
        challenges=Challenges(buses),
    )
    return _Part(table.air, scope, tape, filled, column, workspace.empty((DEGREE, rows)))


def _fill(part: _Part, first: int, last: int) -> bool:
    """Fill the clusters but the last, and the totals, of some rows; whether no denominator is zero."""
    work = np.empty((part.tape.tape.outputs, last - first), dtype=np.uint32)
    part.tape.run(0, first, last, work, first)
    fractions = len(part.air.fractions(part.scope))
    return cluster_rows(work, fractions, first, part.filled.columns, part.column, part.total)


def _sum_up(part: _Part, k: int) -> int:
    """Fill one coefficient of the running sum; returns its end, Montgomery."""
    last = part.column + len(part.air.clusters(part.scope)) - 1
    return int(running_sum(part.total[k], part.filled.columns[DEGREE * last + k]))


@lru_cache(maxsize=256)
def fraction_tape(air: Air, scope: Scope) -> Tape:
    """Each fraction's denominator and multiplicity, one after the other."""
    wanted: list[Expression] = []
    for one in air.fractions(scope):
        wanted += [fingerprint(scope, one.bus.number, one.message), one.multiplicity]
    return compile_outputs(wanted)
