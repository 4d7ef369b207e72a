"""Where a segment ends before it is full: where that makes a run's segments cheaper.

A table's height is a power of two, so a table that has just passed one is half empty. A segment that ends
where its heavy tables are full commits to fewer cells per step, but a run then has more segments, each with
a constant cost besides. The rule weighs the two wherever a family fills a power of two in the second half of
a segment: it takes the mix of instructions so far to be that of the rest, and ends the segment if no later
end has fewer cells per step.

The rule sees the rows of the families alone, so cuts are the same whether a segment is recorded or not.
It bears no trust: the verifier accepts any cut, and a bad one costs time only.

Arrays of *limits* (int64) hold the most rows of each family, then the most steps and touched words.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from zisk.field.quintic import DEGREE
from zisk.vm.operations import Family
from zisk.vm.tables.families import FAMILY_TABLES

Integers = npt.NDArray[np.int64]

SEGMENT_CELLS = 48_000_000
"""What a segment costs however short it is, in cells of its tables.

Recursion takes about 20 million cells for a leaf and as many for a node. The rest is for what the rule does
not see: the tables that answer lookups, the boundary, openings and proof-of-work.
"""

_STEPS = -2
_SEEN_BELOW_SIZE = 5
"""Families of fewer than one row in 2^5 of a segment's steps are not asked: they weigh little."""


@cache
def cells_per_row(log_size: int) -> Integers:
    """Cells that a row of each family commits to, main and LogUp, indexed by family."""
    airs = [FAMILY_TABLES[family].air(log_size) for family in Family]
    return np.array([air.main_width + DEGREE * air.stage2_width for air in airs], np.int64)


def first_stops(maxima: Integers) -> Integers:
    """The limits up to which a segment runs before the rule is asked: half of the most steps."""
    stops = maxima.copy()
    stops[_STEPS] //= 2
    return stops


def next_stops(
    counts: Integers, steps: int, stops: Integers, maxima: Integers, cells: Integers
) -> Integers | None:
    """The limits up to which a segment goes on that has come to `stops`, or None if it ends here.

    Args:
        counts: rows of each family so far.
        steps: steps so far.
        stops: limits that the segment has come to: one of them forbids the next step.
        maxima: what the segment may have at most.
        cells: cells of a row, by family.
    """
    rows, most = counts[: len(Family)], maxima[: len(Family)]
    if stops[_STEPS] < maxima[_STEPS]:
        if steps < stops[_STEPS]:
            return None
        least = int(maxima[_STEPS]) >> _SEEN_BELOW_SIZE
        following = maxima.copy()
        following[: len(Family)] = np.minimum(np.maximum(_heights(rows), least), most)
        return following
    full = (rows == stops[: len(Family)]) & (rows < most)
    if not full.any() or _is_cheapest_here(rows, steps, maxima, cells):
        return None
    following = stops.copy()
    following[: len(Family)][full] *= 2
    return following


def _is_cheapest_here(rows: Integers, steps: int, maxima: Integers, cells: Integers) -> bool:
    """Whether no later end of the segment promises fewer cells per step, if the mix stays what it is.

    Later ends are where a family fills its present height, and where the segment meets a maximum.
    Each is steps * a / b for integers a > b; a and b are at most 2^22 and a segment's cells below 2^35, so
    products fit 64 bits.
    """
    present = rows[rows > 0]
    limits = np.append(maxima[: len(Family)][rows > 0], maxima[_STEPS])
    reached = np.append(present, steps)
    last = int(np.argmin(limits / reached))
    a, b = np.append(_heights(present), limits[last]), np.append(present, reached[last])
    ahead = (a > b) & (a * reached[last] <= b * limits[last])
    a, b = a[ahead], b[ahead]
    later = -(-rows * a[:, None] // b[:, None])
    now = SEGMENT_CELLS + int(_heights(rows) @ cells)
    then = SEGMENT_CELLS + _heights(later) @ cells
    return bool(np.all(then * b >= now * a))


def _heights(rows: Integers) -> Integers:
    """Smallest powers of two that hold these numbers of rows, and at least one."""
    return np.int64(1) << np.frexp(np.maximum(rows - 1, 0).astype(np.float64))[1].astype(np.int64)
