"""The interpreter's segments, rows and boundaries are those of the slow reference machine."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.vm import encoder
from tests.vm.guest_elf import code_part, data_part, write_elf
from tests.vm.micro_programs import HALT, Line, micro_program
from tests.vm.random_programs import epilogue, halt, prologue, random_body, random_data
from tests.vm.reference_machine import ReferenceMachine, ReferenceSegment
from zisk.vm import cutting, executor
from zisk.vm.errors import FaultKind, GuestFault
from zisk.vm.executor import Run, Segment, execute, record_all, record_none
from zisk.vm.operations import Family, Operation
from zisk.vm.program import Program, load_program
from zisk.vm.record import OPERAND_FIELDS

SMALL = 10
"""A size that the package does not offer, so that short programs have several segments."""


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "LOG_SIZES", (SMALL,))


def random_program(seed: int, length: int) -> Program:
    generator = random.Random(seed)
    content = random_data(generator)
    body = prologue() + random_body(generator, length) + epilogue() + halt()
    return load_program(write_elf([code_part(encoder.assemble(body)), data_part(content)]))


ACCESS_FIELDS = ("address", "m_old", "m_new", "m_prev")
"""Fields that memory families have besides their operands."""


def as_reference(segment: Segment) -> ReferenceSegment:
    """The same segment in the form of the reference machine."""
    assert segment.record is not None
    rows: dict[Family, list[dict[str, object]]] = {}
    for family, record in segment.record.families.items():
        names = ("slot", "ts", *OPERAND_FIELDS[family])
        names += ACCESS_FIELDS if hasattr(record, "address") and record.address is not None else ()
        columns = [getattr(record, name).tolist() for name in names]
        rows[family] = [
            {
                name: tuple(cell) if isinstance(cell, list) else cell
                for name, cell in zip(names, row, strict=True)
            }
            for row in zip(*columns, strict=True)
        ]
    b = segment.record.boundary
    columns = [column.tolist() for column in (b.key, b.previous_segment, b.initial, b.final, b.last_ts)]
    return ReferenceSegment(
        segment.index,
        segment.pc_in,
        segment.pc_out,
        segment.steps,
        segment.cycles,
        rows,
        list(zip(*columns, strict=True)),
    )


def present_fields(segment: ReferenceSegment) -> ReferenceSegment:
    """Drop the operands that a family has none of; they are zero."""
    for family, rows in segment.rows.items():
        absent = {"a", "a_prev", "b", "b_prev", "d", "d_old", "d_prev"} - set(OPERAND_FIELDS[family])
        for row in rows:
            assert {row.pop(name) for name in absent} <= {0}
    return segment


@pytest.mark.usefixtures("small_segments")
@pytest.mark.parametrize("seed", range(6))
def test_records_are_those_of_the_reference_machine(seed: int) -> None:
    program = random_program(seed, 2500)
    reference = ReferenceMachine(program, b"", SMALL)
    expected = [present_fields(segment) for segment in reference.run()]
    assert len(expected) >= 3
    run = Run(program, b"", log_size=SMALL, record=record_all)
    assert [as_reference(segment) for segment in run] == expected
    assert run.result is not None
    touched = run.result.touched
    assert dict(zip(touched.key.tolist(), touched.final.tolist(), strict=True)) == {
        key: reference.words[key] for key in reference.last_segment
    }
    assert (
        dict(zip(touched.key.tolist(), touched.last_segment.tolist(), strict=True)) == reference.last_segment
    )


@pytest.mark.usefixtures("small_segments")
@pytest.mark.parametrize("seed", range(3))
def test_early_cuts_are_those_of_the_reference_machine(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "SEGMENT_CELLS", 0)
    program = random_program(seed, 2500)
    expected = [present_fields(segment) for segment in ReferenceMachine(program, b"", SMALL).run()]
    assert any(segment.steps < 1 << SMALL for segment in expected[:-1])
    assert [as_reference(one) for one in Run(program, b"", log_size=SMALL, record=record_all)] == expected
    unrecorded = Run(program, b"", log_size=SMALL, record=record_none)
    assert [one.steps for one in unrecorded] == [segment.steps for segment in expected]


def assert_equals_reference(words: list[int], content: bytes = b"") -> list[ReferenceSegment]:
    """Run and record instructions on both machines; returns the segments."""
    parts = [code_part(encoder.assemble(words)), *([data_part(content)] if content else [])]
    program = load_program(write_elf(parts))
    expected = [present_fields(segment) for segment in ReferenceMachine(program, b"", SMALL).run()]
    assert [
        as_reference(segment) for segment in Run(program, b"", log_size=SMALL, record=record_all)
    ] == expected
    return expected


@pytest.mark.usefixtures("small_segments")
def test_a_segment_ends_at_its_touched_words() -> None:
    loop = [
        *prologue()[:4],
        encoder.immediate("addi", 5, 0, 200),
        encoder.immediate("lw", 6, 31, 2),
        encoder.store("sd", 31, 6, 9),
        *[encoder.immediate("ld", 7, 31, 8 * i) for i in range(4)],
        encoder.immediate("addi", 5, 5, -1),
        encoder.branch("bne", 5, 0, -28),
        *halt(),
    ]
    first = assert_equals_reference(loop)[0]
    rows = {family: len(first.rows[family]) for family in (Family.MISALIGNED, Family.LD)}
    assert rows == {Family.MISALIGNED: 240, Family.LD: 480}
    assert first.steps == 5 + 120 * 8


@pytest.mark.usefixtures("small_segments")
def test_registers_reached_through_memory_keep_one_history() -> None:
    """The base register x5 points to the words of the registers themselves."""
    words = [
        encoder.upper("lui", 5, 0x50000),
        encoder.immediate("slli", 5, 5, 1),
        encoder.immediate("addi", 6, 0, 11),
        encoder.immediate("ld", 6, 5, 8 * 6),
        encoder.immediate("ld", 6, 5, 8 * 5),
        encoder.store("sd", 5, 6, 8 * 7),
        encoder.store("sb", 5, 7, 8 * 7 + 3),
        encoder.store("sd", 5, 5, 8 * 5),
        encoder.immediate("ld", 28, 5, 8 * 6 + 4),
        encoder.store("sd", 5, 7, 8 * 28 + 1),
        encoder.immediate("ld", 29, 5, 8 * 28),
        encoder.immediate("lw", 5, 5, 8 * 5 + 2),
        *halt(),
    ]
    assert len(assert_equals_reference(words)) == 1


@pytest.mark.usefixtures("small_segments")
def test_running_cuts_and_counts_as_recording_does() -> None:
    program = random_program(7, 3000)
    recorded, only_run = (
        [(s.index, s.pc_in, s.pc_out, s.end_ts, s.steps, s.cycles, s.rows) for s in run]
        for run in (Run(program, b"", log_size=SMALL, record=wanted) for wanted in (record_all, record_none))
    )
    assert only_run == recorded
    a, b = (
        execute(program, b"", log_size=SMALL, record=wanted).touched
        for wanted in (lambda index: index % 2 == 0, record_none)
    )
    for name in ("key", "initial", "final", "last_segment"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


@pytest.mark.usefixtures("small_segments")
def test_boundaries_of_consecutive_segments_meet() -> None:
    latest: dict[int, tuple[int, int]] = {}
    program = random_program(8, 2500)
    initial = dict(zip(program.image_keys.tolist(), program.image_values.tolist(), strict=True))
    for segment in Run(program, b"", log_size=SMALL, record=record_all):
        assert segment.record is not None
        b = segment.record.boundary
        for key, before, first, last, _ in zip(
            *(c.tolist() for c in (b.key, b.previous_segment, b.initial, b.final, b.last_ts)), strict=True
        ):
            assert (before, first) == latest.get(key, (0, initial.get(key, 0)))
            latest[key] = (segment.index, last)


def test_what_is_mapped_is_what_the_regions_cover() -> None:
    """Load one word at, before and behind each end of every region, and at both ends of the address space."""
    line = Line(Operation.LD, 7, 5, 0, 0)
    regions = micro_program([line, HALT], {5: 0, 10: 1}, {0x8000_0010: 1}).regions
    ends = {end + distance for region in regions for end in region[:2] for distance in (-1, 0, 1)}
    for key in sorted(ends | {0, 2**29 - 1, 2**29, 2**61 - 1}):
        program = micro_program([line, HALT], {5: 8 * key, 10: 1}, {0x8000_0010: 1})
        covered = any(region.start <= key < region.end for region in regions)
        assert (fault_kind(program) is None) == covered, hex(8 * key)


def fault_kind(program: Program) -> FaultKind | None:
    """How a program without input fails, None if it does not."""
    try:
        execute(program, b"", log_size=16)
    except GuestFault as fault:
        return fault.fault
    return None
