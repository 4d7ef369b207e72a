"""Tables of computations: they accept the machine's steps, and nothing that is not one."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vm.semantics import MASK
from zisk.vm.memory_map import ROM_BASE, ROM_SIZE
from zisk.vm.operations import Family, Operation
from zisk.vm.tables.families import FAMILY_TABLES

from .computations import FAMILIES, FREE, IMMEDIATES, WORDS, edge_cases, immediates, operations, some_cases
from .harness import Bench, Case

CELLS = {
    Family.NOP: 14,
    Family.ADDI: 61,
    Family.ADD: 75,
    Family.ADDIW: 53,
    Family.ADDW: 69,
    Family.LOGICI: 60,
    Family.LOGIC: 97,
    Family.SLT: 76,
    Family.BEQ: 53,
    Family.BLT: 68,
    Family.SHIFTI: 92,
    Family.SHIFTIW: 74,
    Family.SHIFT: 117,
    Family.MULDIV: 145,
    Family.JALR: 59,
    Family.HALT: 42,
}
"""Committed cells of a row at size 20: main columns and five for every stage-2 column."""

words = st.one_of(st.sampled_from(WORDS), st.integers(0, MASK))


@cache
def bench(family: Family) -> Bench:
    return Bench(family)


@st.composite
def cases_of(draw: st.DrawFn, family: Family) -> Case:
    """A case with any operands."""
    operation = draw(st.sampled_from(operations(family)))
    if family == Family.HALT:
        return Case(operation, 93, draw(words))
    immediate = draw(st.sampled_from(immediates(operation)))
    narrow = family in (Family.ADDIW, Family.LOGICI, Family.JALR)
    if narrow or operation in (Operation.SLTI, Operation.SLTIU):
        immediate = draw(st.integers(-2048, 2047)) & MASK
    if family in (Family.SHIFTI, Family.SHIFTIW):
        immediate = draw(st.integers(0, 63 if family == Family.SHIFTI else 31))
    a, b = draw(words), draw(words)
    if family == Family.JALR:
        a = (draw(st.integers(ROM_BASE, ROM_BASE + ROM_SIZE - 1)) - immediate) & MASK
    if operation in (Operation.DIVU, Operation.REMU):
        b >>= draw(st.integers(0, 63))
    if family in (Family.BEQ, Family.BLT, Family.SLT) and draw(st.booleans()):
        b = a ^ (1 << draw(st.integers(0, 63))) if draw(st.booleans()) else a
    return Case(operation, a, b, immediate)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize("log_size", [16, 18, 20, 22])
def test_its_air_builds_for_every_size(family: Family, log_size: int) -> None:
    air = FAMILY_TABLES[family].air(log_size)
    assert air.main_names == bench(family).air.main_names
    assert air.next_main_columns == ()


def test_rows_have_the_budgeted_cells() -> None:
    airs = {family: bench(family).air for family in FAMILIES}
    assert {family: air.main_width + 5 * air.stage2_width for family, air in airs.items()} == CELLS


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_steps_on_edge_values_hold_and_say_what_the_semantics_says(family: Family) -> None:
    table = bench(family)
    table.assert_true(table.lay_out(edge_cases(family)))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_steps_on_any_values_hold_and_say_what_the_semantics_says(family: Family) -> None:
    table = bench(family)

    @settings(max_examples=60)
    @given(st.lists(cases_of(family), min_size=1, max_size=30), st.integers(0, 1 << 30))
    def check(cases: list[Case], seed: int) -> None:
        table.assert_true(table.lay_out(cases, seed))

    check()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_changed_cell_is_refused_or_tells_another_true_story(family: Family) -> None:
    table = bench(family)
    table.assert_mutants_refused(table.lay_out(some_cases(family, 24, seed=3)), FREE.get(family, ()))


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_changed_cell_of_many_rows_is_refused(family: Family) -> None:
    table = bench(family)
    for seed in range(3):
        layout = table.lay_out(some_cases(family, 200, seed), seed)
        table.assert_mutants_refused(layout, FREE.get(family, ()))


@pytest.mark.parametrize(
    "case",
    [
        Case(Operation.ADDIW, 5, 0, 0x1_0000),
        Case(Operation.SLTI, 5, 0, 0x1_0000),
        Case(Operation.ANDI, 5, 0, 0x5_0000),
        Case(Operation.JALR, ROM_BASE - 0x1_0000, 0, 0x1_0000),
        Case(Operation.SLLI, 5, 0, 64),
        Case(Operation.SLLIW, 5, 0, 32),
    ],
)
def test_an_immediate_that_the_table_cannot_have_satisfies_no_row(case: Case) -> None:
    family = next(one for one in FAMILIES if case.operation in operations(one))
    layout = bench(family).lay_out([case])
    judgement = bench(family).judge(layout.columns, layout)
    assert judgement.tokens == [()]


@pytest.mark.parametrize("immediate", IMMEDIATES)
@pytest.mark.parametrize(
    "target", [0, ROM_BASE - 1, ROM_BASE + ROM_SIZE, ROM_BASE + (1 << 32), ROM_BASE | 1 << 63]
)
def test_a_jump_outside_the_code_region_satisfies_no_row(target: int, immediate: int) -> None:
    """The row of a jump inside, told of another base: the register's limbs are all that changes."""
    table = bench(Family.JALR)
    layout = table.lay_out(
        [Case(Operation.JALR, (ROM_BASE + (target & 0x7FF_FFFF) - immediate) & MASK, 0, immediate)]
    )
    columns = layout.columns.copy()
    for index in range(4):
        columns[table.place(f"a[{index}]")] = (target - immediate & MASK) >> (16 * index) & 0xFFFF
    assert table.judge(columns, layout).accepted.tolist() == [False]
