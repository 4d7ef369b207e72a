"""Register operands and regions: x0 has no word, and a word's row must name the region that it lies in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.forging import put, row_of, tell
from tests.attacks.proving import assert_unprovable
from tests.vm.jobs import DATA, INPUT, OUTPUT
from tests.vm.micro_programs import HALT, Line, micro_program
from zisk.field.koalabear import P
from zisk.vm.memory_map import REGISTER_KEY, Region, RegionKind
from zisk.vm.operations import SHAPES
from zisk.vm.operations import Operation as Op
from zisk.vm.program import load_program

EXAMPLES = sorted(Path(__file__).parents[2].glob("examples/*/*.elf"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_row_of_a_program_names_x0_where_a_word_is_touched(path: Path) -> None:
    program = load_program(path.read_bytes())
    for op, shape in SHAPES.items():
        rows = program.op == op
        for touches, operand in (
            (shape.reads_first, program.rs1),
            (shape.reads_second, program.rs2),
            (shape.writes, program.rd),
        ):
            if touches:
                assert operand[rows].all(), op


@pytest.mark.parametrize(
    "line",
    [Line(Op.ADD, 6, 0, 20), Line(Op.ADD, 6, 20, 0), Line(Op.ADDI, 0, 20), Line(Op.SD, 0, 23, 0)],
)
def test_a_program_that_names_x0_cannot_be_proved(line: Line) -> None:
    """Its access asks for a word that no boundary row may open."""
    job = tell(micro_program([line, HALT], {20: 5, 23: DATA}))
    assert job.complaints() == ["MEMORY is left over"]
    assert_unprovable(job)


def test_x0_as_an_operand_with_a_value() -> None:
    """Register 30 told as x0: its word would be opened like any other, if a region held it."""
    lines = [Line(Op.ADDI, 30, 20), Line(Op.ADD, 6, 30, 20), Line(Op.SD, 0, 25, 6), HALT]
    told = [Line(Op.ADDI, 0, 20), Line(Op.ADD, 6, 0, 20), *lines[2:]]
    registers = {20: 5, 25: OUTPUT}
    keys = {REGISTER_KEY + 30: REGISTER_KEY}
    job = tell(micro_program(told, registers), micro_program(lines, registers), keys=keys)
    assert job.execution.outputs[0] == 10
    assert job.complaints() == ["memory: nothing answers REGION"]
    assert_unprovable(job)


def test_a_store_of_zero_stores_zero() -> None:
    """The form without rs2 makes no access to it, so its limbs are zero by constraint."""
    program = micro_program([Line(Op.SDZ, 0, 25), HALT], {25: OUTPUT})
    job = tell(program)
    for segment, table, name in (
        (job.core[0], "sd", "b"),
        (job.core[0], "boundary", "final"),
        (job.edges[0], "memory", "final"),
    ):
        if table == "sd":
            row = 0
        else:
            flag = {"active": 1} if table == "boundary" else {"is_output": 1}
            row = row_of(segment, table, key=OUTPUT // 8, **flag)
        put(segment, table, row, **{f"{name}__0": 9})
    assert job.complaints() == ["G_OUTPUT is left over", "sd: constraint 'sdz stores zero 0' is not zero"]
    assert_unprovable(job)


def reader(address: int) -> list[Line]:
    return [Line(Op.LI, 23, immediate=address), Line(Op.LD, 6, 23), HALT]


@pytest.mark.parametrize(
    "region", [Region(0, 0, RegionKind.ZERO), Region(0x0800_0001, 0x0900_0000, RegionKind.INPUT)]
)
def test_a_word_beside_the_region_that_it_names(region: Region) -> None:
    """The empty region that fills up the table, and one that exists but ends below."""
    program = micro_program(reader(DATA), {})
    assert region == Region(0, 0, RegionKind.ZERO) or region in program.regions
    job = tell(program)
    edges = job.edges[0]
    row, key = row_of(edges, "memory", key=DATA // 8, is_zero=1), DATA // 8
    above, below = key - region.start >> 16, region.end - 1 - key >> 16
    put(edges, "memory", row, start=region.start, end=region.end, above_high=above, below_high=below)
    put(edges, "memory", row, is_zero=region.kind == 0, is_input=region.kind == RegionKind.INPUT)
    assert "memory: nothing answers RANGE" in job.complaints()
    assert_unprovable(job)


@pytest.mark.parametrize("name", ["is_zero", "is_output"])
def test_an_input_word_of_another_kind(name: str) -> None:
    job = tell(micro_program(reader(INPUT), {}))
    edges = job.edges[0]
    row = row_of(edges, "memory", key=INPUT // 8, is_input=1)
    put(edges, "memory", row, is_input=0, **{name: 1})
    assert "memory: nothing answers REGION" in job.complaints()
    assert_unprovable(job)


def test_a_key_between_0_and_p_has_one_word() -> None:
    """Keys are below 2^29 as integers: none is another one plus p."""
    highest = max(int(region.end) for region in micro_program([HALT], {}).regions)
    assert highest <= 1 << 29
    assert highest + (1 << 29) < P
