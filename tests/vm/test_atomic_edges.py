"""Atomics and CSR instructions at the ends of regions, on registers' own words and on scratch words."""

from __future__ import annotations

import numpy as np
import pytest

from tests.vm import encoder
from tests.vm.edge_guests import constant, guest
from tests.vm.jobs import run_job
from tests.vm.random_programs import halt
from tests.vm.reference_machine import ReferenceMachine
from tests.vm.semantics import MASK, sign_extend
from tests.vm.test_interpreter import as_reference, present_fields
from zisk.vm.errors import FaultKind, GuestFault
from zisk.vm.executor import Run, execute, record_all
from zisk.vm.program import Program, load_program

CODE = 0x8000_0000
BASE, VALUE, RESULT, OLD = 5, 6, 7, 0x8182_8384_8586_8788
BACK = {8: MASK, 4: 0xFFFF_FFFF}


def program_of(words: list[int]) -> Program:
    return load_program(guest({CODE: [*words, *halt()]}, CODE), 16)


def assert_recorded(program: Program) -> None:
    """The run is that of the reference machine, and its rows fit the tables."""
    reference = [present_fields(one) for one in ReferenceMachine(program, b"", 16).run()]
    assert [as_reference(one) for one in Run(program, b"", log_size=16, record=record_all)] == reference
    assert run_job(program).complaints() == []


@pytest.mark.parametrize(
    ("address", "width"),
    [
        (0xA002_0000, 8),
        (0xBFFF_FFF8, 8),
        (0xBFFF_FFF8, 4),
        (0xBFFF_FFFC, 4),
        (0xBFFF_FFF1, 8),
        (0xBFFF_FFF6, 4),
        (0xA001_0000, 8),
        (0xA001_00FC, 4),
        (0xA001_00FC, 8),
        (0xA000_8000, 8),
        (0xA000_FFFC, 8),
        (0xA000_0F00, 8),
        (0xA000_0FF8, 8),
        (0xA000_0200, 8),
    ],
)
def test_atomics_work_at_both_ends_of_the_regions(address: int, width: int) -> None:
    """An addition, then a pair of LR and SC: what they find, and what is there in the end."""
    words = [
        *constant(BASE, address),
        *constant(VALUE, OLD),
        encoder.store("sd" if width == 8 else "sw", BASE, VALUE, 0),
        encoder.atomic("amoadd", width, RESULT, BASE, BASE),
        encoder.atomic("lr", width, 8, BASE, 0),
        encoder.immediate("addi", 8, 8, 1),
        encoder.atomic("sc", width, 9, BASE, 8),
        encoder.register("add", 10, RESULT, 9),
    ]
    program = program_of(words)
    result = execute(program, b"", log_size=16)
    assert result.exit_code == sign_extend(OLD, 8 * width)
    final = dict(zip(result.touched.key.tolist(), result.touched.final.tolist(), strict=True))
    both = final[address // 8] | final.get(address // 8 + 1, 0) << 64
    assert both >> (8 * (address % 8)) & BACK[width] == (OLD + address + 1) & BACK[width]
    assert_recorded(program)


def over(address: int, word: int) -> str:
    return f"address {word:#x}, the word after that of {address:#x}: a misaligned access takes both"


@pytest.mark.parametrize(
    ("name", "width", "address", "kind", "detail"),
    [
        ("amoadd", 8, 0x4000_0008, FaultKind.READ_ONLY_STORE, "address 0x40000008"),
        ("amoswap", 4, 0x47FF_FFFC, FaultKind.READ_ONLY_STORE, "address 0x47fffffc"),
        ("sc", 8, 0x4000_0008, FaultKind.READ_ONLY_STORE, "address 0x40000008"),
        ("amomin", 4, CODE, FaultKind.READ_ONLY_STORE, "address 0x80000000"),
        ("lr", 8, 0x4000_0000, FaultKind.ADVICE_WORD, "address 0x40000000"),
        ("lr", 8, 0x4800_0000, FaultKind.UNMAPPED_ACCESS, "address 0x48000000"),
        ("lr", 8, 0xA000_0000, FaultKind.UNMAPPED_ACCESS, "address 0xa0000000"),
        ("sc", 8, 0xA000_0000, FaultKind.REGISTER_ZERO_STORE, "address 0xa0000000"),
        ("amoadd", 8, 0xA000_0000, FaultKind.UNMAPPED_ACCESS, "address 0xa0000000"),
        ("amoor", 8, 0xC000_0000, FaultKind.UNMAPPED_ACCESS, "address 0xc0000000"),
        ("sc", 4, 0xC000_0000, FaultKind.UNMAPPED_ACCESS, "address 0xc0000000"),
        ("amoxor", 8, 0xBFFF_FFFC, FaultKind.UNMAPPED_ACCESS, over(0xBFFF_FFFC, 0xC000_0000)),
        ("amoand", 4, 0xBFFF_FFFA, FaultKind.UNMAPPED_ACCESS, over(0xBFFF_FFFA, 0xC000_0000)),
        ("amomaxu", 8, MASK - 7, FaultKind.UNMAPPED_ACCESS, "address 0xfffffffffffffff8"),
        ("lr", 8, 1 << 32 | 0xA003_0000, FaultKind.UNMAPPED_ACCESS, "address 0x1a0030000"),
    ],
)
def test_atomics_elsewhere_fault_by_name(
    name: str, width: int, address: int, kind: FaultKind, detail: str
) -> None:
    start = constant(BASE, address)
    program = program_of([*start, encoder.atomic(name, width, RESULT, BASE, 0 if name == "lr" else VALUE)])
    with pytest.raises(GuestFault) as fault:
        execute(program, b"", log_size=16, record=record_all)
    place = CODE + len(encoder.assemble(start))
    assert (fault.value.fault, fault.value.pc, fault.value.detail) == (kind, place, detail)


def test_the_first_and_the_last_control_register_are_the_words_at_both_ends() -> None:
    """CSR 0, the last that may be written, and the last of all."""
    words = [
        encoder.control("csrrwi", 0, 0, 9),
        *constant(VALUE, OLD),
        encoder.control("csrrw", 0, 0xBFF, VALUE),
        encoder.control("csrrs", RESULT, 0xFFF, 0),
        encoder.control("csrrs", 10, 0xBFF, 0),
    ]
    program = program_of(words)
    result = execute(program, b"", log_size=16)
    final = dict(zip(result.touched.key.tolist(), result.touched.final.tolist(), strict=True))
    ends = [final[(0xA000_8000 + 8 * number) // 8] for number in (0, 0xBFF, 0xFFF)]
    assert (ends, result.exit_code) == ([9, OLD, 0], OLD)
    assert_recorded(program)


@pytest.mark.parametrize("number", [0xC00, 0xFFF])
def test_the_ends_of_the_read_only_control_registers(number: int) -> None:
    with pytest.raises(GuestFault) as fault:
        execute(program_of([encoder.control("csrrwi", 0, number, 1)]), b"")
    assert (fault.value.fault, fault.value.detail) == (FaultKind.READ_ONLY_CSR, f"CSR {number:#x}")


def own_word(register: int) -> int:
    """Address of a register's word."""
    return 0xA000_0000 + 8 * register


@pytest.mark.parametrize("register", [1, BASE, VALUE, RESULT, 31, *range(32, 40)])
def test_accesses_to_the_words_of_registers_and_scratch_words_are_recorded(register: int) -> None:
    """Operand, base, result or what the machine uses itself: a word has one history."""
    words = [
        *constant(BASE, own_word(register)),
        *constant(VALUE, 0x1122_3344),
        encoder.atomic("amoadd", 8, RESULT, BASE, VALUE),
        *constant(BASE, own_word(register)),
        encoder.atomic("amomaxu", 4, RESULT, BASE, VALUE),
        *constant(BASE, own_word(register)),
        encoder.atomic("lr", 8, BASE, BASE, 0),
        *constant(BASE, own_word(register)),
        encoder.atomic("sc", 4, BASE, BASE, BASE),
        *constant(BASE, own_word(register)),
        encoder.immediate("ld", BASE, BASE, 0),
        *constant(BASE, own_word(register)),
        encoder.store("sh", BASE, BASE, 2),
        *constant(BASE, own_word(register)),
        encoder.atomic("amoswap", 8, 0, BASE, 0),
    ]
    assert_recorded(program_of(words))


def test_touched_words_of_a_run_are_in_the_order_of_their_keys() -> None:
    """The first and the last word of the machine's memory, the input's first one between them."""
    words = [
        *constant(BASE, 0xBFFF_FFF8), encoder.store("sd", BASE, BASE, 0),
        *constant(BASE, 0x4000_0008), encoder.immediate("ld", RESULT, BASE, 0),
        *constant(BASE, CODE), encoder.immediate("ld", RESULT, BASE, 0),
    ]  # fmt: skip
    keys = execute(program_of(words), b"").touched.key
    assert (np.diff(keys.astype(np.int64)) > 0).all()
    assert {0x4000_0008 // 8, CODE // 8, 0xBFFF_FFF8 // 8} <= set(keys.tolist())
