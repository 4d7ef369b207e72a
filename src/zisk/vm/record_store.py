"""Blocks of memory that segments are recorded into, used again when nobody reads them any more."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zisk.kernels.workspace import fresh_memory, lent
from zisk.vm.interpreter_log import close_boundary, flush_rest
from zisk.vm.interpreter_state import BUFFER_WORDS, SegmentLog
from zisk.vm.operations import MEMORY_FAMILIES, Family
from zisk.vm.record import Boundary, FamilyRecord, SegmentRecord
from zisk.vm.record_layout import BOUNDARY_TYPES, Column, Layout, columns_of, layout_for

_PAIRS = {"m_old": "high_old", "m_new": "high_new", "m_prev": "high_prev"}
"""Fields of two columns, and the name of the second one."""


class RecordStore:
    """Blocks with room for a segment within `maxima`: rows per family, then steps and touched words.

    A block costs address space; memory is taken by the pages that the rows of some segment reached. Segments
    are recorded one after another: what was taken before is complete when the next block is filled.
    """

    def __init__(self, maxima: npt.NDArray[np.int64]) -> None:
        self._layout = layout_for(maxima)
        self._buffers = np.zeros(len(Family) * BUFFER_WORDS, np.uint64)
        self._free: list[mmap.mmap] = []

    def take(self) -> SegmentBlock:
        """A block that comes back when it and every array made from it are gone."""
        layout = self._layout
        block = self._free.pop() if self._free else fresh_memory(layout.size)
        memory = lent(block, layout.size, self._free.append)
        log = SegmentLog(
            wide_buffers=self._buffers,
            narrow_buffers=self._buffers.view(np.uint32),
            columns=memory.view(np.uint64),
            starts=layout.starts,
            place=_view(memory, layout.boundary["place"], layout.boundary_rows),
            previous_segment=_view(memory, layout.boundary["previous_segment"], layout.boundary_rows),
            initial=_view(memory, layout.boundary["initial"], layout.boundary_rows),
        )
        return SegmentBlock(memory, layout, log)


@dataclass(frozen=True, eq=False, slots=True)
class SegmentBlock:
    """A block for one segment: the interpreter fills `log`, then `record` reads it."""

    memory: npt.NDArray[np.uint8]
    layout: Layout
    log: SegmentLog

    def record(
        self, rows: npt.NDArray[np.int64], touched: int, words: npt.NDArray[np.uint64]
    ) -> SegmentRecord:
        """The record of a finished segment of `rows` per family and `touched` words.

        `words` is the machine's memory as it is now. The record's arrays lie in the block.
        """
        flush_rest(self.log.wide_buffers, self.log.columns, self.log.starts, rows)
        boundary = {name: _view(self.memory, self.layout.boundary[name], touched) for name in BOUNDARY_TYPES}
        place = boundary.pop("place")
        close_boundary(words, place, boundary["key"], boundary["final"], boundary["last_ts"])
        families = {family: self._family(family, int(rows[family])) for family in Family}
        return SegmentRecord(families, Boundary(**boundary))

    def _family(self, family: Family, rows: int) -> FamilyRecord:
        names = columns_of(family)
        arrays = {
            name: _view(self.memory, self.layout.columns[family, name], rows)
            for name in names
            if name not in _PAIRS and name not in _PAIRS.values()
        }
        if family in MEMORY_FAMILIES:
            arrays |= {name: self._pairs(family, name, rows) for name in _PAIRS}
        return FamilyRecord(**arrays)

    def _pairs(self, family: Family, name: str, rows: int) -> npt.NDArray[Any]:
        """Both words of accesses: two columns that lie apart.

        A second column that a family lacks is zero, and new words that it lacks are the old ones.
        """
        columns = self.layout.columns
        first = columns.get((family, name)) or columns[family, "m_old"]
        second = columns.get((family, _PAIRS[name]))
        apart = (second.offset if second else self.layout.zeros) - first.offset
        width = np.dtype(first.dtype).itemsize
        return np.ndarray((rows, 2), first.dtype, self.memory, first.offset, (width, apart))


def _view(memory: npt.NDArray[np.uint8], column: Column, rows: int) -> npt.NDArray[Any]:
    """The first items of a column."""
    return np.ndarray((rows,), column.dtype, memory, column.offset)
