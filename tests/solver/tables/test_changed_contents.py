"""Claims on contents notice a cell that is another, a row that says too much, and answers of other tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tests.solver.claim import RefutedError
from tests.solver.tables.answering import answers, demand_alone
from tests.solver.tables.contents import demand_same_rows
from tests.solver.tables.programs import program_rows, sample_programs
from tests.solver.tables.promises import (
    bytes_promise,
    demand_limits,
    range_promise,
    shift_promise,
    tuple_promise,
)
from tests.solver.tables.regions import demand_map
from zisk.stark.air import Air, Builder, Bus, build_air
from zisk.stark.kind import TableShape
from zisk.vm.kinds import core_kind
from zisk.vm.memory_map import HALTED, RegionKind, region_table
from zisk.vm.operations import Operation
from zisk.vm.tables.buses import BYTES, PROGRAM, RANGE, SHIFT, TUPLE
from zisk.vm.tables.lookup_tables import (
    bytes_content,
    bytes_table,
    range_content,
    range_table,
    shift_content,
    shift_table,
    tuple_content,
    tuple_table,
)
from zisk.vm.tables.program import program_content, program_table

Rows = Callable[[], np.ndarray]


@pytest.mark.parametrize(
    ("bus", "air", "content", "promise"),
    [
        pytest.param(RANGE, range_table, range_content, range_promise, id="range"),
        pytest.param(BYTES, bytes_table, bytes_content, bytes_promise, id="bytes"),
        pytest.param(SHIFT, shift_table, shift_content, shift_promise, id="shift"),
        pytest.param(TUPLE, tuple_table, partial(tuple_content, 16), partial(tuple_promise, 16), id="tuple"),
    ],
)
def test_a_cell_that_is_another(bus: Bus, air: Callable[[], Air], content: Rows, promise: Rows) -> None:
    for column in range(content().shape[0]):
        changed = content()
        changed[column, 7] += 1
        with pytest.raises(RefutedError, match="is there"):
            demand_same_rows(answers(air(), bus, changed), promise())


@pytest.mark.parametrize(
    ("bus", "message", "log_size"),
    [
        (RANGE, (3, 8), None),
        (BYTES, (0, 256, 0, 0), None),
        (TUPLE, (0, 4, 0), 16),
        (PROGRAM, (0, 0, 64, 0, 0, 0, 0, 0, 0), None),
        (SHIFT, (16, 1, 1, 1), None),
    ],
)
def test_an_answer_of_which_others_take_more_for_known(
    bus: Bus, message: tuple[int, ...], log_size: int | None
) -> None:
    with pytest.raises(RefutedError, match=f"on {bus.name} has|the shift bus has"):
        demand_limits(bus, np.array([message]), log_size)


def test_two_micro_operations_with_one_pc() -> None:
    program = sample_programs()[0]
    pc = program.pc.copy()
    pc[1] = pc[0]
    with pytest.raises(RefutedError, match="one pc"):
        program_rows(replace(program, pc=pc))


def test_an_immediate_that_is_not_what_its_parts_say() -> None:
    program = sample_programs()[0]
    with pytest.raises(RefutedError, match="an immediate"):
        program_rows(replace(program, sign=1 - program.sign))


def test_a_halt_that_goes_on_elsewhere() -> None:
    program = sample_programs()[0]
    for operation, successor in ((Operation.HALT, 0), (Operation.NOP, HALTED)):
        following = np.where(program.op == operation, successor, program.next)
        with pytest.raises(RefutedError, match="not just the halts"):
            program_rows(replace(program, next=following))


def test_a_branch_that_leads_to_the_halt() -> None:
    program = sample_programs()[0]
    branches = program.op == Operation.BEQ
    parts = {"immediate": HALTED, "imm0": HALTED & 0xFFFF, "imm1": HALTED >> 16}
    changed = {name: np.where(branches, value, getattr(program, name)) for name, value in parts.items()}
    with pytest.raises(RefutedError, match="a branch leads to the halt"):
        program_rows(replace(program, **changed))


def test_a_micro_operation_at_the_halt() -> None:
    program = sample_programs()[0]
    pc = program.pc.copy()
    pc[1] = HALTED
    with pytest.raises(RefutedError, match="a micro-operation is at the halt"):
        program_rows(replace(program, pc=pc))


def test_a_row_that_executes_where_rows_only_fill_up() -> None:
    program = sample_programs()[0]
    content = program_content(program)
    content[2, program.slots] = 1
    with pytest.raises(RefutedError, match="is there"):
        demand_same_rows(answers(program_table(), PROGRAM, content), program_rows(program))


IMAGE = np.array([0x1000_0000, 0x1400_4000, 0x1400_4001], dtype=np.uint32)


def test_the_map_of_an_image_is_one() -> None:
    demand_map([[0, 0, 0], *map(list, region_table(IMAGE))], IMAGE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: rows[1:], "do not hold the image words|other words are mapped"),
        (lambda rows: [*rows, [0x1700_0000, 0x1700_0001, RegionKind.INPUT]], "in two regions"),
        (lambda rows: [*rows, [0x1900_0000, 0x1900_0001, RegionKind.ZERO]], "other words are mapped"),
        (lambda rows: [*rows, [0x1900_0000, 0x2000_0001, RegionKind.ZERO]], "too high"),
        (lambda rows: [*rows, [0x1900_0001, 0x1900_0000, RegionKind.ZERO]], "not in order"),
        (lambda rows: [*rows, [0x1900_0000, 0x1900_0000, RegionKind.INPUT]], "is empty"),
        (lambda rows: [*rows, [0x1900_0000, 0x1900_0001, RegionKind.OUTPUT]], "not in order or too high"),
        (lambda rows: [*rows, [0x1900_0000, 0x1900_0001, RegionKind.IMAGE]], "do not hold the image words"),
    ],
)
def test_a_map_that_is_another(change: Callable[[list[list[int]]], list[list[int]]], reason: str) -> None:
    rows = [list(map(int, region)) for region in region_table(IMAGE)]
    with pytest.raises(RefutedError, match=reason):
        demand_map(change(rows), IMAGE)


def test_a_second_table_that_answers() -> None:
    def define(b: Builder) -> None:
        b.receive(RANGE, [1, b.column("value")], b.column("asked"))

    kind = core_kind(16)
    demand_alone(kind, RANGE, "range")
    kind = replace(kind, tables=(*kind.tables, TableShape(build_air("liar", define), 0)))
    with pytest.raises(RefutedError, match="liar receives from RANGE too"):
        demand_alone(kind, RANGE, "range")
