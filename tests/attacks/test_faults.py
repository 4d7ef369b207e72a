"""A guest that faults cannot be proved: whatever makes the executor stop, some table refuses to have done.

Each case has the guest that faults, and one that does the same without fault; the second one's run is told as
the first one's. The executor names the fault, the tables what they miss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.attacks.forging import put, row_of, tell
from tests.attacks.proving import (
    Check,
    accepted,
    assert_refused,
    assert_unprovable,
    prove_told,
    set_up,
    without,
)
from tests.vm import encoder
from tests.vm.guest_elf import code_part, write_elf
from tests.vm.jobs import DATA, INPUT, OUTPUT, Job
from tests.vm.micro_programs import HALT, Line, micro_program
from tests.vm.random_programs import halt
from zisk.field.koalabear import P
from zisk.stark.errors import Rejection
from zisk.vm.errors import FaultKind, GuestFault
from zisk.vm.executor import execute
from zisk.vm.memory_map import CODE_INDEX_LIMIT, MICRO_BASE, REGISTER_KEY, RegionKind
from zisk.vm.operations import Operation as Op
from zisk.vm.program import Program, load_program

CONSTANT, CONSTANT_VALUE = 0x8000_1000, 5
"""A word of the image in the ROM."""

UNMAPPED, READ_ONLY, ZERO, ADVICE = (
    FaultKind.UNMAPPED_ACCESS,
    FaultKind.READ_ONLY_STORE,
    FaultKind.REGISTER_ZERO_STORE,
    FaultKind.ADVICE_WORD,
)
LOADS = (Op.LD, Op.LW, Op.LHU, Op.LB)
STORES = (Op.SD, Op.SDZ, Op.SW, Op.SHZ, Op.SB)
NO_REGION = "memory: nothing answers REGION"


def guest(operation: Op, address: int, memory: dict[int, int] | None = None) -> Program:
    """One access, then the value that a load found is put out."""
    second = 20 if operation in (Op.SD, Op.SW, Op.SB) else 0
    line = Line(operation, 6, 23) if operation in LOADS else Line(operation, 0, 23, second)
    lines = [line, Line(Op.SD, 0, 25, 6), HALT]
    return micro_program(lines, {20: 77, 23: address, 25: OUTPUT}, memory or {CONSTANT: CONSTANT_VALUE})


def assert_fault(program: Program, kind: FaultKind) -> None:
    with pytest.raises(GuestFault) as caught:
        execute(program, b"", log_size=16)
    assert caught.value.fault is kind


def told(operation: Op, address: int, width: int = 8) -> Job:
    """The access at a mapped address of the same alignment, told as one at `address`."""
    near = DATA + address % 8
    keys = {DATA // 8: address // 8}
    if address % 8 + width > 8:
        keys[DATA // 8 + 1] = address // 8 + 1
    same = {8 * old: CONSTANT_VALUE for old, new in keys.items() if new == CONSTANT // 8}
    return tell(guest(operation, address), guest(operation, near, same), values={near: address}, keys=keys)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (0x0000_0008, UNMAPPED),
        (0x3FFF_FFF8, UNMAPPED),
        (0x4000_0000, ADVICE),
        (0x4800_0000, UNMAPPED),
        (0x8000_0000, UNMAPPED),
        (CONSTANT + 8, UNMAPPED),
        (0x87FF_FFF8, UNMAPPED),
        (0x9FFF_FFF8, UNMAPPED),
        (0xA000_0000, UNMAPPED),
        (0xA000_0140, UNMAPPED),
        (0xA000_0208, UNMAPPED),
        (0xA000_7FF8, UNMAPPED),
        (0xC000_0000, UNMAPPED),
        (0xFFFF_FFF8, UNMAPPED),
    ],
)
def test_a_load_from_where_nothing_is(address: int, kind: FaultKind) -> None:
    for operation in LOADS:
        assert_fault(guest(operation, address), kind)
        assert told(operation, address).complaints() == [NO_REGION]


def far(operation: Op, address: int) -> tuple[Job, str, int]:
    """An access beyond 32 bits, told with the word below; its table and row."""
    job = tell(guest(operation, address), guest(operation, DATA), values={DATA: address}, keys={})
    table = {Op.LD: "ld", Op.SD: "sd", Op.SDZ: "sd"}.get(operation, "load" if operation in LOADS else "store")
    row = row_of(job.core[0], table, pc=0, ts=1)
    put(job.core[0], table, row, address_high=DATA >> 16)
    return job, table, row


@pytest.mark.parametrize(("limb", "carries"), [(2, (2, 3)), (3, (3,))])
def test_an_access_beyond_32_bits(limb: int, carries: Sequence[int]) -> None:
    """Of the address's four limbs the upper two are zero: with another one no carry fits."""
    for operation in (*LOADS, *STORES):
        address = DATA | 1 << 16 * limb
        assert_fault(guest(operation, address), UNMAPPED)
        job, table, _ = far(operation, address)
        assert job.complaints() == [
            f"{table}: constraint 'address carry {carry} is boolean' is not zero" for carry in carries
        ]


def test_an_address_beyond_32_bits_before_the_verifier() -> None:
    """No message is wrong, only the sum of limbs."""
    job, _, _ = far(Op.LD, DATA | 1 << 32)
    prepared = set_up(job.program)
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.CONSTRAINTS, text="core: the constraints do not hold")
    with without(Check.CONSTRAINTS):
        assert accepted(proof, prepared.key).segments == 1


def test_a_carry_that_is_not_there() -> None:
    """Upper limbs of ones would vanish with a carry, if the second limb were 2^16 lower than it is.

    A load's word is then number -2^29 from the one below, and in no region; a store must be in the RAM.
    """
    address = 0xFFFF_FFFF_0000_0000 | DATA
    for operation in (*LOADS, *STORES):
        assert_fault(guest(operation, address), UNMAPPED)
        job, table, row = far(operation, address)
        core, edges = job.core[0], job.edges[0]
        key = DATA // 8 - (1 << 29)
        put(core, table, row, address_high=(DATA >> 16) - (1 << 16))
        put(core, "boundary", row_of(core, "boundary", key=DATA // 8), key=key)
        memory_row = row_of(edges, "memory", key=DATA // 8, is_zero=1)
        gap = key - int(edges.column("memory", "key")[memory_row - 1]) - 1
        put(edges, "memory", memory_row, gap_low=gap, gap_high=0)
        edges.column("memory", "key")[memory_row:] = key % P
        edges.publics[2] = key % P
        tables = ["memory", table] if operation in STORES else ["memory"]
        assert job.complaints() == [f"{one}: nothing answers RANGE" for one in tables]
        if operation in (Op.LD, Op.SD):
            assert_unprovable(job)


@pytest.mark.parametrize(
    ("address", "kind"),
    [(0x3FFF_FFFC, UNMAPPED), (0x4000_0001, ADVICE), (0x9FFF_FFFC, UNMAPPED), (0xBFFF_FFFC, UNMAPPED)],
)
def test_a_load_that_runs_out_of_a_region(address: int, kind: FaultKind) -> None:
    assert_fault(guest(Op.LD, address), kind)
    job = told(Op.LD, address)
    assert job.complaints() == [NO_REGION]
    assert_unprovable(job)


@pytest.mark.parametrize("operation", [Op.LW, Op.LHU, Op.SW, Op.SHZ])
def test_a_misaligned_access_in_the_last_word_takes_the_one_behind_it(operation: Op) -> None:
    """No byte of that is used, but the row has an access to it, and no region has the word."""
    assert_fault(guest(operation, 0xBFFF_FFF9), UNMAPPED)
    job = told(operation, 0xBFFF_FFF9)
    assert (0xC000_0000 // 8) in job.edges[0].column("memory", "key")
    assert job.complaints() == [NO_REGION]


def test_a_load_that_runs_over_the_end_of_the_address_space() -> None:
    """Its second word is number 2^29, one past the last; no other word is meant."""
    assert_fault(guest(Op.LD, 0xFFFF_FFFC), UNMAPPED)
    job = told(Op.LD, 0xFFFF_FFFC)
    assert 1 << 29 in job.edges[0].column("memory", "key")
    assert job.complaints() == [NO_REGION]
    assert_unprovable(job)


@pytest.mark.parametrize(
    ("address", "kind", "complaints"),
    [
        (CONSTANT, READ_ONLY, set()),
        (INPUT, READ_ONLY, set()),
        (0x4000_0000, ADVICE, {NO_REGION}),
        (0x8000_0000, UNMAPPED, {NO_REGION}),
        (0x9FFF_FFF8, UNMAPPED, {NO_REGION}),
        (0xC000_0000, UNMAPPED, {NO_REGION}),
    ],
)
def test_a_store_outside_the_ram(address: int, kind: FaultKind, complaints: set[str]) -> None:
    """Code, constants and input keep what they start with: the address alone refuses the store."""
    for operation in STORES:
        assert_fault(guest(operation, address), kind)
        table = "sd" if operation in (Op.SD, Op.SDZ) else "store"
        expected = sorted({f"{table}: nothing answers RANGE"} | complaints)
        assert told(operation, address).complaints() == expected


@pytest.mark.parametrize(
    ("address", "kind"),
    [(0xA000_0000, ZERO), (0xA000_0140, UNMAPPED), (0xA000_0208, UNMAPPED), (0xA000_7FF8, UNMAPPED)],
)
def test_a_store_to_a_hole_in_the_ram(address: int, kind: FaultKind) -> None:
    for operation in STORES:
        assert_fault(guest(operation, address), kind)
        assert told(operation, address).complaints() == [NO_REGION]
    assert_unprovable(told(Op.SB, address))


@pytest.mark.parametrize(
    ("address", "complaints"),
    [
        (CONSTANT - 4, [NO_REGION, "misaligned: nothing answers RANGE"]),
        (0x9FFF_FFFC, [NO_REGION, "misaligned: nothing answers RANGE"]),
        (0xA000_013C, [NO_REGION]),
        (0xBFFF_FFFC, [NO_REGION]),
    ],
)
def test_a_store_that_runs_out_of_the_ram(address: int, complaints: list[str]) -> None:
    with pytest.raises(GuestFault):
        execute(guest(Op.SD, address), b"", log_size=16)
    job = told(Op.SD, address)
    assert job.complaints() == complaints
    assert_unprovable(job)


def test_a_store_to_a_constant_before_the_verifier() -> None:
    """The only thing between a guest and its own code is a range check."""
    job = told(Op.SD, CONSTANT)
    prepared = set_up(job.program)
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="messages inside the segment do not cancel")
    with without(Check.LOCAL_SUM):
        assert accepted(proof, prepared.key).segments == 1


def test_an_unmapped_word_before_the_verifier() -> None:
    job = told(Op.LD, 0x9FFF_FFF8)
    prepared = set_up(job.program)
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="edges: messages inside the segment")
    with without(Check.LOCAL_SUM):
        assert accepted(proof, prepared.key).segments == 1


def test_a_word_of_x0_that_is_not_zero() -> None:
    """Loaded through its mirrored address, opened as an input word with a value."""
    lines = [Line(Op.LD, 6, 23), Line(Op.SD, 0, 25, 6), HALT]
    true = micro_program(lines, {23: REGISTER_KEY * 8, 25: OUTPUT})
    run = micro_program(lines, {23: DATA, 25: OUTPUT}, {DATA: 77})
    job = tell(true, run, values={DATA: REGISTER_KEY * 8}, kind=RegionKind.INPUT)
    assert job.execution.outputs[0] == 77
    assert job.complaints() == [NO_REGION]
    assert_unprovable(job)


def jumper(target: int) -> Program:
    return micro_program([Line(Op.JALR, 1, 5), Line(Op.NOP), HALT], {5: target})


@pytest.mark.parametrize(
    ("target", "complaints"),
    [
        (0, ["halt: nothing answers PROGRAM", "jalr: nothing answers RANGE"]),
        (0x7FFF_FFFE, ["halt: nothing answers PROGRAM", "jalr: nothing answers RANGE"]),
        (0x8800_0000, ["halt: nothing answers PROGRAM", "jalr: nothing answers RANGE"]),
        (0xA003_0000, ["halt: nothing answers PROGRAM", "jalr: nothing answers RANGE"]),
        (0x1_8000_0004, []),
        (1 << 63 | 0x8000_0004, []),
    ],
)
def test_a_jump_out_of_the_code_region(target: int, complaints: list[str]) -> None:
    """The next segment starts wherever the jump's columns say; beyond 32 bits that is a true instruction."""
    assert_fault(jumper(target), FaultKind.JUMP_OUTSIDE_CODE)
    there = 0x8000_0004
    job = tell(jumper(target), jumper(there), values={there: target}, keys={}, steps=1)
    first, second = job.core
    half, page = (target & 0xFFFF) >> 1, (target >> 16 & 0xFFFF) - 0x8000
    put(first, "jalr", 0, half=half, page=page)
    index = (half + (page << 15)) % P
    first.publics[2] = second.publics[1] = second.column("halt", "pc")[:] = index
    found = job.complaints()
    assert [one for one in found if "carry" not in one] == complaints
    assert (found != complaints) is (target >> 32 != 0)
    assert_unprovable(job)


@pytest.mark.parametrize("target", [0x8000_0100, 0x87FF_FFFE])
def test_a_jump_to_what_is_no_instruction(target: int) -> None:
    """No step takes the state that the jump leaves: another segment cannot either, and it is no halt."""
    assert_fault(jumper(target), FaultKind.JUMP_OUTSIDE_CODE)
    there = 0x8000_0004
    job = tell(jumper(target), jumper(there), values={there: target}, keys={}, steps=1)
    assert job.complaints() == ["STATE is left over"]
    index = (target - 0x8000_0000) // 2
    job.core[0].publics[2] = index
    assert job.complaints() == ["G_STATE is left over"]
    job.core[1].publics[1] = index
    job.core[1].column("halt", "pc")[:] = index
    assert job.complaints() == ["halt: nothing answers PROGRAM"]
    assert_unprovable(job)


def test_a_jump_into_the_middle_of_an_instruction() -> None:
    """Micro-operations after an instruction's first have indices that no jump can leave."""
    there = 0x8000_0004
    job = tell(jumper(there))
    jump = job.core[0]
    assert MICRO_BASE == CODE_INDEX_LIMIT
    half, page = MICRO_BASE & 0x7FFF, MICRO_BASE >> 15
    jump.column("jalr", "half")[:], jump.column("jalr", "page")[:] = half, page
    complaints = job.complaints()
    assert "jalr: nothing answers RANGE" in complaints
    assert "STATE is left over" in complaints
    assert_unprovable(job)


@pytest.mark.parametrize("number", [0, 92, 94, 93 + (1 << 16), 93 + (1 << 63)])
def test_an_unknown_system_call(number: int) -> None:
    """The halt takes a7 as 93 and nothing else."""
    run = micro_program([Line(Op.NOP), HALT], {10: 5})
    values = run.image_values.copy()
    values[run.image_keys == REGISTER_KEY + 17] = number
    true = replace(run, image_values=values)
    assert_fault(true, FaultKind.UNKNOWN_SYSTEM_CALL)
    lies = tell(true, run), tell(true, run, values={93: number}, keys={})
    assert [job.complaints() for job in lies] == [["G_MEMORY is left over"], ["MEMORY is left over"]]
    for job in lies:
        assert_unprovable(job)


@pytest.mark.parametrize(
    ("instruction", "kind"),
    [
        ([0x0000_0000], FaultKind.ILLEGAL_INSTRUCTION),
        ([0xC000_1073], FaultKind.UNIMP),
        ([0x0010_0073], FaultKind.BREAKPOINT),
        ([0xFFFF_FFFF], FaultKind.ILLEGAL_INSTRUCTION),
        ([encoder.control("csrrw", 0, 0xF12, 5)], FaultKind.READ_ONLY_CSR),
    ],
)
def test_an_instruction_that_stops_the_machine(instruction: Sequence[int], kind: FaultKind) -> None:
    """Its row in the program has opcode 0, which no step has."""
    size = len(encoder.assemble(list(instruction)))
    harmless = [encoder.immediate("addi", 0, 0, 0)] if size == 4 else [0x0001]
    true, run = (
        load_program(write_elf([code_part(encoder.assemble([*first, *halt()]))]))
        for first in (instruction, harmless)
    )
    assert_fault(true, kind)
    np.testing.assert_array_equal(true.pc, run.pc)
    job = replace(tell(run), program=true)
    assert job.complaints() == ["nop: nothing answers PROGRAM"]
    assert_unprovable(job)
