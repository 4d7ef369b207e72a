"""Segments end early exactly where the mix of instructions so far makes that cheaper."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vm.reference_cutting import ReferenceCutting
from zisk.choices import LOG_SIZES
from zisk.cli.statistics import count_cells
from zisk.field.quintic import DEGREE
from zisk.vm import cutting
from zisk.vm.cutting import cells_per_row, first_stops, next_stops
from zisk.vm.executor import Run, record_all
from zisk.vm.kinds import core_families, core_kind
from zisk.vm.limits import maximal_log_heights, touched_words_limit
from zisk.vm.operations import Family
from zisk.vm.program import load_program

EXAMPLES = Path(__file__).parents[2] / "examples"
FAMILIES = len(Family)


def limits_of(log_size: int) -> np.ndarray:
    """What a segment of a size may have."""
    heights = maximal_log_heights(log_size)
    most = [1 << heights[family] for family in Family]
    return np.array([*most, 1 << log_size, touched_words_limit(log_size)], np.int64)


def counts_of(rows: dict[Family, int]) -> np.ndarray:
    """The kernel's array of rows of these families and no others."""
    return np.array([*(rows.get(family, 0) for family in Family), 0, 0], np.int64)


def following(rows: dict[Family, int], stops: dict[Family, int], log_size: int = 20) -> np.ndarray | None:
    """The rule's answer in the second half of a segment; families without a stop may go to their maximum."""
    maxima = limits_of(log_size)
    limits = maxima.copy()
    for family, stop in stops.items():
        limits[family] = stop
    return next_stops(counts_of(rows), sum(rows.values()), limits, maxima, cells_per_row(log_size))


def number(amount: int) -> bytes:
    """An input of one number."""
    return struct.pack("<QQ", 8, amount)


@pytest.mark.parametrize("log_size", LOG_SIZES)
def test_cells_of_a_row_are_those_of_the_tables(log_size: int) -> None:
    cells = cells_per_row(log_size)
    tables = zip(core_families(log_size), core_kind(log_size).airs, strict=True)
    assert {family: int(cells[family]) for family in Family} == {
        family: air.main_width + DEGREE * air.stage2_width for family, air in tables if family is not None
    }


def test_the_rule_is_asked_from_half_of_the_steps_on() -> None:
    maxima = limits_of(20)
    stops = first_stops(maxima)
    assert stops.tolist() == [*maxima[:FAMILIES].tolist(), 1 << 19, touched_words_limit(20)]
    rows = {Family.ADDI: (1 << 18) + 1, Family.ADD: 1 << 17, Family.BEQ: (1 << 17) - 2, Family.MULDIV: 1}
    answer = next_stops(counts_of(rows), 1 << 19, stops, maxima, cells_per_row(20))
    expected = np.minimum(1 << 15, maxima)
    expected[[Family.ADDI, Family.ADD, Family.BEQ]] = 1 << 19, 1 << 17, 1 << 17
    expected[-2:] = maxima[-2:]
    assert answer is not None
    assert answer.tolist() == expected.tolist()


def test_a_segment_that_meets_a_limit_in_its_first_half_ends() -> None:
    maxima = limits_of(20)
    rows = counts_of({Family.MULDIV: 1 << 18, Family.ADDI: 1 << 17})
    assert next_stops(rows, 3 << 17, first_stops(maxima), maxima, cells_per_row(20)) is None


def test_a_segment_that_meets_a_maximum_ends() -> None:
    assert following({Family.ADDI: 1 << 19, Family.MULDIV: 1 << 18}, {}) is None


def test_a_segment_ends_where_its_heavy_tables_are_full() -> None:
    rows = {Family.ADDI: 1 << 19, Family.ADD: 174_763, Family.BEQ: 174_762}
    assert following(rows, {Family.ADDI: 1 << 19, Family.ADD: 1 << 18, Family.BEQ: 1 << 18}) is None


def test_a_segment_goes_on_past_what_weighs_little() -> None:
    rows = {Family.ADDI: 435_000, Family.ADD: 180_000, Family.JALR: 1 << 15}
    stops = {Family.ADDI: 1 << 19, Family.ADD: 1 << 18, Family.JALR: 1 << 15}
    answer = following(rows, stops)
    assert answer is not None
    expected = limits_of(20)
    expected[[Family.ADDI, Family.ADD, Family.JALR]] = 1 << 19, 1 << 18, 1 << 16
    assert answer.tolist() == expected.tolist()


def test_a_cut_must_earn_what_another_segment_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {Family.ADDI: 1 << 17, Family.ADD: 43_691, Family.BEQ: 43_690}
    stops = {Family.ADDI: 1 << 17, Family.ADD: 1 << 16, Family.BEQ: 1 << 16}
    assert following(rows, stops, 18) is not None
    monkeypatch.setattr(cutting, "SEGMENT_CELLS", 0)
    assert following(rows, stops, 18) is None


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(LOG_SIZES),
    st.lists(st.integers(0, 1000), min_size=FAMILIES, max_size=FAMILIES),
    st.floats(0.5, 0.999),
    st.sampled_from([family for family in Family if family != Family.HALT]),
    st.sampled_from([0, 5_000_000, cutting.SEGMENT_CELLS]),
)
def test_the_rule_is_its_slow_twin(
    log_size: int, mix: list[int], share: float, asked: Family, segment_cells: int
) -> None:
    maxima, cells = limits_of(log_size), cells_per_row(log_size)
    most = dict(zip(Family, maxima.tolist(), strict=False))
    steps = int(share * (1 << log_size))
    rows = {one: min(most[one], steps * mix[one] // max(1, sum(mix))) for one in Family}
    rows[asked] = max(1 << log_size - 5, 1 << rows[asked].bit_length() - 1 if rows[asked] else 0)
    twin = ReferenceCutting(most, 1 << log_size, dict(zip(Family, cells.tolist(), strict=True)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "SEGMENT_CELLS", segment_cells)
        if rows[asked] == most[asked]:
            ends = True
        else:
            ends = twin.ends_before(asked, rows, max(steps, sum(rows.values())))
        stops = first_stops(maxima)
        counts = counts_of(rows)
        half = next_stops(counts, 1 << log_size - 1, stops, maxima, cells)
        assert half is not None
        answer = next_stops(counts, max(steps, sum(rows.values())), half, maxima, cells)
    if ends:
        assert answer is None
    else:
        assert answer is not None
        assert twin.stops == dict(zip(Family, answer.tolist(), strict=False))


def test_fibonacci_ends_where_additions_fill_half_of_a_table() -> None:
    program = load_program((EXAMPLES / "fibonacci" / "fibonacci.elf").read_bytes(), 20)
    segments = list(Run(program, number(500_000), log_size=20))
    assert [segment.rows[Family.ADDI] for segment in segments[:-1]] == [1 << 19] * (len(segments) - 1)
    assert [segment.steps for segment in segments] == [873_809, 873_813, 752_399]


def test_cuts_do_not_depend_on_what_is_recorded() -> None:
    program = load_program((EXAMPLES / "sha-hasher" / "sha-hasher.elf").read_bytes(), 20)
    recorded = Run(program, number(500), log_size=20, record=record_all)
    assert [one.steps for one in recorded] == [one.steps for one in Run(program, number(500), log_size=20)]


@pytest.mark.parametrize("guest", ["fibonacci", "sha-hasher"])
def test_less_than_a_quarter_is_padding(guest: str) -> None:
    counted = count_cells(
        (EXAMPLES / guest / f"{guest}.elf").read_bytes(),
        number({"fibonacci": 500_000, "sha-hasher": 900}[guest]),
        log_size=20,
    )
    assert counted.padding < 0.25
