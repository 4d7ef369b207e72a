"""The prover's LogUp columns: cluster values, running sums and the exposed sums of one table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import from_montgomery
from zisk.field.quintic import DEGREE, Element
from zisk.kernels.cpu.logup import cluster_rows, running_sum
from zisk.kernels.cpu.tape import LANES, run_tape
from zisk.kernels.pool import Pool
from zisk.stark.air import Air
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import TraceError
from zisk.stark.evaluation import base_scalars, by_coset
from zisk.stark.expression import Expression, Scope, fingerprint
from zisk.stark.scalars import Challenges
from zisk.stark.tape import Tape, compile_outputs

ROWS_PER_TASK = LANES * 32
"""Rows whose fractions one task holds at a time."""


def logup_columns(
    air: Air,
    preprocessed: np.ndarray,
    main: np.ndarray,
    publics: tuple[int, ...],
    buses: Mapping[Scope, BusChallenge],
    pool: Pool,
) -> tuple[np.ndarray, dict[Scope, Element]]:
    """Fill the stage-2 columns of a table.

    Returns:
        uint32[5 s, n] on the subgroup, Montgomery, and the exposed sum of each scope, canonical.

    Raises:
        TraceError: a denominator is zero under these challenges.
    """
    rows = main.shape[1]
    stage2 = np.zeros((DEGREE * air.stage2_width, rows), dtype=np.uint32)
    sums: dict[Scope, Element] = {}
    column = 0
    for scope in air.scopes:
        total = np.empty((DEGREE, rows), dtype=np.uint32)
        _fill_clusters(air, scope, preprocessed, main, publics, buses, stage2, column, total, pool)
        column += len(air.clusters(scope))
        end = running_sum(total, stage2, column - 1)
        sums[scope] = quintic.element(int(one) for one in from_montgomery(end))
    return stage2, sums


def _fill_clusters(
    air: Air,
    scope: Scope,
    preprocessed: np.ndarray,
    main: np.ndarray,
    publics: tuple[int, ...],
    buses: Mapping[Scope, BusChallenge],
    stage2: np.ndarray,
    column: int,
    total: np.ndarray,
    pool: Pool,
) -> None:
    fractions = air.fractions(scope)
    tape = fraction_tape(air, scope)
    constants = base_scalars(tape, publics)
    scalars = Challenges(buses).scalars(tape.scalars)
    rows = main.shape[1]
    empty = np.zeros((0, 1, rows), dtype=np.uint32)
    matrices = (by_coset(preprocessed), by_coset(main), empty, empty)

    def task(first: int) -> bool:
        last = min(first + ROWS_PER_TASK, rows)
        work = np.empty((tape.outputs, last - first), dtype=np.uint32)
        registers = (tape.base_registers, tape.extension_registers)
        run_tape(tape.code, *registers, constants, scalars, *matrices, 0, first, last, work, first)
        return cluster_rows(work, len(fractions), first, stage2, column, total)

    if not all(pool.map(task, range(0, rows, ROWS_PER_TASK))):
        raise TraceError(f"table {air.name}: a fingerprint is zero under these challenges")


@lru_cache(maxsize=256)
def fraction_tape(air: Air, scope: Scope) -> Tape:
    """Each fraction's denominator and multiplicity, one after the other."""
    wanted: list[Expression] = []
    for one in air.fractions(scope):
        wanted += [fingerprint(scope, one.bus.number, one.message), one.multiplicity]
    return compile_outputs(wanted)
