"""Filling a table's columns from the executor's records, by name, with NumPy."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from zisk.stark.air import Air
from zisk.stark.errors import TraceError
from zisk.vm.tables.frame import TIMESTAMP_LOW_BITS

LIMB_BITS = 16


class Operations(Protocol):
    """The program's micro-operations, one array entry each (`zisk.vm.program`)."""

    pc: np.ndarray
    next: np.ndarray
    op: np.ndarray
    rd: np.ndarray
    rs1: np.ndarray
    rs2: np.ndarray
    imm0: np.ndarray
    imm1: np.ndarray
    sign: np.ndarray


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
        self._matrix = np.zeros((air.main_width, rows), dtype=np.uint32)

    def __setitem__(self, name: str, values: np.ndarray | int) -> None:
        if name not in self._places:
            raise TraceError(f"table {self.air.name} has no column {name!r}")
        self._matrix[self._places[name]] = values

    def __getitem__(self, name: str) -> np.ndarray:
        return self._matrix[self._places[name]]

    def limbs(self, name: str, words: np.ndarray, count: int = 4, bits: int = LIMB_BITS) -> None:
        """Set `name[0]`, `name[1]`, ... to the limbs of uint64 words, lowest first."""
        for index in range(count):
            self[f"{name}[{index}]"] = limb(words, index, bits)

    def frame(self, record: Record, operations: Operations, flags: dict[str, int]) -> None:
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
        slot: int,
        previous: np.ndarray,
        when: np.ndarray | None = None,
    ) -> None:
        """Set the two limbs of ts + slot - 1 - previous; zero on rows where `when` is false."""
        gap = ts.astype(np.int64) + (slot - 1) - previous
        if when is not None:
            gap = np.where(when, gap, 0)
        self[f"{name}_gap_low"] = gap & 0xFFFF
        self[f"{name}_gap_high"] = gap >> TIMESTAMP_LOW_BITS

    def matrix(self) -> np.ndarray:
        """The canonical columns: uint32[main width, rows]."""
        return self._matrix


def limb(words: np.ndarray, index: int, bits: int = LIMB_BITS) -> np.ndarray:
    """Limb `index` of uint64 words."""
    return (words >> np.uint64(bits * index)) & np.uint64((1 << bits) - 1)
