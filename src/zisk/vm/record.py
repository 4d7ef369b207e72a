"""What a segment's execution leaves for its tables: rows per family and the touched words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zisk.vm.interpreter_sort import gather, gather_pairs, order_by_family, timestamps
from zisk.vm.interpreter_state import INPUT_WORDS, RAM_WORDS, ROM_PLACE, SegmentLog
from zisk.vm.memory_map import INPUT_BASE, RAM_BASE, ROM_BASE
from zisk.vm.operations import MEMORY_FAMILIES, SHAPES, Family

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False, slots=True)
class FamilyRecord:
    """Rows of one family in order of execution, as arrays with one entry per row.

    `slot`: row of the program's arrays; `ts`: timestamp of the step, 1 + 4 * position in the segment.
    `a`, `b`: values of rs1 and rs2; `d`, `d_old`: new and old value of rd; `..._prev`: timestamp of the
    previous touch of that word in this segment, 0 if there was none.
    `m_old`, `m_new`: shape (rows, 2): the two words that a load or store touches (the second one 0 unless
    the family is MISALIGNED); loads leave them as they were. `m_prev`: shape (rows, 2).
    `address`: byte address of the access.
    Operands that no operation of the family has are None; those that a row does not use are 0.
    """

    slot: U32
    ts: U32
    a: U64 | None = None
    a_prev: U32 | None = None
    b: U64 | None = None
    b_prev: U32 | None = None
    d: U64 | None = None
    d_old: U64 | None = None
    d_prev: U32 | None = None
    address: U64 | None = None
    m_old: U64 | None = None
    m_new: U64 | None = None
    m_prev: U32 | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.slot)


@dataclass(frozen=True, eq=False, slots=True)
class Boundary:
    """Words that a segment touches, in order of first touch.

    `key`; `previous_segment`: last segment that touched the word, 0 if none; `initial` and `final` value;
    `last_ts`: timestamp of the last touch.
    """

    key: U32
    previous_segment: U32
    initial: U64
    final: U64
    last_ts: U32


@dataclass(frozen=True, eq=False, slots=True)
class SegmentRecord:
    """Rows of all families of a segment, and its boundary."""

    families: dict[Family, FamilyRecord]
    boundary: Boundary


_FIRST, _SECOND = ("a", "a_prev"), ("b", "b_prev")
_RESULT = ("d", "d_old", "d_prev")


def _operand_fields() -> dict[Family, tuple[str, ...]]:
    """Names of the operand fields that each family has."""
    table: dict[Family, tuple[str, ...]] = {}
    for family in Family:
        sources = (Family.LD, Family.SD) if family == Family.MISALIGNED else (family,)
        shapes = [shape for shape in SHAPES.values() if shape.family in sources]
        names: tuple[str, ...] = ()
        names += _FIRST if any(shape.reads_first for shape in shapes) else ()
        names += _SECOND if any(shape.reads_second for shape in shapes) else ()
        names += _RESULT if any(shape.writes for shape in shapes) else ()
        table[family] = names
    return table


OPERAND_FIELDS = _operand_fields()
"""Operand fields of `FamilyRecord` that are present, per family."""

ACCESS_FIELDS = ("address", "m_old", "m_new", "m_prev")
"""Fields that memory families have besides."""


def new_log(log_size: int, places: int) -> SegmentLog:
    """Log with room for a segment of 2^log_size steps over a memory of `places` words."""
    steps = 1 << log_size
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(SegmentLog._fields, (steps,))
    shapes |= dict.fromkeys(("m_old", "m_new", "m_prev"), (steps, 2))
    narrow = {"slot", "a_prev", "b_prev", "d_prev", "m_prev", "place", "previous_segment"}
    arrays: dict[str, Any] = {
        name: np.empty(shape, np.uint32 if name in narrow else np.uint64)
        for name, shape in shapes.items()
        if name not in ("family", "last_ts")
    }
    return SegmentLog(family=np.empty(steps, np.uint8), last_ts=np.zeros(places, np.uint32), **arrays)


def key_of_place(place: npt.NDArray[np.int64]) -> U32:
    """Keys of memory places."""
    key = np.where(place < RAM_WORDS, place + RAM_BASE // 8, place - RAM_WORDS + INPUT_BASE // 8)
    return np.where(place < ROM_PLACE, key, place - ROM_PLACE + ROM_BASE // 8).astype(np.uint32)


def place_of_key(key: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Memory places of mapped keys; the inverse of `key_of_place`."""
    place = np.where(key >= RAM_BASE // 8, key - RAM_BASE // 8, key - ROM_BASE // 8 + ROM_PLACE)
    return np.where(key < INPUT_BASE // 8 + INPUT_WORDS, key - INPUT_BASE // 8 + RAM_WORDS, place)


def collect(log: SegmentLog, steps: int, accesses: int, touched: int, words: U64) -> SegmentRecord:
    """Sort a filled log by family and close the boundary with the words' present values.

    Copies everything, and clears the log's timestamps for the next segment.
    """
    place = log.place[:touched].astype(np.int64)
    boundary = Boundary(
        key_of_place(place),
        log.previous_segment[:touched].copy(),
        log.initial[:touched].copy(),
        words[place],
        log.last_ts[place],
    )
    log.last_ts[place] = 0
    return SegmentRecord(_sort(log, steps, accesses), boundary)


def _sort(log: SegmentLog, steps: int, accesses: int) -> dict[Family, FamilyRecord]:
    """Rows of a log by family, each family with arrays of its own."""
    counts = np.bincount(log.family[:steps], minlength=len(Family))
    starts = np.concatenate([[0], np.cumsum(counts)])
    step_of_row, access_of_row = np.empty(steps, np.uint32), np.empty(accesses, np.uint32)
    first, last = min(MEMORY_FAMILIES), max(MEMORY_FAMILIES)
    order_by_family(log.family[:steps], int(first), int(last), starts[:-1].copy(), step_of_row, access_of_row)
    families: dict[Family, FamilyRecord] = {}
    for family in Family:
        start, end = int(starts[family]), int(starts[family + 1])
        rows = step_of_row[start:end]
        arrays: dict[str, Any] = {"ts": np.empty(end - start, np.uint32)}
        timestamps(rows, arrays["ts"])
        for name in ("slot", *OPERAND_FIELDS[family]):
            arrays[name] = _gathered(getattr(log, name), rows)
        if family in MEMORY_FAMILIES:
            offset = int(starts[first])
            for name in ACCESS_FIELDS:
                arrays[name] = _gathered(getattr(log, name), access_of_row[start - offset : end - offset])
        families[family] = FamilyRecord(**arrays)
    return families


def _gathered(source: npt.NDArray[Any], entry_of_row: U32) -> npt.NDArray[Any]:
    """Entries of `source` in the given order."""
    target = np.empty((len(entry_of_row), *source.shape[1:]), source.dtype)
    if source.ndim == 1:
        gather(source, entry_of_row, target)
    else:
        gather_pairs(source, entry_of_row, target)
    return target
