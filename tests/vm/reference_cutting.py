"""Where a segment ends before it is full, by fractions and one end after the other.

It is the twin that `zisk.vm.cutting` is compared with.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from zisk.vm import cutting
from zisk.vm.operations import Family

Rows = dict[Family, int]


def height(rows: int) -> int:
    """Smallest power of two that holds so many rows, at least one."""
    result = 1
    while result < rows:
        result *= 2
    return result


def is_cheapest_here(rows: Rows, steps: int, most: Rows, most_steps: int, cells: Rows) -> bool:
    """Whether no later end has fewer cells per step, if the mix stays what it is."""
    present = {family: count for family, count in rows.items() if count}
    last = min(Fraction(most_steps, steps), *(Fraction(most[one], present[one]) for one in present))
    ends = {last, *(Fraction(height(count), count) for count in present.values())}

    def cells_per_step(end: Fraction) -> Fraction:
        committed = sum(height(ceil(rows[one] * end)) * cells[one] for one in rows)
        return (cutting.SEGMENT_CELLS + committed) / (steps * end)

    here = cells_per_step(Fraction(1))
    return all(cells_per_step(end) >= here for end in ends if 1 < end <= last)


@dataclass
class ReferenceCutting:
    """The rule over one segment: ask `ends_before` ahead of every step that the limits allow."""

    most: Rows
    most_steps: int
    cells: Rows
    stops: Rows | None = None

    def ends_before(self, family: Family, rows: Rows, steps: int) -> bool:
        """Whether the segment ends before a step of a family, after these rows and steps."""
        if steps < self.most_steps // 2:
            return False
        if self.stops is None:
            least = self.most_steps // 32
            self.stops = {one: min(max(height(rows[one]), least), self.most[one]) for one in rows}
        if rows[family] < self.stops[family]:
            return False
        if is_cheapest_here(rows, steps, self.most, self.most_steps, self.cells):
            return True
        for one in rows:
            if rows[one] == self.stops[one] < self.most[one]:
                self.stops[one] *= 2
        return False
