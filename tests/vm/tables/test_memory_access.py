"""Loads and stores: honest rows are accepted and say what the machine says; no other row is accepted."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zisk.field.koalabear import P, inverse
from zisk.stark.air import Air
from zisk.vm.memory_map import RAM_BASE, RAM_SIZE
from zisk.vm.operations import LOAD_WIDTHS, STORE_WIDTHS, Family, Operation
from zisk.vm.semantics import MASK
from zisk.vm.tables.families import FAMILY_TABLES

from .judge import Token, judge, mutants
from .memory_cases import LOG_SIZE, Case, Records, edge_cases, retold

FAMILIES = (Family.LD, Family.LOAD, Family.LOADX, Family.SD, Family.STORE, Family.STOREX)
STORES = (Family.SD, Family.STORE, Family.STOREX)

INPUTS = ("ts", "a[", "b[", "m_old[", "n_old[", "n[", "d_old[", "a_gap", "b_gap", "m_gap", "n_gap", "d_gap")
"""Cells whose change some other row must notice: they are what the buses hand to this row."""

PROGRAMMED = ("pc", "next", "rd", "rs1", "rs2", "imm0", "imm1", "sign")
"""Cells that the program lookup fixes."""


@cache
def air_of(family: Family) -> Air:
    return FAMILY_TABLES[family].air(LOG_SIZE)


def filled(family: Family, records: Records) -> np.ndarray:
    return FAMILY_TABLES[family].fill(air_of(family), records.record, records.operations).astype(np.int64)


def is_input(family: Family, name: str) -> bool:
    """For loads m[i] is the word read; for stores it is the word written."""
    return name.startswith(INPUTS) or (family not in STORES and name.startswith("m["))


def cannot_matter(case: Case, name: str) -> bool:
    """Cells that a row carries for other operations of its table: nothing that this row says has them."""
    byte = case.operation in (Operation.LB, Operation.LBU, Operation.SB, Operation.SBZ)
    if name in ("upper", "kept", "over", "value"):
        return not byte
    if name == "negative":
        return case.operation is Operation.LD
    return name.startswith("b_gap") and not case.reads_value


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
    wide = family in (Family.LOADX, Family.STOREX)
    deltas = (1, -1, 0x100, 0x8000) if wide else (1, -1, 0x80, -0x80, 0x100, 0x8000, -0x8000, 0xFFFF, 1 << 16)
    moves = np.array([(one, other) for one in deltas for other in deltas]).T
    for case in edge_cases(family)[:: 101 if wide else 31]:
        records, row = single(case)
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


def changed(family: Family, row: np.ndarray, **cells: int) -> np.ndarray:
    """A row with some cells replaced; `__` stands for brackets: d__0 is d[0]."""
    result = row.copy()
    for name, value in cells.items():
        place, _, index = name.partition("__")
        result[air_of(family).main_names.index(f"{place}[{index}]" if index else place)] = value % P
    return result


def cell(family: Family, row: np.ndarray, name: str) -> int:
    return int(row[air_of(family).main_names.index(name)])


def single(case: Case) -> tuple[Records, np.ndarray]:
    records = Records([case])
    return records, filled(case.family, records)[:, 0]


def accepted(case: Case, records: Records, rows: list[np.ndarray]) -> list[bool]:
    return judge(air_of(case.family), np.stack(rows, axis=1), LOG_SIZE, records.program).accepted.tolist()


@pytest.mark.parametrize("operation", [Operation.LB, Operation.LH, Operation.LW])
def test_a_forged_sign_is_refused(operation: Operation) -> None:
    """The other sign, with every cell that follows from it."""
    for low in (0x0000_0080_0000_8080, 0x7F00_0000_7F7F_7F7F):
        case = Case(operation, 0xA003_0000, 0, low, 0)
        records, row = single(case)
        sign = cell(Family.LOAD, row, "negative")
        step = 1 - 2 * sign
        above = {Operation.LB: 0xFF00, Operation.LH: 0, Operation.LW: 0}[operation]
        forged = {"negative": 1 - sign, "d__0": cell(Family.LOAD, row, "d[0]") + step * above}
        if operation is not Operation.LW:
            forged["d__1"] = 0xFFFF * (1 - sign)
        forged["rest"] = cell(Family.LOAD, row, "rest") - step * (
            0x80 if operation is Operation.LB else 0x8000
        )
        verdict = judge(
            air_of(Family.LOAD), changed(Family.LOAD, row, **forged)[:, None], LOG_SIZE, records.program
        )
        assert verdict.constraints.tolist() == [False]
        assert verdict.lookups.tolist() == [True]


def test_a_byte_that_wraps_around_p_is_refused() -> None:
    """For each wrong lower byte there is an upper one in the field; it is no byte."""
    case = Case(Operation.LBU, 0xA003_0000, 0, 0x1234, 0)
    records, row = single(case)
    rows = []
    for lower in range(256):
        upper = (0x1234 - lower) * inverse(256) % P
        rows.append(changed(Family.LOAD, row, upper=upper, d__0=lower, rest=lower))
    assert accepted(case, records, rows) == [lower == 0x34 for lower in range(256)]


def test_a_stored_byte_that_wraps_around_p_is_refused() -> None:
    case = Case(Operation.SB, 0xA003_0000, 0, 0x1234, 0, 0xABCD)
    records, row = single(case)
    rows = []
    for over in range(256):
        kept = (0x1234 - over) * inverse(256) % P
        new = (0xCD + 256 * kept) % P
        rows.append(changed(Family.STORE, row, over=over, kept=kept, new_half=new, m__0=new))
    assert accepted(case, records, rows) == [over == 0x34 for over in range(256)]
    rows = [
        changed(Family.STORE, row, value=value, new_half=value + 0x1200, m__0=value + 0x1200)
        for value in range(256)
    ]
    assert accepted(case, records, rows) == [value == 0xCD for value in range(256)]


@pytest.mark.parametrize("family", [Family.LOADX, Family.STOREX])
def test_another_offset_is_refused(family: Family) -> None:
    case = edge_cases(family)[0]
    records, row = single(case)
    offset, address = case.address % 8, case.address
    assert offset != 0
    rows = []
    for other in set(range(8)) - {offset}:
        cells = {f"at__{offset}": 0, f"at__{other}": 1}
        key_low = ((address & 0xFFFF) - other) * inverse(8) % P
        rows += [changed(family, row, **cells), changed(family, row, **cells, key_low=key_low)]
    assert accepted(case, records, rows) == [False] * 14


@pytest.mark.parametrize("family", FAMILIES)
def test_an_address_outside_its_limbs(family: Family) -> None:
    """The other carry moves a load's key out of the map, where no word is, and a store's row is refused."""
    case = edge_cases(family)[0]
    records, row = single(case)
    high, low = cell(family, row, "address_high"), cell(family, row, "key_low")
    other_carry = changed(family, row, address_high=high + (1 << 16))
    other_low = [
        changed(family, row, key_low=low + step, address_high=high - step // 8192) for step in (8192, -8192)
    ]
    verdict = judge(air_of(family), np.stack([other_carry, *other_low], axis=1), LOG_SIZE, records.program)
    assert verdict.accepted.tolist() == [False, False, False]
    below = changed(family, row, address_high=high - (1 << 16))
    verdict = judge(air_of(family), below[:, None], LOG_SIZE, records.program)
    keys = {token[2][0] for token in verdict.tokens[0] if token[0] == "MEMORY"} - {
        token[2][0] for token in records.tokens(0) if token[0] == "MEMORY"
    }
    assert not verdict.accepted[0] or all(key >= 1 << 29 for key in keys)


@pytest.mark.parametrize(
    "address",
    [0x1_0000_0000, 0x8000_0000_A003_0000, 0xFFFF_FFFF_A003_0000, 0x1_A003_0000],
)
@pytest.mark.parametrize("operation", [Operation.LD, Operation.LW, Operation.SD, Operation.SW])
def test_an_address_of_four_gigabytes_or_more_is_refused(operation: Operation, address: int) -> None:
    case = Case(operation, address, 0, 5, 6, 7)
    records, row = single(case)
    for high in (address >> 16 & 0xFFFF, address >> 16):
        assert accepted(case, records, [changed(case.family, row, address_high=high)]) == [False]


@pytest.mark.parametrize("address", [0x4000_0008, 0x8000_0000, 0x9FFF_FFF8, 0xC000_0000])
@pytest.mark.parametrize("operation", list(STORE_WIDTHS))
def test_stores_outside_ram_are_refused(operation: Operation, address: int) -> None:
    for offset in (0, 1):
        case = Case(operation, address + offset, 0, 5, 6, 7)
        records, row = single(case)
        assert accepted(case, records, [row]) == [False]


@pytest.mark.parametrize("operation", list(LOAD_WIDTHS))
def test_loads_of_input_and_constants_are_accepted(operation: Operation) -> None:
    for address in (0x4000_0008, 0x8000_0000):
        case = Case(operation, address, 0, 5, 6)
        records, row = single(case)
        assert accepted(case, records, [row]) == [True]
