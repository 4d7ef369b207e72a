"""A cheating prover: changes a cell, then others until every constraint holds again.

Where a constraint is broken, it picks a cell that the constraint reads and solves for it, as if the
constraint were linear there; most are. The program's answer counts as constraints too, so that flags stay
those of one opcode. Range checks and byte lookups it does not repair: they are what should refuse most of
what it finds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.field.koalabear import P, inverse_array
from zisk.stark.air import Air
from zisk.stark.expression import Expression, Operation
from zisk.vm.tables.buses import PROGRAM

from .judge import evaluate

STEPS = 10
"""Cells that the prover changes at most."""


def repaired(air: Air, columns: np.ndarray, movable: Sequence[int], trials: int, seed: int) -> np.ndarray:
    """Rows with several cells changed on which all constraints hold.

    Args:
        air: the table.
        columns: honest rows, canonical [width, n].
        movable: places of the columns that may change.
        trials: rows to start from for each honest row.
        seed: of the random choices.
    """
    generator = np.random.default_rng(seed)
    honest = np.repeat(columns, trials, axis=1)
    rows = np.arange(honest.shape[1])
    stated, looked_up = _residuals(air)
    expressions = [*stated, *looked_up]
    supports = [sorted(_columns(one) & set(movable)) for one in expressions]
    wanted = evaluate(air, looked_up, honest)

    def residuals(rows: np.ndarray) -> np.ndarray:
        values = evaluate(air, expressions, rows)
        values[len(stated) :] -= wanted
        return values % P

    first = generator.choice(np.array(movable), rows.size)
    changed = honest.copy()
    changed[first, rows] = (changed[first, rows] + _moves(generator, rows.size)) % P
    for _ in range(STEPS):
        found = residuals(changed)
        chosen, cells = np.zeros(rows.size, np.int64), np.zeros(rows.size, np.int64)
        open_rows = np.zeros(rows.size, dtype=bool)
        for row in np.flatnonzero(found.any(axis=0)):
            chosen[row] = generator.choice(np.flatnonzero(found[:, row]))
            choices = [cell for cell in supports[chosen[row]] if cell != first[row]]
            if choices:
                cells[row], open_rows[row] = generator.choice(choices), True
        probe = changed.copy()
        probe[cells, rows] = (probe[cells, rows] + 1) % P
        here = found[chosen, rows]
        slope = (residuals(probe)[chosen, rows] - here) % P
        step = here * inverse_array(slope.astype(np.uint64)).astype(np.int64) % P
        changed[cells, rows] = np.where(open_rows, (changed[cells, rows] - step) % P, changed[cells, rows])
    return changed[:, ~residuals(changed).any(axis=0)]


def _moves(generator: np.random.Generator, count: int) -> np.ndarray:
    """Small steps, limbs, and anything."""
    small = generator.choice([1, -1, 2, -2, 256, -256, 1 << 15, -(1 << 15), 1 << 16, -(1 << 16)], count)
    return np.where(generator.random(count) < 0.8, small, generator.integers(0, P, count))


def _residuals(air: Air) -> tuple[list[Expression], list[Expression]]:
    """What must be zero on a row, and what must stay as the program answers it."""
    looked_up = next(one.message for one in air.interactions if one.bus == PROGRAM)
    return [one.expression for one in air.own_constraints], list(looked_up)


def _columns(expression: Expression) -> set[int]:
    """Places of the columns that an expression reads."""
    if expression.operation is Operation.COLUMN:
        return {expression.payload[1]}
    return set().union(*(_columns(argument) for argument in expression.arguments))
