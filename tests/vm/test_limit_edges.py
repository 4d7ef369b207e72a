"""Both sides of every limit: what just fits is executed, recorded and proved, one more is refused by name."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.vm import encoder
from tests.vm.edge_guests import END, FIRST, guest, halt_with
from tests.vm.guest_elf import ALLOCATE, Part, data_part
from tests.vm.jobs import BACKEND, Job, every_operation, run_job
from tests.vm.micro_programs import HALT, Line, micro_program
from tests.vm.random_programs import halt
from zisk.choices import LOG_SIZES
from zisk.proof_format.program_key import MAXIMAL_CHUNKS
from zisk.prover import ProofForm, prove, session, setup, verify
from zisk.prover.errors import JobTooLargeError
from zisk.vm import executor, segments
from zisk.vm import program as loader
from zisk.vm.errors import ImageTooLargeError, InvalidGuestError, ProgramTooLargeError, TooManyRegionsError
from zisk.vm.executor import Run, Segment, record_all, record_none
from zisk.vm.kinds import edges_kind
from zisk.vm.limits import (
    IMAGE_WORDS_LIMIT,
    LARGEST_PROGRAM,
    REGIONS_LIMIT,
    TOUCH_RESERVE,
    maximal_log_heights,
    touched_words_limit,
)
from zisk.vm.memory_map import HALTED, INPUT_CAPACITY, MICRO_BASE, SCRATCH_COUNT, RegionKind
from zisk.vm.operations import Family, Operation
from zisk.vm.program import Program, load_program
from zisk.vm.tables.image import CHUNK_LOG_HEIGHT

BOOT_WORDS = 3
"""Words that the machine itself sets: a0, a1 and one CSR."""


def test_the_largest_input_is_read_to_its_last_byte() -> None:
    lines = [Line(Operation.LD, 10, 5), HALT]
    program = micro_program(lines, {5: 0x4000_0008 + INPUT_CAPACITY - 8})
    job = run_job(program, bytes(INPUT_CAPACITY - 1) + b"\x80")
    assert job.execution.exit_code == 0x80 << 56
    assert job.complaints() == []


def straight(steps: int) -> bytes:
    """A guest that executes every one of its `steps` micro-operations once."""
    return guest({FIRST: [encoder.immediate("addi", 5, 5, 1)] * (steps - 3) + halt_with(5)}, FIRST)


def test_a_full_program_table_and_a_full_segment_are_proved() -> None:
    """2^16 rows of code, each of which is a step: the clock ends at the highest timestamp there is."""
    program = setup(straight(1 << 16), log_size=16)
    assert program.guest.slots == 1 << 16
    (segment,) = Run(program.guest, b"", log_size=16)
    assert (segment.steps, segment.end_ts, segment.pc_out) == (1 << 16, (1 << 18) + 1, HALTED)
    proof = prove(program, b"", form=ProofForm.COMPOSITE).proof
    assert verify(proof, program.key).exit_code == (1 << 16) - 3


def test_one_row_more_is_refused_with_the_size_that_has_room() -> None:
    with pytest.raises(ProgramTooLargeError, match=r"needs 65537 rows of code, size 16 .* use size 18"):
        load_program(straight((1 << 16) + 1), 16)


def test_no_program_has_more_rows_than_the_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "LARGEST_PROGRAM", 20)
    assert load_program(straight(20)).slots == 20
    with pytest.raises(ProgramTooLargeError, match=r"needs 21 rows of code or more, .* no size fits"):
        load_program(straight(21))


def test_no_row_of_a_program_has_the_index_of_the_halt() -> None:
    assert 1 << max(LOG_SIZES) == LARGEST_PROGRAM
    assert MICRO_BASE + LARGEST_PROGRAM < HALTED


def with_constants(size: int, *parts: Part) -> bytes:
    """A guest whose constants fill the code region from a page after its first address on."""
    constants = Part(".rodata", FIRST + 0x1000, bytes(size), ALLOCATE)
    return guest({FIRST: halt()}, FIRST, constants, *parts)


def test_a_key_has_room_for_all_initial_words_that_a_program_may_have() -> None:
    assert MAXIMAL_CHUNKS << CHUNK_LOG_HEIGHT == IMAGE_WORDS_LIMIT == (END - FIRST) // 8


def test_initial_words_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Constants, one word of code, a word of zeros after each, and the machine's words."""
    monkeypatch.setattr(loader, "IMAGE_WORDS_LIMIT", 100 + BOOT_WORDS)
    assert len(load_program(with_constants(8 * 97)).image_keys) == 100 + BOOT_WORDS
    for elf in (with_constants(8 * 98), with_constants(8 * 97 - 7, data_part(b"\1"))):
        with pytest.raises(ImageTooLargeError, match=r"fill 104 words of 8 bytes or more, .* room for 103"):
            load_program(elf)


@pytest.mark.parametrize("size", [2_000, 1 << 20])
def test_far_too_many_initial_words_are_refused_before_they_are_laid_out(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "IMAGE_WORDS_LIMIT", 100)
    monkeypatch.setattr(np, "frombuffer", lambda *_: pytest.fail("the words are laid out"))
    with pytest.raises(ImageTooLargeError, match=f"fill {(size + 8) // 8} words"):
        load_program(with_constants(size))


def in_pieces(count: int) -> bytes:
    """A guest with so many words of data, and a word of zeros between any two."""
    words = [data_part(b"\1", 0xA003_0000 + 16 * place) for place in range(count)]
    return guest({FIRST: halt()}, FIRST, *words)


def test_regions_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each word of data is a region and ends another one."""
    (shape,) = (one for one in edges_kind().tables if one.air.name == "region")
    assert 1 << shape.max_log_height == REGIONS_LIMIT
    first, second = (len(load_program(in_pieces(count)).regions) for count in (10, 11))
    assert second == first + 2
    monkeypatch.setattr(loader, "REGIONS_LIMIT", first)
    assert run_job(load_program(in_pieces(10))).complaints() == []
    with pytest.raises(TooManyRegionsError, match=f"into {second} regions, their table has room for {first}"):
        load_program(in_pieces(11))


@pytest.mark.slow
def test_as_many_regions_as_the_table_holds_are_loaded_and_more_are_refused() -> None:
    others = len(load_program(in_pieces(10)).regions) - 20
    most = (REGIONS_LIMIT - others) // 2
    full = load_program(in_pieces(most))
    assert len(full.regions) == others + 2 * most
    assert run_job(full).execution.exit_code == 0x4000_0000
    with pytest.raises(TooManyRegionsError):
        load_program(in_pieces(most + 1))


@pytest.mark.slow
def test_the_largest_image_is_loaded_and_one_word_more_is_refused() -> None:
    """Three words of the machine, one of code with a word of zeros after it, constants with another one."""
    page = 0x1000 // 8
    image = Part(".rodata", FIRST + 0x1000, bytes(range(256)) * ((END - FIRST - 0x1000) // 256), ALLOCATE)
    program = load_program(guest({FIRST: halt()}, FIRST, image))
    assert len(program.image_keys) == IMAGE_WORDS_LIMIT - page + 2 + BOOT_WORDS
    most = page - 2 - BOOT_WORDS
    full = load_program(guest({FIRST: halt()}, FIRST, image, data_part(bytes(8 * most))))
    assert len(full.image_keys) == IMAGE_WORDS_LIMIT
    assert full.regions[0].kind is not RegionKind.IMAGE
    with pytest.raises(ImageTooLargeError):
        load_program(guest({FIRST: halt()}, FIRST, image, data_part(bytes(8 * most + 8))))


@pytest.mark.parametrize("log_size", LOG_SIZES)
def test_touched_words_and_registers_fit_the_boundary_table(log_size: int) -> None:
    registers = 31 + SCRATCH_COUNT
    assert touched_words_limit(log_size) + registers <= 1 << log_size
    assert registers <= TOUCH_RESERVE


def limited(monkeypatch: pytest.MonkeyPatch, place: int, limit: int) -> None:
    """Give segments of size 16 another limit: of a family, or of steps (-2) or touched words (-1)."""
    limits = MAXIMA.copy()
    limits[place] = limit
    monkeypatch.setattr(executor, "_maxima", lambda _: limits)


MAXIMA = executor._maxima(16)
DATA = bytes(range(1, 40))


@pytest.fixture(scope="module")
def whole() -> Segment:
    """The one segment of a program with every micro-operation."""
    (segment,) = Run(every_operation(), DATA, log_size=16)
    return segment


def split(program: Program) -> list[Segment]:
    """The segments of a run, which are the same whether it is recorded or not."""
    recorded, plain = (
        list(Run(program, DATA, log_size=16, record=wanted)) for wanted in (record_all, record_none)
    )
    assert [(one.pc_in, one.pc_out, one.rows) for one in recorded] == [
        (one.pc_in, one.pc_out, one.rows) for one in plain
    ]
    return recorded


def twice(family: Family) -> Program:
    """A program with at least two rows of a family."""
    if family is Family.NOP:
        return micro_program([Line(Operation.NOP), Line(Operation.NOP), HALT], {})
    if family is Family.JALR:
        lines = [Line(Operation.JALR, 1, 5, immediate=2 * place) for place in (1, 2)]
        return micro_program([*lines, HALT], {5: FIRST})
    return every_operation()


@pytest.mark.parametrize("family", [family for family in Family if family is not Family.HALT])
def test_a_segment_fills_a_table_to_its_last_row_and_no_further(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = twice(family)
    (segment,) = split(program)
    rows = segment.rows[family]
    limited(monkeypatch, family, rows)
    assert len(split(program)) == 1
    limited(monkeypatch, family, rows - 1)
    first, second = split(program)
    assert (first.rows[family], second.rows[family]) == (rows - 1, 1)


def test_a_run_has_one_halt() -> None:
    assert maximal_log_heights(16)[Family.HALT] == 0


def accesses(rows: dict[Family, int]) -> int:
    """Words that loads and stores touch."""
    single = rows[Family.LD] + rows[Family.LOAD] + rows[Family.SD] + rows[Family.STORE]
    return single + 2 * rows[Family.MISALIGNED]


def assert_joined(job: Job, segments: int) -> None:
    assert job.complaints() == []
    assert len(job.core) == segments
    assert all(one.publics[2] == other.publics[1] for one, other in pairwise(job.core))


def test_a_segment_may_touch_the_last_word_that_it_has_room_for(
    whole: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched = accesses(whole.rows)
    limited(monkeypatch, -1, touched)
    assert_joined(run_job(every_operation(), DATA), 1)
    limited(monkeypatch, -1, touched - 1)
    assert_joined(run_job(every_operation(), DATA), 2)
    assert accesses(split(every_operation())[0].rows) in (touched - 1, touched - 2)


def test_the_halt_is_the_last_step_of_a_full_segment_or_the_only_one_of_the_next(
    whole: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, -2, whole.steps)
    assert_joined(run_job(every_operation(), DATA), 1)
    limited(monkeypatch, -2, whole.steps - 1)
    assert_joined(run_job(every_operation(), DATA), 2)
    assert [one.steps for one in split(every_operation())] == [whole.steps - 1, 1]


def test_a_job_has_no_more_segments_than_its_proof_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two core segments, and four for the edges: three registers and the output words, ten in each."""
    limited(monkeypatch, -2, 10)
    monkeypatch.setattr(segments, "WORDS_PER_SEGMENT", 10)
    program = setup(straight(20), log_size=16, backend=BACKEND)

    def found(limit: int) -> int:
        monkeypatch.setattr(session, "MAXIMAL_SEGMENTS", limit)
        return len(list(session.ProvingSession(program, b"", units=1, allocation=[0]).segments()))

    assert found(6) == 6
    with pytest.raises(JobTooLargeError, match="needs 6 segments, a job may have 5"):
        found(5)
    with pytest.raises(JobTooLargeError, match="needs 2 core segments, a job may have 2"):
        found(2)


def test_the_errors_of_the_loader_are_errors_of_the_guest() -> None:
    assert issubclass(ImageTooLargeError, InvalidGuestError)
    assert issubclass(TooManyRegionsError, InvalidGuestError)
