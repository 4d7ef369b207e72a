"""Blocks for records have room for every column, and are used again only when nobody can read them."""

from __future__ import annotations

import gc
from itertools import pairwise

import numpy as np
import pytest

from tests.vm.test_interpreter import SMALL, as_reference, random_program
from zisk.vm import executor
from zisk.vm.executor import Run, record_all
from zisk.vm.interpreter_state import BUFFER_ROWS, COLUMNS
from zisk.vm.limits import TOUCH_RESERVE
from zisk.vm.operations import Family
from zisk.vm.record_layout import columns_of, layout_for
from zisk.vm.record_store import RecordStore, SegmentBlock

TOUCHED = 600
MAXIMA = np.array([*(1 + 300 * family % 1100 for family in Family), 1200, TOUCHED])


def test_columns_have_room_for_whole_buffers_and_do_not_overlap() -> None:
    layout = layout_for(MAXIMA)
    ends = {}
    for (family, _), column in layout.columns.items():
        buffers = -(-int(MAXIMA[family]) // BUFFER_ROWS)
        ends[column.offset] = column.offset + buffers * BUFFER_ROWS * np.dtype(column.dtype).itemsize
    for column in layout.boundary.values():
        ends[column.offset] = column.offset + (TOUCHED + TOUCH_RESERVE) * np.dtype(column.dtype).itemsize
    ends[layout.zeros] = layout.zeros + 8 * int(MAXIMA[: len(Family)].max())
    starts = sorted(ends)
    assert len(starts) == len(layout.columns) + len(layout.boundary) + 1
    assert all(ends[start] <= following for start, following in pairwise(starts))
    assert ends[starts[-1]] <= layout.size
    assert starts[-1] == layout.zeros


def test_starts_name_the_columns_of_each_family() -> None:
    layout = layout_for(MAXIMA)
    starts = layout.starts.reshape(len(Family), COLUMNS)
    for family in Family:
        offsets = {layout.columns[family, name].offset // 8 for name in columns_of(family)}
        assert set(starts[family].tolist()) - {0} == offsets


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "LOG_SIZES", (SMALL,))


def address(block: SegmentBlock) -> int:
    """Where the memory of a block is."""
    return block.memory.ctypes.data


def test_a_block_comes_back_when_its_last_array_is_gone() -> None:
    store = RecordStore(MAXIMA)
    block = store.take()
    first, part = address(block), block.log.columns[8:16][2:4]
    del block
    gc.collect()
    second = store.take()
    assert address(second) != first
    del part
    gc.collect()
    assert address(store.take()) == first


@pytest.mark.usefixtures("small_segments")
def test_records_that_are_kept_stay_as_they_were() -> None:
    program = random_program(9, 2500)
    kept = list(Run(program, b"", log_size=SMALL, record=record_all))
    dropped = [as_reference(one) for one in Run(program, b"", log_size=SMALL, record=record_all)]
    assert len(kept) >= 3
    assert [as_reference(one) for one in kept] == dropped
