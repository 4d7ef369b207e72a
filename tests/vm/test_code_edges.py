"""At the ends of the code region every instruction does what RISC-V says and is recorded, or faults by name.

Each case has its code at the end, between a start that goes there and places to land: `PAD` near the first
address of the region and `NEAR` near the last one, which both halt with x1, the link, as exit code.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.vm import encoder
from tests.vm.edge_guests import (
    END,
    FIRST,
    Pieces,
    compressed,
    compressed_jump,
    constant,
    guest,
    halt_with,
    jump_to,
)
from tests.vm.jobs import run_job
from tests.vm.reference_machine import ReferenceMachine
from tests.vm.test_interpreter import as_reference, present_fields
from zisk.prover import ProofForm, prove, setup, verify
from zisk.vm.errors import (
    FaultKind,
    GuestFault,
    NoEntryPointError,
    SectionOutsideMapError,
    UnsupportedInstructionError,
)
from zisk.vm.executor import Run, execute, record_all
from zisk.vm.program import load_program

ENTRY, PAD, NEAR = FIRST + 0x400, FIRST + 0x200, END - 0x200
LAST_WORD, LAST_HALF = END - 4, END - 2
RA, T0, T1 = 1, 5, 6


def jalr(rd: int, rs1: int, offset: int = 0) -> int:
    return encoder.immediate("jalr", rd, rs1, offset)


@dataclass(frozen=True)
class Ends:
    """Code that halts: pieces at the edge, what runs before them, and the exit code."""

    edge: Pieces
    start: list[int]
    code: int
    entry: int = ENTRY

    @property
    def elf(self) -> bytes:
        around: Pieces = {PAD: halt_with(RA), ENTRY: self.start, NEAR: halt_with(RA)}
        return guest(around | self.edge, self.entry)


def last(words: list[int], code: int, *before: int) -> Ends:
    """Code that fills the region up to its end; `before` runs first."""
    at = END - len(encoder.assemble(words))
    return Ends({at: words}, [*before, *jump_to(at)], code)


TO_PAD = constant(T0, PAD)
LINKS = {
    "jalr": last([jalr(RA, T0)], END, *TO_PAD),
    "jalr over its own base": last([jalr(RA, RA)], END, *constant(RA, PAD)),
    "jalr with an offset": last([jalr(RA, T0, -8)], END, *constant(T0, PAD + 8)),
    "jalr to an odd address": last([jalr(RA, T0)], END, *constant(T0, PAD + 1)),
    "jalr without a link": last([jalr(0, T0)], 7, *TO_PAD, *constant(RA, 7)),
    "c.jalr": last([compressed("c.jalr", T0)], END, *TO_PAD),
    "c.jalr over its own base": last([compressed("c.jalr", RA)], END, *constant(RA, PAD)),
    "c.jr": last([compressed("c.jr", T0)], 7, *TO_PAD, *constant(RA, 7)),
    "jal": last([encoder.jump(RA, NEAR - LAST_WORD)], END),
    "jalr before the last one": last([jalr(RA, T0), 0x0001], LAST_HALF, *TO_PAD),
}
"""The jumps that may be the last instruction, and the first that has a successor."""

ENDS = LINKS | {
    "c.j": last([compressed_jump(NEAR - LAST_HALF)], 7, *constant(RA, 7)),
    "branch taken": last([encoder.branch("beq", 0, 0, NEAR - LAST_WORD)], 7, *constant(RA, 7)),
    "branch taken on registers": last([encoder.branch("bne", RA, 0, NEAR - LAST_WORD)], 7, *constant(RA, 7)),
    "ecall": last([encoder.ECALL], 9, *constant(10, 9), *constant(17, 93)),
    "auipc over 2^32": last(
        [encoder.upper("auipc", RA, 0x7FFFF), encoder.jump(0, NEAR - LAST_WORD)], END - 8 + 0x7FFF_F000
    ),
    "first instruction of the region": Ends(
        {FIRST: [encoder.upper("auipc", RA, 0x80000), encoder.jump(0, PAD - FIRST - 4)]}, jump_to(FIRST), 0
    ),
    "first instruction by an odd address": Ends({FIRST: halt_with(RA)}, jump_to(FIRST + 1), 0),
    "last instruction by an odd address": Ends(
        {LAST_HALF: [compressed_jump(NEAR - LAST_HALF)]}, jump_to(LAST_HALF + 1), 0
    ),
    "jal back to the first": Ends({FIRST: halt_with(RA)}, [encoder.jump(RA, FIRST - ENTRY)], ENTRY + 4),
    "branch back to the first": Ends({FIRST: halt_with(RA)}, [encoder.branch("beq", 0, 0, FIRST - ENTRY)], 0),
    "entry at the first": Ends({FIRST: [encoder.jump(RA, PAD - FIRST)]}, [0x0001], FIRST + 4, FIRST),
    "entry at the last": Ends(
        {LAST_WORD: [encoder.jump(RA, NEAR - LAST_WORD)]}, [0x0001], END, LAST_WORD
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_code_at_an_end_is_executed_recorded_and_fits_the_tables(name: str) -> None:
    case = ENDS[name]
    program = load_program(case.elf, 16)
    reference = [present_fields(one) for one in ReferenceMachine(program, b"", 16).run()]
    assert [as_reference(one) for one in Run(program, b"", log_size=16, record=record_all)] == reference
    job = run_job(program)
    assert job.execution.exit_code == case.code
    assert job.complaints() == []


OUTSIDE = "the target is outside the code region"
NO_INSTRUCTION = FaultKind.JUMP_OUTSIDE_CODE
ILLEGAL = FaultKind.ILLEGAL_INSTRUCTION


@dataclass(frozen=True)
class Faults:
    """Code that faults: pieces at the edge, what runs before them, and the fault with its place."""

    edge: Pieces
    start: list[int]
    kind: FaultKind
    pc: int
    detail: str

    @property
    def elf(self) -> bytes:
        return guest({PAD: halt_with(RA), ENTRY: self.start} | self.edge, ENTRY)


def falls_off(words: list[int]) -> Faults:
    """Code that fills the region up to its end and goes on behind it."""
    at = END - len(encoder.assemble(words))
    pc = END - len(encoder.assemble(words[-1:]))
    return Faults({at: words}, jump_to(at), NO_INSTRUCTION, pc, OUTSIDE)


def traps(content: bytes, kind: FaultKind, detail: str) -> Faults:
    """Bytes at the end of the region that are no instruction."""
    at = END - len(content)
    return Faults({at: content}, jump_to(at), kind, at, detail)


def jumps(target: int, base: int | None = None, edge: Pieces | None = None) -> Faults:
    """A jalr, the last instruction of its code, to no instruction."""
    base = target if base is None else base
    start = constant(T0, base)
    jump = ENTRY + len(encoder.assemble(start))
    return Faults(
        edge or {}, [*start, jalr(RA, T0, target - base)], NO_INSTRUCTION, jump, f"target {target & -2:#x}"
    )


def cut_off(encoding: int) -> str:
    return f"encoding {encoding:#x}, cut off by the end of its section"


FAULTS = {
    "addi falls off the end": falls_off([encoder.immediate("addi", RA, 0, 1)]),
    "c.nop falls off the end": falls_off([0x0001]),
    "a branch not taken falls off the end": falls_off([encoder.branch("bne", 0, 0, NEAR - LAST_WORD)]),
    "a load falls off the end": falls_off([encoder.immediate("ld", T0, 10, 8)]),
    "an atomic falls off the end": falls_off([encoder.atomic("amoadd", 8, T0, 11, RA)]),
    "fence falls off the end": falls_off([0x0FF0_000F]),
    "jal to the end": falls_off([encoder.jump(RA, 4)]),
    "a branch to the end": falls_off([encoder.branch("beq", 0, 0, 4)]),
    "c.j to the end": falls_off([compressed_jump(2)]),
    "jal over the end": falls_off([encoder.jump(RA, (1 << 20) - 2)]),
    "c.j over the end": falls_off([compressed_jump(2046)]),
    "jal below the first": Faults({}, [encoder.jump(RA, FIRST - ENTRY - 2)], NO_INSTRUCTION, ENTRY, OUTSIDE),
    "a branch below the first": Faults(
        {}, [encoder.branch("beq", 0, 0, FIRST - ENTRY - 2)], NO_INSTRUCTION, ENTRY, OUTSIDE
    ),
    "jalr at the end to nothing": Faults(
        {LAST_WORD: [jalr(RA, 0, 16)]}, jump_to(LAST_WORD), NO_INSTRUCTION, LAST_WORD, "target 0x10"
    ),
    "an instruction over the end": traps(b"\x13\x00", ILLEGAL, cut_off(0x13)),
    "a jalr over the end": traps(b"\x67\x80", ILLEGAL, cut_off(0x8067)),
    "three bytes of an instruction": Faults(
        {FIRST: b"\x13\x00\x00"}, jump_to(FIRST), ILLEGAL, FIRST, cut_off(0x13)
    ),
    "zeros at the end": traps(bytes(2), ILLEGAL, "encoding 0x0"),
    "ones at the end": traps(b"\xff" * 4, ILLEGAL, "encoding 0xffffffff"),
    "c.ebreak at the end": traps(b"\x02\x90", FaultKind.BREAKPOINT, ""),
    "unimp at the end": traps((0xC000_1073).to_bytes(4, "little"), FaultKind.UNIMP, ""),
    "an instruction over two sections": Faults(
        {FIRST: b"\x13\x00", FIRST + 2: b"\x00\x00\x01\x00"}, jump_to(FIRST), ILLEGAL, FIRST, cut_off(0x13)
    ),
    "an odd last byte": Faults(
        {FIRST: b"\x01\x00\x01"}, jump_to(FIRST), NO_INSTRUCTION, FIRST, f"target {FIRST + 2:#x}"
    ),
    "jalr to the end": jumps(END),
    "jalr to the end by an odd address": jumps(END + 1),
    "jalr below the first": jumps(FIRST - 2),
    "jalr to the last byte of a gap": jumps(END - 1),
    "jalr into an instruction": jumps(FIRST + 2, edge={FIRST: halt_with(RA)}),
    "jalr behind the last code": jumps(FIRST + 4, edge={FIRST: [0x0001, 0x0001]}),
    "jalr to 0": jumps(0),
    "jalr to 2^32": jumps(1 << 32),
    "jalr 2^32 above an instruction": jumps(PAD + (1 << 32)),
    "jalr 2^63 above an instruction": jumps(PAD + (1 << 63)),
    "jalr below 2^32": jumps((1 << 32) - 2),
    "jalr below 2^64": jumps((1 << 64) - 2),
    "jalr that wraps at 2^64": Faults(
        {}, [encoder.immediate("addi", T0, 0, -2), jalr(RA, T0, 8)], NO_INSTRUCTION, ENTRY + 4, "target 0x6"
    ),
    "jalr that wraps below 0": Faults(
        {}, [jalr(RA, 0, -2)], NO_INSTRUCTION, ENTRY, "target 0xfffffffffffffffe"
    ),
    "jalr to data": jumps(0xA003_0000),
    "ecall of another number": Faults(
        {LAST_WORD: [encoder.ECALL]}, jump_to(LAST_WORD), FaultKind.UNKNOWN_SYSTEM_CALL, LAST_WORD, "a7 = 0"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_code_that_leaves_the_region_faults_by_name(name: str) -> None:
    case = FAULTS[name]
    with pytest.raises(GuestFault) as fault:
        execute(load_program(case.elf, 16), b"", log_size=16, record=record_all)
    assert (fault.value.fault, fault.value.pc, fault.value.detail) == (case.kind, case.pc, case.detail)


def test_a_fault_over_the_end_names_no_instruction_that_is_not_there() -> None:
    """The first half of an addi is no addi."""
    with pytest.raises(
        GuestFault, match=r"illegal instruction at pc 0x87fffffe \(illegal\): encoding 0x13, cut"
    ):
        execute(load_program(FAULTS["an instruction over the end"].elf, 16), b"")


def test_what_is_not_supported_is_named_at_the_end_too() -> None:
    keccak = encoder.control("csrrs", 0, 0x800, 10)
    elf = guest({ENTRY: jump_to(LAST_WORD), LAST_WORD: [keccak]}, ENTRY)
    with pytest.raises(UnsupportedInstructionError) as refusal:
        execute(load_program(elf, 16), b"")
    assert (refusal.value.pc, refusal.value.word) == (LAST_WORD, keccak)


@pytest.mark.parametrize("entry", [FIRST - 2, FIRST + 1, FIRST + 2, END - 2, END, 0, 1 << 32, (1 << 64) - 2])
def test_an_entry_that_is_no_instruction_is_refused(entry: int) -> None:
    with pytest.raises(NoEntryPointError) as refusal:
        load_program(guest({FIRST: halt_with(RA)}, entry))
    assert refusal.value.entry == entry


@pytest.mark.parametrize("address", [FIRST - 2, FIRST - 4, LAST_HALF, END])
def test_a_section_that_leaves_the_region_is_refused(address: int) -> None:
    with pytest.raises(SectionOutsideMapError) as refusal:
        load_program(guest({FIRST + 8: [0x0001], address: halt_with(RA)}, FIRST + 8))
    assert refusal.value.address == address


def test_a_jump_at_the_end_is_proved_and_verified() -> None:
    program = setup(LINKS["jalr over its own base"].elf, log_size=16)
    proof = prove(program, b"", form=ProofForm.COMPOSITE).proof
    assert verify(proof, program.key).exit_code == END
