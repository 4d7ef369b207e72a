"""Loads and stores: honest rows are accepted and say what the machine says; no other row is accepted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vm.semantics import MASK
from zisk.field.koalabear import P
from zisk.vm.memory_map import RAM_BASE, RAM_SIZE
from zisk.vm.operations import Family, Operation
from zisk.vm.tables.families import FAMILY_TABLES

from .judge import Token, judge, mutants
from .memory_cases import LOG_SIZE, Case, Records, edge_cases, retold
from .memory_rows import FAMILIES, air_of, filled

WORDS = ("a[", "b[", "m_old[", "n_old[", "d_old[", "value_old[")
GAPS = ("a_gap", "b_gap", "m_gap", "n_gap", "d_gap", "value_gap")
INPUTS = ("ts", *WORDS, *GAPS)
"""Cells whose change some other row must notice: they are what the buses hand to this row."""

PROGRAMMED = ("pc", "next", "rd", "rs1", "rs2", "imm0", "imm1", "sign")
"""Cells that the program lookup fixes."""


def is_input(family: Family, name: str) -> bool:
    """In the tables of aligned loads m[i] is the word read; elsewhere it is the word written."""
    return name.startswith(INPUTS) or (family in (Family.LD, Family.LOAD) and name.startswith("m["))


def cannot_matter(case: Case, name: str) -> bool:
    """Cells that a row carries for other operations of its table: nothing that this row says has them."""
    byte = case.operation in (Operation.LB, Operation.LBU, Operation.SB, Operation.SBZ)
    if name in ("upper", "kept", "over", "value"):
        return not byte
    if name == "negative":
        return case.operation is Operation.LD or not case.loads
    if name.startswith("value_upper"):
        return case.loads
    return name.startswith(("b_gap", "value_gap")) and not (case.loads or case.reads_value)


@pytest.mark.parametrize("log_size", [16, 18, 20, 22])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_air_builds(family: Family, log_size: int) -> None:
    assert FAMILY_TABLES[family].air(log_size).main_width == air_of(family).main_width


@pytest.mark.parametrize("family", FAMILIES)
def test_edge_cases_are_accepted_and_speak_the_plain_semantics(family: Family) -> None:
    records = Records(edge_cases(family))
    verdict = judge(air_of(family), filled(family, records), LOG_SIZE, records.program)
    assert verdict.accepted.all()
    assert verdict.tokens == [records.tokens(row) for row in range(len(records.cases))]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_row_of_zeros_is_padding(family: Family) -> None:
    verdict = judge(air_of(family), np.zeros((air_of(family).main_width, 1), dtype=np.int64), LOG_SIZE, set())
    assert verdict.accepted.all()
    assert verdict.tokens == [()]


def assert_true_stories(case: Case, records: Records, rows: np.ndarray) -> list[tuple[Token, ...] | None]:
    """Whatever row is accepted is the access that it claims to be; returns what each accepted row says."""
    verdict = judge(air_of(case.family), rows, LOG_SIZE, records.program)
    said: list[tuple[Token, ...] | None] = [None] * rows.shape[1]
    for row in np.flatnonzero(verdict.accepted):
        tokens = said[row] = verdict.tokens[row]
        if tokens:
            assert retold(case, tokens) in (None, tokens), (case, rows[:, row].tolist())
    return said


@pytest.mark.parametrize("family", FAMILIES)
def test_every_changed_cell_is_noticed(family: Family) -> None:
    """A mutant is refused, or is another true access, or the cell cannot matter."""
    records = Records(edge_cases(family)[::2])
    rng = np.random.default_rng(7)
    rows = filled(family, records)
    for place, case in enumerate(records.cases):
        changed, names = mutants(air_of(family), rows[:, place], rng)
        for name, tokens in zip(names, assert_true_stories(case, records, changed), strict=True):
            if tokens is None or cannot_matter(case, name):
                continue
            assert tokens != records.tokens(place), (case, name)
            assert name.startswith("is_") or name == "address_high" or is_input(family, name), (case, name)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_two_changed_cells_make_another_result(family: Family) -> None:
    """Move two cells that are no inputs at once, by amounts at which limbs, bytes and signs change."""
    names = air_of(family).main_names
    own = [place for place, name in enumerate(names) if not is_input(family, name) and name not in PROGRAMMED]
    wide = family is Family.MISALIGNED
    deltas = (1, -1, 0x100, 0x8000) if wide else (1, -1, 0x80, -0x80, 0x100, 0x8000, -0x8000, 0xFFFF, 1 << 16)
    moves = np.array([(one, other) for one in deltas for other in deltas]).T
    for case in edge_cases(family)[:: 101 if wide else 31]:
        records = Records([case])
        row = filled(family, records)[:, 0]
        for index, one in enumerate(own[:-1]):
            others = np.array(own[index + 1 :])
            rows = np.repeat(row[:, None], others.size * moves.shape[1], axis=1)
            rows[one] += np.tile(moves[0], others.size)
            second = np.repeat(others, moves.shape[1])
            rows[second, np.arange(second.size)] += np.tile(moves[1], others.size)
            assert_true_stories(case, records, rows % P)


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
def test_random_accesses(family: Family, data: st.DataObject) -> None:
    known = edge_cases(family)
    case = data.draw(st.sampled_from(known))
    word = st.integers(0, MASK)
    key = data.draw(st.integers(RAM_BASE // 8 + 1, (RAM_BASE + RAM_SIZE) // 8 - 2))
    immediate = data.draw(st.integers(-2048, 2047))
    drawn = Case(
        case.operation,
        8 * key + case.address % 8,
        immediate,
        data.draw(word),
        data.draw(word),
        data.draw(word),
    )
    records = Records([drawn])
    verdict = judge(air_of(family), filled(family, records), LOG_SIZE, records.program)
    assert verdict.accepted.all()
    assert verdict.tokens == [records.tokens(0)]
