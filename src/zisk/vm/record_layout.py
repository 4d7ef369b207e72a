"""Where in a block of memory the interpreter writes each column of a segment's rows and of its boundary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zisk.vm import interpreter_state as state
from zisk.vm.limits import TOUCH_RESERVE
from zisk.vm.operations import MEMORY_FAMILIES, Family
from zisk.vm.record import OPERAND_FIELDS

_WIDE = {
    "a": state.AT_A,
    "b": state.AT_B,
    "d": state.AT_D,
    "d_old": state.AT_D_OLD,
    "address": state.AT_ADDRESS,
    "m_old": state.AT_M_OLD,
    "m_new": state.AT_M_NEW,
    "high_old": state.AT_HIGH_OLD,
    "high_new": state.AT_HIGH_NEW,
}
_NARROW = {
    "slot": state.AT_SLOT,
    "ts": state.AT_TS,
    "a_prev": state.AT_A_PREV,
    "b_prev": state.AT_B_PREV,
    "d_prev": state.AT_D_PREV,
    "m_prev": state.AT_M_PREV,
    "high_prev": state.AT_HIGH_PREV,
}
"""Numbers of the columns of 64 and of 32 bits: fields of `FamilyRecord`, of which pairs are two columns."""

_LOADS = frozenset({Family.LD, Family.LOAD})
_ALIGNED = MEMORY_FAMILIES - {Family.MISALIGNED}

BOUNDARY_TYPES = {
    "place": np.uint32,
    "previous_segment": np.uint32,
    "initial": np.uint64,
    "key": np.uint32,
    "final": np.uint64,
    "last_ts": np.uint32,
}
"""Columns of a boundary: what the interpreter writes, then what closes it."""

_PAGE_BYTES = 4096


def columns_of(family: Family) -> tuple[str, ...]:
    """Names of the columns that the rows of a family fill.

    Aligned accesses have no second word, and loads leave the first one as it was.
    """
    names = ("slot", "ts", *OPERAND_FIELDS[family])
    if family in MEMORY_FAMILIES:
        names += ("address", "m_old", "m_prev")
        names += () if family in _LOADS else ("m_new",)
        names += () if family in _ALIGNED else ("high_old", "high_new", "high_prev")
    return names


@dataclass(frozen=True, slots=True)
class Column:
    """Items of one type, from an offset in bytes on."""

    dtype: type[np.uint32] | type[np.uint64]
    offset: int


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """What is where in a block of `size` bytes.

    `columns`: per family and name; `boundary`: per name, with `boundary_rows` items each.
    `zeros`: a column behind all others that stays zero, as long as any.
    `starts`: as `SegmentLog` has them.
    """

    columns: dict[tuple[Family, str], Column]
    boundary: dict[str, Column]
    boundary_rows: int
    zeros: int
    size: int
    starts: npt.NDArray[np.int64]


def layout_for(maxima: npt.NDArray[np.int64]) -> Layout:
    """The layout with room for a segment within `maxima`: rows per family, then steps and touched words.

    Columns have pages of their own: those that stay empty take no memory, and each ends with whole buffers,
    of which a page holds several.
    """
    cursor = _PAGE_BYTES

    def reserve(items: int, dtype: type[np.uint32] | type[np.uint64]) -> Column:
        nonlocal cursor
        column = Column(dtype, cursor)
        cursor += -(-items * np.dtype(dtype).itemsize // _PAGE_BYTES) * _PAGE_BYTES
        return column

    columns: dict[tuple[Family, str], Column] = {}
    starts = np.zeros((len(Family), state.COLUMNS), np.int64)
    for family in Family:
        for name in columns_of(family):
            dtype = np.uint64 if name in _WIDE else np.uint32
            number = _WIDE[name] if name in _WIDE else state.WIDE_COLUMNS + _NARROW[name]
            columns[family, name] = reserve(int(maxima[family]), dtype)
            starts[family, number] = columns[family, name].offset // 8
    boundary_rows = int(maxima[-1]) + TOUCH_RESERVE
    boundary = {name: reserve(boundary_rows, dtype) for name, dtype in BOUNDARY_TYPES.items()}
    zeros = reserve(int(maxima[: len(Family)].max()), np.uint64)
    return Layout(columns, boundary, boundary_rows, zeros.offset, cursor, starts.ravel())
