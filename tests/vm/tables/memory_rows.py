"""Rows of the load and store tables, filled from cases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from zisk.field.koalabear import P
from zisk.stark.air import Air
from zisk.vm.operations import Family
from zisk.vm.tables.families import FAMILY_TABLES

from .judge import Judgement, judge
from .memory_cases import LOG_SIZE, Case, Records

FAMILIES = (Family.LD, Family.LOAD, Family.SD, Family.STORE, Family.MISALIGNED)


@cache
def air_of(family: Family) -> Air:
    return FAMILY_TABLES[family].air(LOG_SIZE)


def filled(family: Family, records: Records) -> np.ndarray:
    return FAMILY_TABLES[family].fill(air_of(family), records.record, records.operations).astype(np.int64)


@dataclass(eq=False)
class Row:
    """A single access as the row of a table, whose cells a test may forge."""

    case: Case
    records: Records
    cells: np.ndarray

    def __getitem__(self, name: str) -> int:
        return int(self.cells[air_of(self.case.family).main_names.index(name)])

    def forged(self, **cells: int) -> Row:
        """A copy with some cells replaced; `__` stands for brackets: d__0 is d[0]."""
        changed, names = self.cells.copy(), air_of(self.case.family).main_names
        for name, value in cells.items():
            place, _, index = name.partition("__")
            changed[names.index(f"{place}[{index}]" if index else place)] = value % P
        return Row(self.case, self.records, changed)

    @property
    def accepted(self) -> bool:
        return bool(self.verdict.accepted[0])

    @property
    def verdict(self) -> Judgement:
        return judge(air_of(self.case.family), self.cells[:, None], LOG_SIZE, self.records.program)


def row_of(case: Case) -> Row:
    records = Records([case])
    return Row(case, records, filled(case.family, records)[:, 0])
