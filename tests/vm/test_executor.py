"""Runs end with outputs, an exit code and segments, or with an error that says what went wrong where."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vm import encoder
from tests.vm.guest_elf import ALLOCATE, Part, code_part, write_elf
from tests.vm.random_programs import halt
from zisk.progress import Advance
from zisk.vm.errors import (
    FaultKind,
    GuestError,
    GuestFault,
    InputTooLargeError,
    StepLimitError,
    UnsupportedInstructionError,
)
from zisk.vm.executor import Execution, Run, execute, record_all, record_none
from zisk.vm.memory_map import HALTED, INPUT_CAPACITY
from zisk.vm.operations import Family
from zisk.vm.program import load_program

SP, A0, A1, T0, T1, A7 = 2, 10, 11, 5, 6, 17
ENDLESS = [encoder.jump(0, 0)]


def run_code(words: list[int], data: bytes = b"", *parts: Part, max_steps: int | None = None) -> Execution:
    """Execute instructions at the start of the ROM."""
    return execute(
        load_program(write_elf([code_part(encoder.assemble(words)), *parts])),
        data,
        log_size=16,
        max_steps=max_steps,
    )


def load_constant(rd: int, value: int) -> list[int]:
    """Three instructions that set rd to a value below 2^32 whose lowest bit is clear."""
    low = value & 0xFFF
    return [
        encoder.upper("lui", rd, value >> 13),
        encoder.immediate("slli", rd, rd, 1),
        encoder.immediate("addi", rd, rd, low) if low < 2048 else encoder.immediate("addi", 0, 0, 0),
    ]


def test_the_guest_starts_as_the_abi_says() -> None:
    words = [
        encoder.control("csrrs", T0, 0xF12, 0),
        encoder.store("sw", A1, T0, 0),
        encoder.store("sd", A1, A0, 8),
        encoder.store("sd", A1, 1, 16),
        encoder.immediate("addi", A0, 0, 42),
        *halt(),
    ]
    result = run_code(words)
    assert result.outputs[:6] == (0xFFFEEEE, 0, 0x4000_0000, 0, 0, 0)
    assert result.outputs[6:] == (0,) * 58
    assert result.exit_code == 42
    assert (result.segments, result.uart) == (1, b"")


def test_exit_code_has_64_bits() -> None:
    assert run_code([encoder.immediate("addi", A0, 0, -1), *halt()]).exit_code == 2**64 - 1


def test_input_is_padded_with_zeros() -> None:
    words = [
        encoder.immediate("ld", T0, A0, 8),
        encoder.immediate("ld", T1, A0, 16),
        encoder.store("sd", A1, T0, 0),
        encoder.store("sd", A1, T1, 8),
        *halt(),
    ]
    result = run_code(words, b"\x01\x02\x03\x04\x05\x06\x07\x08\x09")
    assert result.outputs[:4] == (0x0403_0201, 0x0807_0605, 9, 0)
    touched = dict(zip(result.touched.key.tolist(), result.touched.initial.tolist(), strict=True))
    assert touched[0x0800_0001] == 0x0807_0605_0403_0201
    assert touched[0x0800_0002] == 9


def test_input_beyond_the_region_is_refused() -> None:
    program = load_program(write_elf([code_part(encoder.assemble(halt()))]))
    with pytest.raises(
        InputTooLargeError, match=f"{INPUT_CAPACITY + 1} bytes, the input region holds {INPUT_CAPACITY}"
    ):
        Run(program, bytes(INPUT_CAPACITY + 1), log_size=16)


def test_bytes_stored_to_the_uart_are_collected() -> None:
    words = [*load_constant(T0, 0xA000_0200)]
    for character in b"hi":
        words += [encoder.immediate("addi", T1, 0, character), encoder.store("sb", T0, T1, 0)]
    words += [encoder.store("sw", T0, T1, 0), encoder.store("sb", T0, T1, 0)]
    assert run_code([*words, *halt()]).uart == b"hii"


def test_more_output_than_the_buffer_holds_arrives_whole() -> None:
    words = [
        *load_constant(T0, 0xA000_0200),
        encoder.upper("lui", T1, 17),
        encoder.store("sb", T0, T1, 0),
        encoder.immediate("addi", T1, T1, -1),
        encoder.branch("bne", T1, 0, -8),
        *halt(),
    ]
    count = 17 << 12
    assert run_code(words).uart == bytes((count - i) % 256 for i in range(count))


def test_registers_are_memory_words() -> None:
    words = [
        *load_constant(T0, 0xA000_0000),
        encoder.immediate("addi", T1, 0, 77),
        encoder.store("sd", T0, T1, 8 * 28),
        encoder.store("sd", A1, 28, 0),
        encoder.immediate("ld", 29, T0, 8 * T1),
        encoder.store("sd", A1, 29, 8),
        *halt(),
    ]
    assert run_code(words).outputs[:4] == (77, 0, 77, 0)


def test_a_segment_ends_before_a_table_would_overflow() -> None:
    loop = [
        encoder.upper("lui", T0, 16),
        encoder.register("divu", T1, T0, A0),
        encoder.immediate("addiw", T0, T0, -1),
        encoder.branch("bne", T0, 0, -8),
        *halt(),
    ]
    segments = list(Run(load_program(write_elf([code_part(encoder.assemble(loop))])), b"", log_size=16))
    assert [segment.rows[Family.MULDIV] for segment in segments] == [1 << 14] * 4
    assert sum(segment.steps for segment in segments) == 3 + 3 * (1 << 16)
    assert [segment.index for segment in segments] == list(range(1, 5))
    assert [segment.pc_in for segment in segments] == [0] + [2] * 3
    assert [segment.pc_out for segment in segments] == [2] * 3 + [HALTED]
    assert all(segment.end_ts == 1 + 4 * segment.steps for segment in segments)


def test_step_limit() -> None:
    with pytest.raises(StepLimitError, match="did not halt within 100000 steps"):
        run_code(ENDLESS, max_steps=100_000)
    two = [encoder.immediate("addi", A7, 0, 93), encoder.ECALL]
    assert run_code(two, max_steps=2).steps == 2
    with pytest.raises(StepLimitError):
        run_code(two, max_steps=1)


def test_progress_counts_steps() -> None:
    reported: list[tuple[str, int]] = []

    class Recorder:
        @contextmanager
        def phase(self, name: str, total: int | None = None) -> Iterator[Advance]:
            def advance(n: int = 1) -> None:
                reported.append((name, n))

            yield advance

    program = load_program(write_elf([code_part(encoder.assemble(halt()))]))
    execute(program, b"", log_size=16, progress=Recorder())
    assert reported == [("execute", 2)]


def test_other_sizes_are_a_mistake_of_the_caller() -> None:
    program = load_program(write_elf([code_part(encoder.assemble(halt()))]))
    with pytest.raises(ValueError, match="log_size 17 is none of"):
        Run(program, b"", log_size=17)


@pytest.mark.parametrize(
    ("words", "kind", "offset", "detail"),
    [
        ([0x0001, 0xC000_1073], FaultKind.UNIMP, 2, ""),
        ([0x9002], FaultKind.BREAKPOINT, 0, ""),
        ([0x0000], FaultKind.ILLEGAL_INSTRUCTION, 0, "encoding 0x0"),
        ([encoder.control("csrrw", 0, 0xC00, 5)], FaultKind.READ_ONLY_CSR, 0, "CSR 0xc00"),
        ([encoder.immediate("addi", A7, 0, 64), encoder.ECALL], FaultKind.UNKNOWN_SYSTEM_CALL, 4, "a7 = 64"),
        ([encoder.immediate("ld", T0, 0, 16)], FaultKind.UNMAPPED_ACCESS, 0, "address 0x10"),
        ([encoder.store("sb", 0, T0, -1)], FaultKind.UNMAPPED_ACCESS, 0, "address 0xffffffffffffffff"),
        ([encoder.immediate("ld", T0, A0, 0)], FaultKind.ADVICE_WORD, 0, "address 0x40000000"),
        ([encoder.immediate("lb", T0, A0, 7)], FaultKind.ADVICE_WORD, 0, "address 0x40000007"),
        ([encoder.store("sd", A0, T0, 8)], FaultKind.READ_ONLY_STORE, 0, "address 0x40000008"),
        (
            [encoder.upper("auipc", T0, 0), encoder.store("sw", T0, 0, 0)],
            FaultKind.READ_ONLY_STORE,
            4,
            "address 0x80000000",
        ),
        (
            [*load_constant(T0, 0xA000_0000), encoder.store("sd", T0, T0, 0)],
            FaultKind.REGISTER_ZERO_STORE,
            12,
            "address 0xa0000000",
        ),
        (
            [*load_constant(T0, 0xA000_0000), encoder.immediate("ld", T0, T0, 0)],
            FaultKind.UNMAPPED_ACCESS,
            12,
            "address 0xa0000000",
        ),
        (
            [*load_constant(T0, 0xA000_0000), encoder.immediate("ld", T0, T0, 0x140)],
            FaultKind.UNMAPPED_ACCESS,
            12,
            "address 0xa0000140",
        ),
        (
            [*load_constant(T0, 0xC000_0000), encoder.immediate("lw", T0, T0, -2)],
            FaultKind.UNMAPPED_ACCESS,
            12,
            "address 0xc0000000, the word after that of 0xbffffffe: a misaligned access takes both",
        ),
        (
            [*load_constant(T0, 0xA001_0000), encoder.immediate("jalr", 1, T0, 0)],
            FaultKind.JUMP_OUTSIDE_CODE,
            12,
            "target 0xa0010000",
        ),
        (
            [encoder.upper("auipc", T0, 0), encoder.immediate("jalr", 1, T0, 2)],
            FaultKind.JUMP_OUTSIDE_CODE,
            4,
            "target 0x80000002",
        ),
        ([encoder.immediate("jalr", 0, 1, 0)], FaultKind.JUMP_OUTSIDE_CODE, 0, "target 0x0"),
        (
            [encoder.jump(0, 6), encoder.ECALL],
            FaultKind.JUMP_OUTSIDE_CODE,
            0,
            "target 0x80000006",
        ),
        ([0x0001], FaultKind.JUMP_OUTSIDE_CODE, 0, "target 0x80000002"),
        (
            [encoder.jump(0, -16)],
            FaultKind.JUMP_OUTSIDE_CODE,
            0,
            "the target is outside the code region",
        ),
    ],
)
def test_faults_name_kind_place_and_detail(
    words: list[int], kind: FaultKind, offset: int, detail: str
) -> None:
    with pytest.raises(GuestFault) as fault:
        run_code(words)
    assert (fault.value.fault, fault.value.pc, fault.value.detail) == (kind, 0x8000_0000 + offset, detail)
    assert f"guest fault: {kind.value} at pc {fault.value.pc:#x}" in str(fault.value)


def test_constants_are_readable_and_holes_between_sections_are_not() -> None:
    constants = Part(".rodata", 0x8000_0100, b"\x2a", ALLOCATE)
    words = [encoder.upper("auipc", T0, 0), encoder.immediate("lbu", A0, T0, 0x100), *halt()]
    assert run_code(words, b"", constants).exit_code == 42
    words[1] = encoder.immediate("lbu", A0, T0, 0x80)
    with pytest.raises(GuestFault, match="access to unmapped memory"):
        run_code(words, b"", constants)


def test_unsupported_instructions_are_named_when_reached() -> None:
    keccak = encoder.control("csrrs", 0, 0x800, 10)
    assert run_code([encoder.jump(0, 8), keccak, *halt()]).cycles == 3
    with pytest.raises(UnsupportedInstructionError) as refusal:
        run_code([0x0001, keccak])
    assert (refusal.value.pc, refusal.value.name) == (0x8000_0002, "precompile keccakf (CSR 0x800)")
    assert str(refusal.value).startswith("not supported yet: precompile keccakf (CSR 0x800) at pc 0x80000002")


def test_a_fault_keeps_what_was_printed() -> None:
    words = [*load_constant(T0, 0xA000_0200), encoder.store("sb", T0, T0, 0), 0x9002]
    run = Run(load_program(write_elf([code_part(encoder.assemble(words))])), b"", log_size=16)
    with pytest.raises(GuestFault):
        list(run)
    assert run.uart == b"\x00"
    assert run.result is None


def test_same_inputs_give_the_same_run() -> None:
    words = [encoder.immediate("ld", T0, A0, 8), encoder.store("sd", A1, T0, 0), *halt()]
    first, second = run_code(words, b"\x07"), run_code(words, b"\x07")
    assert (first.cycles, first.steps, first.outputs) == (second.cycles, second.steps, second.outputs)
    for name in ("key", "initial", "final", "last_segment"):
        np.testing.assert_array_equal(getattr(first.touched, name), getattr(second.touched, name))


@settings(max_examples=150, deadline=None)
@given(st.binary(min_size=2, max_size=120), st.booleans())
def test_any_code_halts_or_fails_by_name(content: bytes, recorded: bool) -> None:
    program = load_program(write_elf([code_part(content)]))
    wanted = record_all if recorded else record_none
    with contextlib.suppress(GuestError):
        execute(program, b"", log_size=16, record=wanted, max_steps=3000)
