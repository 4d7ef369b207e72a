"""The fixed tables answer exactly what their buses promise."""

from __future__ import annotations

import numpy as np
import pytest

from zisk.field.koalabear import from_montgomery, to_montgomery
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.stark.air import Air
from zisk.stark.check import TableTrace, messages
from zisk.vm.memory_map import Region, RegionKind
from zisk.vm.tables.buses import BYTES, PROGRAM, RANGE, REGION, SHIFT, TUPLE
from zisk.vm.tables.image import image_chunks, image_content
from zisk.vm.tables.lookup_tables import (
    bytes_content,
    bytes_table,
    range_content,
    range_table,
    shift_content,
    shift_table,
    tuple_content,
    tuple_log_height,
    tuple_table,
)
from zisk.vm.tables.program import program_content, program_table
from zisk.vm.tables.region import region, region_content

from ..micro_programs import HALT, Line, Operation, micro_program


def answers(air: Air, content: np.ndarray) -> list[tuple[int, ...]]:
    """Every message that a table answers, without the bus id, in order of interactions and rows."""
    assert content.shape[0] == air.preprocessed_width
    main = np.zeros((air.main_width, content.shape[1]), dtype=np.uint32)
    table = TableTrace(air, to_montgomery(content), main)
    found = []
    for one in air.interactions:
        for _, message, _ in messages(table, one, CpuBackend(Pool(1))):
            assert message[0] == one.bus.number
            found.append(message[1:])
    return found


def test_ranges() -> None:
    found = answers(range_table(), range_content())
    assert {one.bus for one in range_table().interactions} == {RANGE}
    assert set(found) == {(bits, value) for bits in range(17) for value in range(1 << bits)}


def test_bytes() -> None:
    found = answers(bytes_table(), bytes_content())
    assert {one.bus for one in bytes_table().interactions} == {BYTES}
    pairs = [(a, b) for a in range(256) for b in range(256)]
    expected = [(0, a, b, 0) for a, b in pairs]
    expected += [(1, a, b, a & b) for a, b in pairs]
    expected += [(2, a, b, a | b) for a, b in pairs]
    expected += [(3, a, b, a ^ b) for a, b in pairs]
    assert found == expected


@pytest.mark.parametrize(("log_size", "below"), [(16, 4), (18, 16)])
def test_tuples(log_size: int, below: int) -> None:
    found = answers(tuple_table(), tuple_content(log_size))
    assert {one.bus for one in tuple_table().interactions} == {TUPLE}
    assert found == [(a, b, c) for c in range(below) for b in range(below) for a in range(below)]


def test_heights_of_tuples() -> None:
    assert [tuple_log_height(size) for size in (16, 18, 20, 22)] == [6, 12, 18, None]
    assert tuple_content(20).shape == (3, 1 << 18)


def test_shifts() -> None:
    found = answers(shift_table(), shift_content())
    assert {one.bus for one in shift_table().interactions} == {SHIFT}
    assert found == [(s, s // 16, 1 << (s % 16), 1 << (16 - s % 16)) for s in range(64)]


def test_a_program_answers_for_its_operations_and_fills_up_with_traps() -> None:
    program = micro_program([Line(Operation.ADDI, 1, 2, 0, (1 << 64) - 5), Line(Operation.NOP), HALT], {})
    content = program_content(program)
    assert {one.bus for one in program_table().interactions} == {PROGRAM}
    assert answers(program_table(), content) == [
        (0, 1, Operation.ADDI, 1, 2, 0, 0xFFFB, 0xFFFF, 1),
        (1, 2, Operation.NOP, 0, 0, 0, 0, 0, 0),
        (2, 1 << 27, Operation.HALT, 0, 17, 10, 0, 0, 0),
        (0, 0, 0, 0, 0, 0, 0, 0, 0),
    ]


def test_regions_fill_up_with_an_empty_one() -> None:
    regions = [
        Region(1, 5, RegionKind.INPUT),
        Region(5, 9, RegionKind.OUTPUT),
        Region(12, 14, RegionKind.ZERO),
    ]
    assert {one.bus for one in region().interactions} == {REGION}
    assert answers(region(), region_content(regions)) == [(1, 5, 1), (5, 9, 2), (12, 14, 0), (0, 0, 0)]


def test_image_chunks_hold_every_word_once() -> None:
    keys = np.arange(3, 3 + (1 << 17) + 5)
    chunks = image_chunks(keys)
    assert chunks == [slice(0, 1 << 16), slice(1 << 16, 1 << 17), slice(1 << 17, (1 << 17) + 5)]
    assert image_chunks(keys[:0]) == []


def test_image_content() -> None:
    content = image_content(np.array([7, 9, 12]), np.array([0x4_0003_0002_0001, 5, 6], dtype=np.uint64))
    assert content.tolist() == [
        [7, 9, 12, 0],
        [1, 1, 1, 0],
        [1, 5, 6, 0],
        [2, 0, 0, 0],
        [3, 0, 0, 0],
        [4, 0, 0, 0],
    ]
    empty = image_content(np.zeros(0, np.uint32), np.zeros(0, np.uint64))
    assert empty.tolist() == [[0]] * 6


@pytest.mark.parametrize("content", [range_content, bytes_content, shift_content])
def test_contents_are_canonical_and_repeatable(content) -> None:
    first, second = content(), content()
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(from_montgomery(to_montgomery(first)), first)
