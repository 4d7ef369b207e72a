"""Micro-operations are numbered, shaped and described completely."""

from __future__ import annotations

from tests.vm.semantics import CONDITIONS, RESULTS
from zisk.choices import LOG_SIZES
from zisk.vm.limits import maximal_log_heights, touched_words_limit
from zisk.vm.operations import BRANCHES, LOAD_WIDTHS, SHAPES, STORE_WIDTHS, Family, Operation, family_of


def test_numbers_are_small_and_dense() -> None:
    assert [int(operation) for operation in Operation] == list(range(1, 64))
    assert [int(family) for family in Family] == list(range(21))


def test_every_operation_has_a_shape_and_a_meaning() -> None:
    assert set(SHAPES) == set(Operation)
    described = set(RESULTS) | set(CONDITIONS) | set(LOAD_WIDTHS) | set(STORE_WIDTHS)
    assert set(Operation) - described == {Operation.NOP, Operation.JALR, Operation.HALT}
    assert set(CONDITIONS) == BRANCHES


def test_misaligned_accesses_go_to_a_family_of_their_own() -> None:
    assert [family_of(Operation.LW, address) for address in (0, 2, 4)] == [
        Family.LOAD,
        Family.MISALIGNED,
        Family.LOAD,
    ]
    aligned_or_not = [Family.LD, Family.MISALIGNED, Family.LD]
    assert [family_of(Operation.LD, address) for address in (0, 4, 8)] == aligned_or_not
    assert [family_of(Operation.SDZ, address) for address in (0, 1)] == [Family.SD, Family.MISALIGNED]
    assert [family_of(Operation.SH, address) for address in (2, 3)] == [Family.STORE, Family.MISALIGNED]
    assert family_of(Operation.SB, 7) == Family.STORE


def test_heights_at_the_default_size() -> None:
    heights = maximal_log_heights(20)
    assert set(heights) == set(Family)
    assert {f.name for f, height in heights.items() if height == 20} == {
        "ADDI",
        "ADD",
        "ADDW",
        "LOGIC",
    }
    assert {f.name for f, height in heights.items() if height == 18} == {
        "NOP",
        "JALR",
        "MULDIV",
        "MISALIGNED",
    }
    assert {f.name for f, height in heights.items() if height == 17} == {"SHIFT"}
    assert heights[Family.HALT] == 0
    assert sum(height == 19 for height in heights.values()) == 21 - 4 - 4 - 1 - 1


def test_touched_words_leave_room_for_the_registers() -> None:
    assert [touched_words_limit(size) for size in LOG_SIZES] == [65_472, 262_080, 1_048_512, 4_194_240]
