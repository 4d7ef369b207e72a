"""Wrong results with an excuse: searches over what a cheating prover is free to choose."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest

from zisk.field.koalabear import P, inverse
from zisk.vm.operations import Family, Operation
from zisk.vm.semantics import MASK

from .computations import FAMILIES, some_cases
from .harness import Bench, Case, Layout
from .steps import limbs

DELTAS = (
    1,
    -1,
    256,
    -256,
    1 << 15,
    -(1 << 15),
    1 << 16,
    -(1 << 16),
    inverse(2),
    inverse(1 << 16),
    -inverse(1 << 16),
)
"""Moves that carries, borrows, splits and their field inverses could make up for."""

RESULTS = (
    "d[",
    "d_byte",
    "d_high",
    "less",
    "equal",
    "successor",
    "half",
    "link_half",
    "remainder[",
    "quotient[",
)
INPUTS = (
    "a",
    "b[",
    "b_gap",
    "d_old",
    "d_gap",
    "pc",
    "next",
    "ts",
    "rd",
    "rs1",
    "rs2",
    "imm",
    "is_",
    "left",
    "right",
)
"""Beginnings of names: columns that hold what the row states, and those that the buses give it."""


@cache
def bench(family: Family) -> Bench:
    return Bench(family)


def _set(table: Bench, columns: np.ndarray, name: str, value: int | np.ndarray) -> None:
    columns[table.place(name)] = value % P


def _repeat(layout: Layout, count: int) -> np.ndarray:
    return np.repeat(layout.columns[:, :1], count, axis=1)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_no_second_cell_makes_up_for_a_changed_result(family: Family) -> None:
    table = bench(family)
    layout = table.lay_out(some_cases(family, 6, seed=5))
    helpers = [name for name in table.air.main_names if not name.startswith(INPUTS)]
    table.assert_pairs_refused(layout, RESULTS, helpers, DELTAS)


@pytest.mark.parametrize("operation", [Operation.SLL, Operation.SRL, Operation.SRA])
@pytest.mark.parametrize("amount", [1, 15])
def test_a_limb_has_one_split(operation: Operation, amount: int) -> None:
    """Every value of one part with the other part that solves the split modulo p."""
    table, low, high = bench(Family.SHIFT), 1 << amount, 1 << (16 - amount)
    left = operation == Operation.SLL
    weights = {"leaving": high, "staying": 1} if left else {"leaving": 1, "staying": low}
    sizes = {"leaving": low, "staying": high}
    for a, (part, other) in product(
        (0, 0x1234, 65024, 0xFFFF), (("leaving", "staying"), ("staying", "leaving"))
    ):
        layout = table.lay_out([Case(operation, a, amount)])
        columns = _repeat(layout, sizes[part])
        parts = {part: np.arange(sizes[part])}
        parts[other] = (a - weights[part] * parts[part]) * inverse(weights[other]) % P
        for name, value in parts.items():
            _set(table, columns, f"{name}[0]", value)
        _set(table, columns, "d[0]", parts["staying"] * (low if left else 1))
        if left:
            _set(table, columns, "d[1]", parts["leaving"])
        assert table.judge(columns, layout).accepted.sum() == 1
        table.assert_true_stories(columns, layout)


def test_either_range_check_of_a_split_is_needed() -> None:
    """With one of them missing, 0 shifted by 15 to the right could be 65024: 2^15 times that is p - 1."""
    table = bench(Family.SHIFT)
    layout = table.lay_out([Case(Operation.SRL, 0, 15)])
    columns = layout.columns.copy()
    _set(table, columns, "leaving[0]", 1)
    for name in ("staying[0]", "d[0]"):
        _set(table, columns, name, 65024)
    judgement = table.judge(columns, layout)
    assert (judgement.constraints.tolist(), judgement.lookups.tolist()) == ([False], [True])


PAIRS = (
    (0, 0),
    (5, 5),
    (0, MASK),
    (1 << 63, (1 << 63) - 1),
    (0x1_0000, 0xFFFF),
    (0xFFFF_0000_0000_0000, 0x0001_0000_0000_0000),
    (0x8000_0000_0000_0001, 0x8000_0000_0000_0002),
)


@pytest.mark.parametrize("operation", [Operation.SLT, Operation.SLTU])
def test_no_other_order_can_be_argued(operation: Operation) -> None:
    """All results, all deciding limbs, both numbers for either top limb; the margin always solved for."""
    table = bench(Family.SLT)
    for first, second in PAIRS:
        for a, b in ((first, second), (second, first)):
            layout = table.lay_out([Case(operation, a, b)])
            choices = np.array(list(product((0, 1), (0, 1), (0, 1), (0, 1), (0, 1 << 16), (0, 1 << 16)))).T
            columns = _repeat(layout, choices.shape[1])
            less, *decides, a_below, b_below = choices
            tops = {"a_top": limbs(a)[3] - a_below, "b_top": limbs(b)[3] - b_below}
            left, right = [*limbs(a)[:3], tops["a_top"]], [*limbs(b)[:3], tops["b_top"]]
            lowest = 1 - sum(decides)
            difference = sum(
                decide * (right[index] - left[index]) for index, decide in enumerate([lowest, *decides])
            )
            margin = (2 * less - 1) * difference - 1 + lowest * (1 - less)
            values = {"less": less, "margin": margin, **tops}
            values |= {f"decides[{index + 1}]": decide for index, decide in enumerate(decides)}
            for name, value in values.items():
                _set(table, columns, name, value)
            assert table.judge(columns, layout).accepted.any()
            table.assert_true_stories(columns, layout)


@pytest.mark.parametrize("operation", [Operation.BEQ, Operation.BNE])
def test_equality_has_no_other_hints(operation: Operation) -> None:
    """Equal operands called different, and different ones called equal, under random hints."""
    table, generator = bench(Family.BEQ), np.random.default_rng(4)
    for a, b in PAIRS:
        layout = table.lay_out([Case(operation, a, b)])
        columns = _repeat(layout, 500)
        equal = generator.integers(0, 2, 500)
        taken = equal == (operation == Operation.BEQ)
        row = table.named(layout.columns[:, 0])
        _set(table, columns, "equal", equal)
        _set(table, columns, "successor", np.where(taken, row["imm0"] + (row["imm1"] << 16), row["next"]))
        for index in range(4):
            _set(table, columns, f"hint[{index}]", generator.integers(0, P, 500))
        differs = [index for index in range(4) if limbs(a)[index] != limbs(b)[index]]
        if differs:
            _solve_last_hint(table, columns, a, b, differs[-1], equal)
        assert (a == b) or table.judge(columns, layout).accepted.any()
        table.assert_true_stories(columns, layout)


def _solve_last_hint(table: Bench, columns: np.ndarray, a: int, b: int, last: int, equal: np.ndarray) -> None:
    others = sum(
        columns[table.place(f"hint[{index}]")] * (limbs(a)[index] - limbs(b)[index]) % P
        for index in range(4)
        if index != last
    )
    solved = (1 - equal - others) % P * inverse((limbs(a)[last] - limbs(b)[last]) % P)
    _set(table, columns, f"hint[{last}]", solved)


DIVISIONS = (
    (0, 0),
    (5, 0),
    (MASK, 0),
    (5, 3),
    (MASK, 1),
    (MASK, MASK),
    (7, 8),
    (1 << 63, 3),
    (0x1_0000, 0xFFFF),
)


@pytest.mark.parametrize("operation", [Operation.DIVU, Operation.REMU])
@pytest.mark.parametrize(("a", "b"), DIVISIONS)
def test_a_division_has_one_quotient_and_remainder(operation: Operation, a: int, b: int) -> None:
    """Quotients near the true one, or past 2^64, with the remainder that fits and either `by_zero`."""
    table = bench(Family.DIVU)
    layout = table.lay_out([Case(operation, a, b)])
    true = a // b if b else MASK
    quotients = {(true + delta) & MASK for delta in (-2, -1, 0, 1, 2)} | {0, 1, MASK}
    if b:
        quotients |= {(a + (k << 64)) // b & MASK for k in range(1, 4)}
    rows = [
        _division(table, layout, operation, (a, b), quotient, by_zero)
        for quotient in quotients
        for by_zero in (0, 1)
    ]
    columns = np.stack(rows, axis=1)
    assert table.judge(columns, layout).accepted.sum() == 1
    table.assert_true_stories(columns, layout)


def _division(
    table: Bench, layout: Layout, operation: Operation, operands: tuple[int, int], quotient: int, by_zero: int
) -> np.ndarray:
    """A row of a division with this quotient; the remainder is what fits modulo 2^64."""
    a, b = operands
    row = layout.columns[:, 0].copy()
    remainder = (a - quotient * b) & MASK
    values = {"by_zero": by_zero}
    values |= {f"quotient[{i}]": quotient >> (8 * i) & 0xFF for i in range(8)}
    values |= {f"remainder[{i}]": limb for i, limb in enumerate(limbs(remainder))}
    values |= {
        f"d[{i}]": one for i, one in enumerate(limbs(quotient if operation == Operation.DIVU else remainder))
    }
    carry = 0
    for place in range(3):
        share = sum(
            (quotient >> (8 * i) & 0xFF) * (b >> (8 * j) & 0xFF) << (8 * (i + j - 2 * place))
            for i in range(8)
            for j in range(8)
            if (i + j) // 2 == place
        )
        carry = (share + limbs(remainder)[place] + carry) >> 16
        values[f"carry[{place}]"] = carry
    values |= {f"decides[{i}]": 0 for i in (1, 2, 3)} | {"margin": 0}
    if not by_zero:
        deciding = max((i for i in range(4) if limbs(remainder)[i] != limbs(b)[i]), default=0)
        values["margin"] = limbs(b)[deciding] - limbs(remainder)[deciding] - 1
        if deciding:
            values[f"decides[{deciding}]"] = 1
    for name, value in values.items():
        row[table.place(name)] = value % P
    return row


@pytest.mark.parametrize("operation", [Operation.MUL, Operation.MULHU])
def test_a_product_has_one_chain_of_carries(operation: Operation) -> None:
    """A carry less or more, made up for in the limbs on both sides, as integers and modulo p."""
    table = bench(Family.MUL)
    layout = table.lay_out([Case(operation, MASK, MASK), Case(operation, 3, 5), Case(operation, 1 << 63, 2)])
    own, other = ("d", "other") if operation == Operation.MUL else ("other", "d")
    names = [f"{own}[{index}]" for index in range(4)] + [f"{other}[{index}]" for index in range(4)]
    for place, delta in product(range(7), (1, -1, 2040, P // 2, inverse(1 << 16))):
        columns = layout.columns.copy()
        for name, change in (
            (f"carry[{place}]", delta),
            (names[place], -delta << 16),
            (names[place + 1], delta),
        ):
            columns[table.place(name)] = (columns[table.place(name)] + change) % P
        judgement = table.judge(columns, layout)
        assert judgement.constraints.tolist() == [False] * 3
        assert judgement.lookups.tolist() == [True] * 3
