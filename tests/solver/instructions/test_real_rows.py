"""Rows of real runs satisfy all that claims take for known: nothing is shown of rows that cannot be.

A claim asks for one possible row of its operation. A fact that is wrong for some of its rows only, those of
taken branches or of one offset, would make all of these do anything. So one row of each sort is fixed,
column by column, and must be possible: with the facts, and with what is assumed and shown of it. Of a
misaligned row, to show anything takes long, and what is shown follows from what was possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pytest

from tests.solver.implication import possible
from tests.solver.instructions.choices import choices, domains, opcode, variables_of
from tests.solver.instructions.forms import rows_of
from tests.solver.instructions.operation import assume, show_row
from tests.solver.instructions.row import Row
from tests.solver.polynomial import Assignment, Polynomial
from tests.vm.jobs import DATA, Job, run_job
from tests.vm.micro_programs import HALT, Line, micro_program
from tests.vm.semantics import CONDITIONS
from zisk.stark.air import Air
from zisk.vm.operations import BRANCHES, LOAD_WIDTHS, SHAPES, STORE_WIDTHS, Family, Operation
from zisk.vm.tables.buses import SHIFT
from zisk.vm.tables.families import FAMILY_TABLES

POSITIVE, NEGATIVE, ZERO, POINTER, CODE, BEYOND, AMOUNT = 20, 21, 22, 23, 24, 25, 7
CODE_START = 0x8000_0000
REGISTERS = {
    10: 0x4_0003_0002_0001,
    POSITIVE: 0x0123_4567_89AB_CDEF,
    NEGATIVE: 0xFEDC_BA98_F654_B28D,
    ZERO: 0,
    POINTER: DATA,
    CODE: CODE_START,
    BEYOND: CODE_START + 2046,
}
DISTANCES = (*range(8), -8, -3)
"""Of loads and stores, in bytes: every offset in a word, and immediates with a sign."""

AMOUNTS = (0, 5, 16, 27, 32, 45, 48, 63)
"""For each number of whole limbs one shift that splits limbs and one that does not."""


class Sort(NamedTuple):
    """What is asked of some row: an operation, and what tells its rows apart.

    That is whether a branch is taken, or a jump goes back from its register; a distance, an immediate, the
    amount of a shift, or the place of a pair of operands.
    """

    operation: Operation
    detail: int


def lines() -> list[tuple[Line, Sort]]:
    """A program's lines, each with what its row is."""
    found: list[tuple[Line, Sort]] = []

    def add(
        operation: Operation, rd: int = 0, rs1: int = 0, rs2: int = 0, value: int = 0, *, detail: int = 0
    ) -> None:
        found.append((Line(operation, rd, rs1, rs2, value % (1 << 64)), Sort(operation, detail)))

    pairs = ((POSITIVE, NEGATIVE), (NEGATIVE, POSITIVE), (POSITIVE, ZERO), (POSITIVE, POSITIVE))
    for operation, shape in SHAPES.items():
        if operation in (LOAD_WIDTHS | STORE_WIDTHS):
            for distance in DISTANCES:
                stored = POSITIVE if shape.reads_second else 0
                add(operation, 9 if shape.writes else 0, POINTER, stored, distance, detail=distance)
        elif operation in BRANCHES:
            for first, second in (*pairs, (NEGATIVE, NEGATIVE), (ZERO, ZERO)):
                taken = is_taken(operation, first, second)
                add(operation, 0, first, second if shape.reads_second else 0, len(found) + 2, detail=taken)
                add(Operation.NOP)
        elif shape.family in (Family.SHIFT, Family.SHIFTI, Family.SHIFTIW):
            for amount in AMOUNTS[:4] if operation.name.endswith("W") else AMOUNTS:
                for first in (POSITIVE, NEGATIVE):
                    add(Operation.LI, AMOUNT, 0, 0, amount)
                    second, immediate = (AMOUNT, 0) if shape.reads_second else (0, amount)
                    add(operation, 8, first, second, immediate, detail=amount)
        elif operation is Operation.JALR:
            for register in (CODE, BEYOND):
                distance = CODE_START + 2 * (len(found) + 2) - REGISTERS[register]
                add(operation, 1, register, 0, distance, detail=distance < 0)
                add(Operation.NOP)
        elif shape.reads_second and shape.writes:
            for place, (first, second) in enumerate(pairs):
                add(operation, 8, first, second, detail=place)
        elif shape.writes:
            for first, immediate in ((POSITIVE, 77), (NEGATIVE, -2), (ZERO, 0)):
                add(operation, 8, first if shape.reads_first else 0, 0, immediate, detail=immediate)
        elif operation is Operation.NOP:
            add(operation)
    return [*found, (HALT, Sort(Operation.HALT, 0))]


def is_taken(operation: Operation, first: int, second: int) -> bool:
    """Whether a branch on these registers is taken."""
    b = REGISTERS[second] if SHAPES[operation].reads_second else 0
    return CONDITIONS[operation](REGISTERS[first], b)


@cache
def job() -> Job:
    """A run of these lines."""
    return run_job(micro_program([line for line, _ in lines()], REGISTERS, {DATA: 0x8877_6655_4433_2211}))


def rows_of_run(family: Family, air: Air) -> Iterator[tuple[Sort, Assignment]]:
    """The rows of a family's table that execute a step, each with what it is."""
    known = [sort for _, sort in lines()]
    flags = domains(air)
    for column in job().core[0].table(air.name).T:
        values = dict(zip(air.main_names, map(int, column), strict=True))
        chosen = {name: values[name] for name in flags}
        assert chosen in choices(air)
        if opcode(air, chosen) is not None:
            sort = known[values["pc"]]
            assert sort.operation == opcode(air, chosen)
            assert family in (SHAPES[sort.operation].family, Family.MISALIGNED)
            yield sort, values


def wanted(family: Family) -> set[Sort]:
    """What there must be rows of in a family's table."""
    found = set()
    for _, sort in lines():
        width = (LOAD_WIDTHS | STORE_WIDTHS).get(sort.operation, 1)
        if family == (Family.MISALIGNED if sort.detail % width else SHAPES[sort.operation].family):
            found.add(sort)
    return found


def known_first(air: Air, values: Assignment) -> Assignment:
    """A row's flags, and what it asks the table of shifts."""
    asked = [one for one in air.interactions if one.bus == SHIFT]
    names = frozenset().union(*(variables_of(air, element) for one in asked for element in one.message))
    return {name: values[name] for name in [*domains(air), *sorted(names)]}


def form_of(air: Air, flags: Assignment, values: Assignment) -> Row:
    """The form that a claim gives a row with these values; products stay open where claims leave them so."""
    if air.name == "muldiv":
        return Row(air, flags)
    (found,) = (
        row for row in rows_of(air, flags) if all(values[name] == value for name, value in row.chosen.items())
    )
    return found


def test_the_lines_are_all_that_claims_tell_apart() -> None:
    sorts = {sort for _, sort in lines()}
    assert {sort.operation for sort in sorts} == set(Operation)
    assert {sort for sort in sorts if sort.operation in BRANCHES} == {
        Sort(operation, taken) for operation in BRANCHES for taken in (False, True)
    }
    assert {sort.detail for sort in sorts if sort.operation is Operation.JALR} == {False, True}


@pytest.mark.parametrize("family", Family, ids=lambda family: family.name.lower())
def test_every_sort_of_real_row_is_possible_with_all_that_is_known(family: Family) -> None:
    air = FAMILY_TABLES[family].air(16)
    seen: set[tuple[Sort, frozenset[tuple[str, int]]]] = set()
    for sort, values in rows_of_run(family, air):
        flags = known_first(air, values)
        if (sort, frozenset(flags.items())) in seen:
            continue
        seen.add((sort, frozenset(flags.items())))
        row = form_of(air, flags, values)
        for name in air.main_names:
            row.facts.append(row.value(Polynomial.variable(name)) == values[name])
        possible(row.facts, f"a row of {sort}")
        if family is Family.MISALIGNED:
            assume(row)
        elif family is not Family.MULDIV:
            show_row(row, sort.operation)
        if family is not Family.MULDIV:
            possible(row.facts, f"a row of {sort} with what is assumed of it")
    assert {sort for sort, _ in seen} == wanted(family)
