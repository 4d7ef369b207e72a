"""What is unusual but right must be proved: refusing everything would be no proof system."""

from __future__ import annotations

import pytest

from tests.attacks.forging import tell
from tests.attacks.proving import accepted_in_both_forms, prove_told, set_up
from tests.vm.jobs import DATA, INPUT, OUTPUT, Job
from tests.vm.micro_programs import HALT, Line, micro_program
from zisk.vm.memory_map import REGISTER_KEY
from zisk.vm.operations import Operation as Op
from zisk.vm.program import Program

MASK = (1 << 64) - 1


def mirrored(register: int) -> int:
    """Address of a register's word."""
    return 8 * (REGISTER_KEY + register)


def outputs(job: Job) -> list[int]:
    """The first outputs as 64-bit words."""
    words = job.execution.outputs
    return [words[place] | words[place + 1] << 32 for place in range(0, 16, 2)]


def registers_as_words() -> Program:
    """Writes x6 through its word, reads x7 through its own; one word is address, value and target at once."""
    lines = [
        Line(Op.SD, 0, 23, 20),
        Line(Op.SD, 0, 25, 6),
        Line(Op.ADDI, 7, 20, immediate=1),
        Line(Op.LD, 8, 24),
        Line(Op.SD, 0, 25, 8, 8),
        Line(Op.SD, 0, 26, 26),
        Line(Op.SB, 0, 26, 20, 2),
        Line(Op.SD, 0, 25, 26, 16),
        Line(Op.LI, 26, immediate=mirrored(26) - 8),
        Line(Op.LHU, 26, 26, immediate=8),
        Line(Op.SD, 0, 25, 26, 24),
        Line(Op.LI, 27, immediate=mirrored(27)),
        Line(Op.LD, 27, 27, immediate=3),
        Line(Op.SD, 0, 25, 27, 32),
        HALT,
    ]
    registers = {20: 0x1234, 23: mirrored(6), 24: mirrored(7), 25: OUTPUT, 26: mirrored(26), 28: 0xABCDEF}
    return micro_program(lines, registers)


def test_registers_through_their_words() -> None:
    program = registers_as_words()
    job = tell(program)
    at_26 = mirrored(26)
    assert outputs(job)[:5] == [
        0x1234,
        0x1235,
        at_26 & ~0xFF0000 | 0x340000,
        (at_26 - 8) & 0xFFFF,
        mirrored(27) >> 24 | 0xABCDEF << 40,
    ]
    assert job.complaints() == []
    prepared = set_up(program)
    assert accepted_in_both_forms(prove_told(prepared, job), prepared.key).outputs == job.execution.outputs


def test_accesses_at_every_offset() -> None:
    """Loads and stores of every width, aligned and not, in the input, the image and ordinary words."""
    lines = []
    for offset in range(8):
        for load in (Op.LD, Op.LW, Op.LWU, Op.LH, Op.LHU, Op.LB, Op.LBU):
            lines += [Line(load, 6, base, immediate=offset) for base in (23, 24)]
        for store in (Op.SD, Op.SW, Op.SH, Op.SB):
            lines.append(Line(store, 0, 23, 6, 64 + offset))
        lines += [Line(zero, 0, 23, immediate=64 + offset) for zero in (Op.SDZ, Op.SWZ, Op.SHZ, Op.SBZ)]
        lines += [Line(Op.SD, 0, 25, 6, 8 * offset)]
    program = micro_program([*lines, HALT], {23: DATA, 24: INPUT, 25: OUTPUT}, {DATA: 0x8182838485868788})
    job = tell(program, data=bytes(range(0xF0, 0x100)))
    assert [one & 0xFF for one in outputs(job)] == list(range(0xF0, 0xF8))
    assert job.complaints() == []
    prepared = set_up(program)
    assert accepted_in_both_forms(prove_told(prepared, job), prepared.key).outputs == job.execution.outputs


@pytest.mark.parametrize(
    ("base", "offset", "address"),
    [
        (DATA + 8, MASK - 7, DATA),
        (DATA + 0xFFF8, 8, DATA + (1 << 16)),
        (DATA + (1 << 16), MASK - 7, DATA + 0xFFF8),
    ],
)
def test_an_address_with_carries(base: int, offset: int, address: int) -> None:
    lines = [Line(Op.LD, 6, 23, immediate=offset), Line(Op.SD, 0, 25, 6), HALT]
    job = tell(micro_program(lines, {23: base, 25: OUTPUT}, {address: 77}))
    assert outputs(job)[0] == 77
    assert job.complaints() == []


def test_the_last_words_of_the_regions() -> None:
    """The highest word of the RAM and of the input, and the first of each."""
    addresses = {20: 0xBFFF_FFF8, 21: INPUT, 22: 0x47FF_FFF8, 23: DATA, 24: 0xA001_00F8, 26: 0xA001_FFF8}
    lines = [Line(Op.LD, 6, register) for register in addresses]
    lines += [Line(Op.SD, 0, register, 25) for register in (20, 23, 24, 26)]
    program = micro_program([*lines, HALT], {**addresses, 25: 7})
    job = tell(program, data=b"\x01")
    assert job.execution.outputs[62:] == (7, 0)
    assert job.complaints() == []


def test_a_word_passed_over_many_segments() -> None:
    """Written in the first, idle for some, read in the last; every step is a segment of its own."""
    lines = [
        Line(Op.SD, 0, 23, 20),
        Line(Op.NOP),
        Line(Op.NOP),
        Line(Op.LD, 6, 23),
        Line(Op.SD, 0, 25, 6),
        HALT,
    ]
    program = micro_program(lines, {20: 77, 23: DATA, 25: OUTPUT})
    job = tell(program, steps=1)
    assert len(job.core) == 6
    assert job.complaints() == []
    assert outputs(job)[0] == 77


def test_another_input_is_another_true_run() -> None:
    """The input is the prover's to choose: the proof says that some input leads to these outputs."""
    program = micro_program([Line(Op.LD, 6, 24), Line(Op.SD, 0, 25, 6), HALT], {24: INPUT, 25: OUTPUT})
    for data in (b"", b"\x05", bytes([255] * 8)):
        job = tell(program, data=data)
        assert outputs(job)[0] == int.from_bytes(data, "little")
        assert job.complaints() == []
