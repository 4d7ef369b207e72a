"""Kernels that sort a segment's log by family."""

from __future__ import annotations

from zisk.kernels.jit import kernel


@kernel
def order_by_family(family_of_step, first_memory, last_memory, next_row, step_of_row, access_of_row):
    """Row order of a log: families one after another, steps in order of execution inside each.

    `next_row` holds the first row of every family, and is left at the row after its last.
    `step_of_row` receives the step; `access_of_row` its entry in the memory log, for families
    `first_memory` to `last_memory`, whose rows count from the first of them.
    """
    offset = next_row[first_memory]
    access = 0
    for step in range(family_of_step.size):
        family = family_of_step[step]
        row = next_row[family]
        step_of_row[row] = step
        next_row[family] = row + 1
        if first_memory <= family <= last_memory:
            access_of_row[row - offset] = access
            access += 1


@kernel
def gather(source, entry_of_row, target):
    """Set target[row] to source[entry_of_row[row]] for every row."""
    for row in range(entry_of_row.size):
        target[row] = source[entry_of_row[row]]


@kernel
def gather_pairs(source, entry_of_row, target):
    """The same for arrays of two columns."""
    for row in range(entry_of_row.size):
        entry = entry_of_row[row]
        target[row, 0] = source[entry, 0]
        target[row, 1] = source[entry, 1]


@kernel
def timestamps(step_of_row, target):
    """Timestamps of steps: 1 + 4 * step."""
    for row in range(step_of_row.size):
        target[row] = 1 + 4 * step_of_row[row]
