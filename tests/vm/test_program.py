"""Programs have the slots, immediates and words that docs/machine.md describes."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vm import encoder
from tests.vm.guest_elf import ALLOCATE, Part, code_part, data_part, write_elf
from zisk.vm.errors import FaultKind, NoEntryPointError, ProgramTooLargeError
from zisk.vm.executor import execute
from zisk.vm.memory_map import HALTED, MICRO_BASE, NOWHERE, REGISTER_KEY, RegionKind
from zisk.vm.operations import SHAPES, TRAP, Operation
from zisk.vm.program import Program, load_program

U0 = 32
ALL = 2**64 - 1


def program_of(words: list[int], *parts: Part) -> Program:
    return load_program(write_elf([code_part(encoder.assemble(words)), *parts]))


def lines(program: Program) -> list[tuple[int, int, str, int, int, int, int]]:
    """Every slot as (pc, next, operation, rd, rs1, rs2, immediate)."""
    names = [Operation(op).name.lower() if op else "trap" for op in program.op.tolist()]
    columns = [program.pc, program.next, program.rd, program.rs1, program.rs2, program.immediate]
    return [
        (pc, following, name, *operands)
        for name, (pc, following, *operands) in zip(
            names, zip(*(c.tolist() for c in columns), strict=True), strict=True
        )
    ]


def test_slots_of_a_short_program() -> None:
    program = program_of(
        [
            encoder.immediate("addi", 5, 0, -1),
            encoder.register("sltu", 6, 0, 5),
            encoder.branch("bge", 0, 5, -4),
            encoder.jump(1, 4),
            encoder.immediate("jalr", 0, 5, -2),
            0x0001,
            encoder.ECALL,
        ]
    )
    assert lines(program) == [
        (0, 2, "li", 5, 0, 0, ALL),
        (2, MICRO_BASE, "li", U0, 0, 0, 0),
        (MICRO_BASE, 4, "sltu", 6, U0, 5, 0),
        (4, 6, "blez", 0, 5, 0, 2),
        (6, 8, "li", 1, 0, 0, 0x8000_0010),
        (8, 10, "jalr", 39, 5, 0, 2**64 - 2),
        (10, 11, "nop", 0, 0, 0, 0),
        (11, HALTED, "halt", 0, 17, 10, 0),
    ]
    assert program.first.tolist() == [True, True, False, True, True, True, True, True]
    assert program.address.tolist()[-1] == 0x8000_0016
    assert program.entry == 0


def test_targets_outside_the_code_region() -> None:
    program = program_of([encoder.jump(0, -4), encoder.branch("beq", 5, 6, 2), encoder.ECALL])
    assert lines(program)[:2] == [
        (0, NOWHERE, "nop", 0, 0, 0, 0),
        (2, 4, "beq", 0, 5, 6, 3),
    ]


def test_upper_immediates() -> None:
    program = program_of(
        [
            encoder.upper("lui", 5, 0x80000),
            encoder.upper("auipc", 6, 0x7FFFF),
            encoder.upper("auipc", 7, 0x80000),
            encoder.upper("auipc", 28, 0x7FFFF),
        ]
    )
    assert [line[2:] for line in lines(program)] == [
        ("li", 5, 0, 0, 0xFFFF_FFFF_8000_0000),
        ("li", 6, 0, 0, 0xFFFF_F004),
        ("li", 7, 0, 0, 8),
        ("li", 28, 0, 0, 0xFFFF_F00C),
    ]


def test_an_upper_immediate_beyond_32_bits_takes_two_rows() -> None:
    code = code_part(encoder.assemble([encoder.upper("auipc", 5, 0x7FFFF)]), 0x8000_1000)
    program = load_program(write_elf([code], entry=0x8000_1000))
    assert [line[2:] for line in lines(program)] == [
        ("li", U0, 0, 0, 0x8000_1000),
        ("addi", 5, U0, 0, 0x7FFF_F000),
    ]


def test_control_registers_are_memory_words() -> None:
    program = program_of(
        [
            encoder.control("csrrw", 5, 0x340, 6),
            encoder.control("csrrs", 5, 0xF12, 0),
            encoder.control("csrrci", 0, 0x340, 3),
            encoder.control("csrrwi", 0, 0x340, 0),
            encoder.control("csrrs", 0, 0x340, 0),
        ]
    )
    address = 0xA000_8000 + 8 * 0x340
    assert [line[2:] for line in lines(program)] == [
        ("li", U0, 0, 0, address),
        ("ld", 33, U0, 0, 0),
        ("sd", 0, U0, 6, 0),
        ("addi", 5, 33, 0, 0),
        ("li", U0, 0, 0, 0xA000_8000 + 8 * 0xF12),
        ("ld", 5, U0, 0, 0),
        ("li", U0, 0, 0, address),
        ("ld", 33, U0, 0, 0),
        ("andi", 34, 33, 0, ALL - 3),
        ("sd", 0, U0, 34, 0),
        ("li", U0, 0, 0, address),
        ("sdz", 0, U0, 0, 0),
        ("nop", 0, 0, 0, 0),
    ]


@pytest.mark.parametrize(
    ("word", "name", "fault"),
    [
        (0xC000_1073, "unimp", FaultKind.UNIMP),
        (0x0000, "illegal", FaultKind.ILLEGAL_INSTRUCTION),
        (encoder.control("csrrs", 0, 0x805, 10), "precompile sha256f (CSR 0x805)", None),
        (0x2108, "fld", None),
    ],
)
def test_what_cannot_be_executed_is_a_trap(word: int, name: str, fault: FaultKind | None) -> None:
    program = program_of([0x0001, word, 0x0001])
    assert (program.traps[1].name, program.traps[1].fault) == (name, fault)
    assert [op == TRAP for op in program.op] == [False, True, False]


def test_initial_words_join_at_shared_ends() -> None:
    program = program_of(
        [encoder.ECALL], Part(".rodata", 0x8000_0004, b"\xaa\xbb", ALLOCATE), data_part(b"\x01", 0xA003_000F)
    )
    words = dict(zip(program.image_keys.tolist(), program.image_values.tolist(), strict=True))
    assert words == {
        0x1000_0000: 0xBBAA_0000_0073,
        0x1000_0001: 0,
        REGISTER_KEY + 10: 0x4000_0000,
        REGISTER_KEY + 11: 0xA001_0000,
        0xA000_8000 // 8 + 0xF12: 0xFFFEEEE,
        0xA003_0008 // 8: 1 << 56,
    }
    images = {key for r in program.regions if r.kind == RegionKind.IMAGE for key in range(r.start, r.end)}
    assert images == set(words)
    assert program.image_keys.tolist() == sorted(words)


def test_entry_must_be_an_instruction() -> None:
    for entry in (0x8000_0002, 0x8000_0001, 0xA003_0000, 0):
        with pytest.raises(NoEntryPointError):
            load_program(write_elf([code_part(encoder.assemble([encoder.ECALL]))], entry=entry))


def test_a_program_beyond_the_size_names_the_one_that_fits() -> None:
    elf = write_elf([code_part(struct.pack("<H", 1) * 65_537)])
    with pytest.raises(
        ProgramTooLargeError, match="needs 65537 rows of code, size 16 has room for 65536; use size 18"
    ):
        load_program(elf, 16)
    assert load_program(elf, 18).slots == 65_537


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=2, max_size=400))
def test_any_bytes_decode_to_well_formed_slots(content: bytes) -> None:
    program = load_program(write_elf([code_part(content)]))
    rows = lines(program)
    assert len({row[0] for row in rows}) == len(rows)
    for slot, (pc, following, name, rd, rs1, rs2, immediate) in enumerate(rows):
        assert (pc >= MICRO_BASE) != program.first[slot]
        assert following <= NOWHERE
        assert immediate >> 32 in (0, 0xFFFF_FFFF)
        if name == "trap":
            assert slot in program.traps
            assert (rd, rs1, rs2, immediate) == (0, 0, 0, 0)
            continue
        shape = SHAPES[Operation(int(program.op[slot]))]
        assert (rd != 0, rs1 != 0, rs2 != 0) == (shape.writes, shape.reads_first, shape.reads_second)
    low = program.imm0.astype(np.uint64) | program.imm1.astype(np.uint64) << np.uint64(16)
    high = program.sign.astype(np.uint64) * np.uint64(0xFFFF_FFFF) << np.uint64(32)
    np.testing.assert_array_equal(low | high, program.immediate)


def test_the_last_word_of_a_section_of_rom_is_readable_at_every_offset() -> None:
    """A misaligned load takes the next word too, so a section of ROM has one after it."""
    program = program_of(
        [
            encoder.upper("auipc", 5, 0),
            encoder.immediate("addi", 17, 0, 93),
            encoder.immediate("lhu", 10, 5, 9),
            encoder.ECALL,
        ]
    )
    third_and_fourth = (encoder.immediate("lhu", 10, 5, 9) | encoder.ECALL << 32) >> 8 & 0xFFFF
    assert execute(program, b"").exit_code == third_and_fourth
