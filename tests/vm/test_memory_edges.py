"""Loads and stores at both ends of every region: executed, recorded and fitting the tables, or a named fault.

The map is written down here once more, from docs/machine.md, and with it what every access must come to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import pytest

from tests.vm.jobs import run_job
from tests.vm.micro_programs import HALT, Line, micro_program
from tests.vm.reference_machine import ReferenceMachine
from tests.vm.test_interpreter import as_reference, present_fields
from zisk.vm.errors import FaultKind, GuestFault
from zisk.vm.executor import Run, execute, record_all, record_none
from zisk.vm.memory_map import REGISTER_KEY
from zisk.vm.operations import LOAD_WIDTHS, STORE_WIDTHS
from zisk.vm.operations import Operation as Op
from zisk.vm.program import Program

CONSTANTS = {
    0x8000_1000: 0x8182_8384_8586_8788,
    0x87FF_FFF0: 0x9192_9394_9596_9798,
    0x87FF_FFF8: 0xA1A2_A3A4_A5A6_A7A8,
}
INITIAL = CONSTANTS | {0xA002_0000: 0xB1B2_B3B4_B5B6_B7B8, 0xBFFF_FFF8: 0xC1C2_C3C4_C5C6_C7C8}
INPUT = bytes(range(1, 25))
REGIONS = {
    "input": (0x4000_0008, 0x4800_0000),
    "a constant": (0x8000_1000, 0x8000_1008),
    "constants at the end of the code region": (0x87FF_FFF0, 0x8800_0000),
    "registers and scratch words": (0xA000_0008, 0xA000_0140),
    "UART": (0xA000_0200, 0xA000_0208),
    "parameters": (0xA000_0F00, 0xA000_1000),
    "CSRs": (0xA000_8000, 0xA001_0000),
    "public output": (0xA001_0000, 0xA001_0100),
    "rest of the output": (0xA001_0100, 0xA002_0000),
    "data": (0xA002_0000, 0xC000_0000),
}
"""First address of each region, and the one past its last."""

READ_ONLY = ("input", "a constant", "constants at the end of the code region")
FAR = [
    0, 8, 0x3FFF_FFFD, 0x4000_0000, 0x4000_0001, 0x4000_0007, 0x8000_0000, 0x9FFF_FFFC, 0xA000_0000,
    0xA000_0003, 0xFFFF_FFFF_A003_0000, *(0xA003_0000 + (1 << bit) for bit in (32, 33, 47, 48, 62, 63)),
    *(point + distance for point in (1 << 32, 1 << 63, 1 << 64) for distance in (-8, -7, -1, 0)),
]  # fmt: skip
"""Addresses away from the ends of regions: nowhere, the advice word, x0, around 2^32, 2^63 and 2^64."""

BASE, VALUE, RESULT = 20, 21, 22
OPERATIONS = {**LOAD_WIDTHS, **STORE_WIDTHS}
ONE_OF_EACH_WIDTH = (Op.LD, Op.LW, Op.LHU, Op.LB, Op.SD, Op.SWZ, Op.SH, Op.SB)
MASK = (1 << 64) - 1


def fault_of(operation: Op, address: int) -> tuple[FaultKind | None, str] | None:
    """The fault that an access must end in, None if it works."""
    storing = operation in STORE_WIDTHS
    crossing = address % OPERATIONS[operation] != 0
    for word in (address, (address | 7) + 1) if crossing else (address,):
        name = next((name for name, (first, end) in REGIONS.items() if first <= word < end), None)
        if name is not None and not (storing and name in READ_ONLY):
            continue
        kind = FaultKind.UNMAPPED_ACCESS if name is None else FaultKind.READ_ONLY_STORE
        if word // 8 == 0x4000_0000 // 8:
            kind = FaultKind.ADVICE_WORD
        elif word // 8 == 0xA000_0000 // 8 and storing:
            kind = FaultKind.REGISTER_ZERO_STORE
        second = f", the word after that of {address:#x}: a misaligned access takes both"
        return kind, f"address {word:#x}" + (second if word != address else "")
    return None


def addresses(first: int, end: int) -> list[int]:
    """Addresses from more than a word before a region to some into it, and the same at its end."""
    distances = (-9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 4, 8)
    return sorted({edge + distance for edge in (first, end) for distance in distances})


@cache
def accessing(operation: Op) -> Program:
    line = (
        Line(operation, RESULT, BASE)
        if operation in LOAD_WIDTHS
        else Line(operation, 0, BASE, value_of(operation))
    )
    return micro_program([line, HALT], {BASE: 0, VALUE: MASK}, INITIAL)


def value_of(operation: Op) -> int:
    """The operand of a store, 0 for those of zero."""
    return 0 if operation.name.endswith("Z") else VALUE


def at(operation: Op, address: int) -> Program:
    """A program of one access at an address."""
    program = accessing(operation)
    values = program.image_values.copy()
    values[program.image_keys == REGISTER_KEY + BASE] = address & MASK
    return replace(program, image_values=values)


def accesses(name: str, operations: Iterable[Op] = OPERATIONS) -> list[tuple[Op, int]]:
    """Accesses at both ends of a region."""
    return [(operation, address) for operation in operations for address in addresses(*REGIONS[name])]


def outcome(operation: Op, address: int, recorded: bool) -> tuple[FaultKind | None, str] | None:
    """The fault in which an access ends, None if the guest halts."""
    try:
        execute(at(operation, address), INPUT, log_size=16, record=record_all if recorded else record_none)
    except GuestFault as fault:
        return fault.fault, fault.detail
    return None


@pytest.mark.parametrize("name", REGIONS)
def test_accesses_at_the_ends_of_a_region_work_or_fault_by_name(name: str) -> None:
    some = accesses(name, ONE_OF_EACH_WIDTH)
    found = {one: outcome(*one, recorded=bool(place % 2)) for place, one in enumerate(some)}
    assert found == {one: fault_of(*one) for one in found}
    assert None in found.values()


def test_accesses_elsewhere_fault_by_name() -> None:
    found = {(op, address): outcome(op, address & MASK, True) for op in ONE_OF_EACH_WIDTH for address in FAR}
    assert found == {(op, address): fault_of(op, address & MASK) for op, address in found}
    assert None not in found.values()


@pytest.mark.parametrize("name", REGIONS)
def test_accesses_that_work_are_recorded_and_fit_the_tables(name: str) -> None:
    lines = [Line(Op.LI, VALUE, immediate=0xFFFF_FFFF_8765_4321)]
    for operation, address in accesses(name):
        if fault_of(operation, address) is None:
            lines.append(Line(Op.LI, BASE, immediate=address))
            if operation in LOAD_WIDTHS:
                lines.append(Line(operation, RESULT, BASE))
            else:
                lines.append(Line(operation, 0, BASE, value_of(operation)))
    program = micro_program([*lines, HALT], {10: 1}, INITIAL)
    reference = [present_fields(one) for one in ReferenceMachine(program, INPUT, 16).run()]
    assert [as_reference(one) for one in Run(program, INPUT, log_size=16, record=record_all)] == reference
    assert run_job(program, INPUT).complaints() == []


WRAPS = [
    (MASK - 0x0FFF_FFFF, 0xB003_0000, 0xA003_0000),
    (MASK, 0x4000_0009, 0x4000_0008),
    (MASK, 0xA002_0001, 0xA002_0000),
    (0x1_BFFF_FFF8, MASK - 0xFFFF_FFFF, 0xBFFF_FFF8),
    (0xC000_07F8, MASK - 0x7FF, 0xBFFF_FFF8),
    (0xBFFF_F7F9, 0x7FF, 0xBFFF_FFF8),
]
"""Base, immediate, and the address that they come to modulo 2^64."""


@pytest.mark.parametrize(("base", "immediate", "address"), WRAPS)
def test_addresses_wrap_at_2_to_the_64th(base: int, immediate: int, address: int) -> None:
    lines = [Line(Op.LD, 10, BASE, immediate=immediate), HALT]
    job = run_job(micro_program(lines, {BASE: base}, INITIAL), INPUT)
    initial = INITIAL | {0x4000_0008: int.from_bytes(INPUT[:8], "little"), 0xA003_0000: 0}
    assert job.execution.exit_code == initial[address]
    assert job.complaints() == []
