"""Filling a table's columns from the executor's records, by name, with NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from zisk.kernels import workspace
from zisk.stark.air import Air
from zisk.stark.errors import TraceError
from zisk.vm.program import Program
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, TIMESTAMP_LOW_BITS

LIMB_BITS = 16


Operations = Program
"""The program's micro-operations, one array entry each."""


class Record(Protocol):
    """The executed steps of one family, one array entry each (`zisk.vm.record`)."""

    slot: np.ndarray
    ts: np.ndarray
    a: np.ndarray
    a_prev: np.ndarray
    b: np.ndarray
    b_prev: np.ndarray
    d: np.ndarray
    d_old: np.ndarray
    d_prev: np.ndarray
    m_old: np.ndarray
    m_new: np.ndarray
    m_prev: np.ndarray
    address: np.ndarray


class Trace:
    """The columns of one table being filled; those never set stay zero.

    Rows that are not executed steps are all zero in every instruction table: each AIR accepts such a row
    and sends nothing from it.
    """

    def __init__(self, air: Air, rows: int) -> None:
        self.air = air
        self.rows = rows
        self._places = {name: place for place, name in enumerate(air.main_names)}
        self._matrix = workspace.zeros((air.main_width, rows))

    def __setitem__(self, name: str, values: np.ndarray | int) -> None:
        if name not in self._places:
            raise TraceError(f"table {self.air.name} has no column {name!r}")
        self._matrix[self._places[name]] = values

    def __getitem__(self, name: str) -> np.ndarray:
        return self._matrix[self._places[name]]

    def limbs(self, name: str, words: np.ndarray, count: int = 4, bits: int = LIMB_BITS) -> None:
        """Set `name[0]`, `name[1]`, ... to the limbs of uint64 words, lowest first."""
        parts = np.ascontiguousarray(words, dtype="<u8").view(f"<u{bits // 8}").reshape(-1, 64 // bits)
        for index in range(count):
            self[f"{name}[{index}]"] = parts[:, index]

    def frame(self, record: Record, operations: Operations, flags: Mapping[str, int]) -> None:
        """Set pc, next, ts and the one-hot flags (micro-operation name -> opcode)."""
        self["pc"] = operations.pc[record.slot]
        self["next"] = operations.next[record.slot]
        self["ts"] = record.ts
        executed = operations.op[record.slot]
        for name, opcode in flags.items():
            self[f"is_{name}"] = executed == opcode

    def gap(
        self,
        name: str,
        ts: np.ndarray,
        slot: np.ndarray | int,
        previous: np.ndarray,
        when: np.ndarray | None = None,
    ) -> None:
        """Set the two limbs of ts + slot - 1 - previous; zero on rows where `when` is false."""
        gap = ts.astype(np.int64) + (slot - 1) - previous
        if when is not None:
            gap = np.where(when, gap, 0)
        self[f"{name}_gap_low"] = gap & 0xFFFF
        self[f"{name}_gap_high"] = gap >> TIMESTAMP_LOW_BITS

    def operands(
        self,
        record: Record,
        operations: Operations,
        reads_first: np.ndarray | None = None,
        reads_second: np.ndarray | None = None,
    ) -> None:
        """Set all columns that say which words a row touches, and when they were touched before.

        These are the operand indices and the immediate, as far as the table has columns for them; the gaps
        of rs1 (`a`), rs2 (`b`) and rd (`d`); and rd's old value. `reads_first` and `reads_second` are false
        on rows that do not read rs1 or rs2.
        """
        for name in ("rd", "rs1", "rs2", "imm0", "imm1", "sign"):
            if name in self._places:
                self[name] = getattr(operations, name)[record.slot]
        if "a_gap_low" in self._places:
            self.gap("a", record.ts, SLOT_FIRST, record.a_prev, reads_first)
        if "b_gap_low" in self._places:
            self.gap("b", record.ts, SLOT_SECOND, record.b_prev, reads_second)
        if "d_gap_low" in self._places:
            self.gap("d", record.ts, SLOT_LAST, record.d_prev)
            self.limbs("d_old", record.d_old)

    def matrix(self) -> np.ndarray:
        """The canonical columns: uint32[main width, rows]."""
        return self._matrix


def limb(words: np.ndarray, index: int, bits: int = LIMB_BITS) -> np.ndarray:
    """Limb `index` of uint64 words."""
    return (words >> np.uint64(bits * index)) & np.uint64((1 << bits) - 1)
