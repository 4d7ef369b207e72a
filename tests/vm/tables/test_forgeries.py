"""Wrong results with an excuse: searches over what a cheating prover is free to choose."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest

from tests.vm.semantics import MASK
from zisk.field.koalabear import P, inverse
from zisk.vm.operations import SHAPES, Family, Operation
from zisk.vm.tables.buses import PROGRAM
from zisk.vm.tables.families import FAMILY_TABLES

from .computations import FAMILIES, some_cases
from .harness import Bench, Case, Layout
from .judge import evaluate, judge
from .memory_cases import limbs
from .repairs import repaired

DELTAS = (1, -1, 1 << 16, -(1 << 16), inverse(1 << 16), -inverse(1 << 16))
"""Moves that carries could make up for: 2^16 is -1 / 32512 modulo p."""

RESULTS = (
    "d[",
    "d_byte",
    "d_high",
    "less",
    "equal",
    "successor",
    "half",
    "link_half",
    "other[",
    "factor[",
)
STATED = ("pc", "next", "ts", "rd", "rs1", "rs2", "imm0", "imm1", "sign", "a_gap", "b_gap", "d_gap", "d_old")
READ = ("a[", "a_byte", "a_high", "b[")
FLAGS = ("is_", "left", "right")
"""Beginnings of columns' names: what a row leaves; what the program and the buses state; operands; flags."""

SPLIT_WORD = 0x8001_FFFF_FE00_1234
"""Limbs of all sorts; 0xFE00 is 65024."""


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
    helpers = _names(table, without=(*STATED, *READ, *FLAGS))
    table.assert_pairs_refused(layout, RESULTS, helpers, DELTAS)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize("kept", [STATED, (*STATED, *READ, *FLAGS)], ids=["anything", "helpers"])
def test_what_a_cheating_prover_repairs_is_refused_or_true(family: Family, kept: tuple[str, ...]) -> None:
    table = bench(family)
    movable = [table.place(name) for name in _names(table, without=kept)]
    if movable:
        layout = table.lay_out(some_cases(family, 18, seed=6))
        table.assert_true_stories(repaired(table.air, layout.columns, movable, 60, seed=7), layout)


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_what_a_patient_cheating_prover_repairs_is_refused_or_true(family: Family) -> None:
    table = bench(family)
    movable = [table.place(name) for name in _names(table, without=(*STATED, *READ, *FLAGS))]
    for seed in range(5 if movable else 0):
        layout = table.lay_out(some_cases(family, 40, seed), seed)
        table.assert_true_stories(repaired(table.air, layout.columns, movable, 100, seed), layout)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_no_two_operations_share_a_row(family: Family) -> None:
    """Any second flag beside the row's own, save the one that says arithmetic beside a move to the right."""
    table = bench(family)
    layout = table.lay_out(some_cases(family, 30, seed=8))
    for name in _names(table, only=FLAGS):
        columns = layout.columns.copy()
        if name.startswith(("is_sra", "right")):
            columns[[table.place(one) for one in _names(table, only=("is_sra", "right"))]] = 0
        others = columns[[table.place(one) for one in _names(table, only=FLAGS) if one != name]].any(axis=0)
        columns[table.place(name)] = 1
        assert table.judge(columns, layout).constraints[others].all()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_at_size_22_a_gap_has_a_byte_above_its_low_limb(family: Family) -> None:
    """High limbs are checked in pairs there: any byte is answered, and nothing else."""
    table, air = bench(family), FAMILY_TABLES[family].air(22)
    layout = table.lay_out(some_cases(family, 12, seed=12))
    assert judge(air, layout.columns, 22, layout.program).accepted.all()
    for name in air.main_names:
        if name.endswith("gap_high"):
            for value in (0, 255, 256, -1):
                columns = layout.columns.copy()
                _set(table, columns, name, value)
                accepted = judge(air, columns, 22, layout.program).accepted
                assert accepted.all() if 0 <= value < 256 else not accepted.any()


def test_flags_in_other_measures_do_not_add_up_to_an_opcode() -> None:
    """One more of ori for half of xori and andi each: the same opcode, the same sum."""
    table = bench(Family.LOGICI)
    layout = table.lay_out(some_cases(Family.LOGICI, 30, seed=9))
    columns = layout.columns.copy()
    for name, change in (("is_ori", 1), ("is_xori", -inverse(2)), ("is_andi", -inverse(2))):
        _set(table, columns, name, columns[table.place(name)] + change)
    assert table.judge(columns, layout).constraints.all()


@pytest.mark.parametrize(
    ("base", "target"),
    [
        ((0x2468, 0x0100), (0x2469, 0x8000)),
        ((0x2468, 0x8002, 32512), (0x2468, 0x8001)),
        ((0x2468, 0x8002, 1, 32512), (0x2468, 0x8002)),
        ((0x2468, 0x8002, 0, 1), (0x2468, 0x8002)),
        ((0x2468, 0x7FFF), (0x2468, 0x7FFF)),
        ((0x2468, 0x8800), (0x2468, 0x8800)),
    ],
)
def test_a_jump_cannot_excuse_its_target(base: tuple[int, ...], target: tuple[int, int]) -> None:
    """Carries of 32512, which 2^16 turns into -1; upper limbs left out; pages outside the code region."""
    table = bench(Family.JALR)
    layout = table.lay_out([Case(Operation.JALR, 0x8000_2468)])
    columns = layout.columns.copy()
    for index in range(4):
        _set(table, columns, f"a[{index}]", base[index] if index < len(base) else 0)
    for name, value in (("parity", target[0] & 1), ("half", target[0] >> 1), ("page", target[1] - 0x8000)):
        _set(table, columns, name, value)
    assert table.judge(columns, layout).accepted.tolist() == [False]


def _names(table: Bench, only: tuple[str, ...] = ("",), without: tuple[str, ...] = ()) -> list[str]:
    return [name for name in table.air.main_names if name.startswith(only) and not name.startswith(without)]


SHIFTS = (
    Case(Operation.SLL, SPLIT_WORD, 15),
    Case(Operation.SRL, SPLIT_WORD, 15),
    Case(Operation.SRA, SPLIT_WORD, 1),
    Case(Operation.SRAW, SPLIT_WORD, 15),
    Case(Operation.SLLI, SPLIT_WORD, 0, 15),
    Case(Operation.SRLI, SPLIT_WORD, 0, 15),
    Case(Operation.SRAI, SPLIT_WORD, 0, 1),
    Case(Operation.SRAIW, SPLIT_WORD, 0, 15),
)


@pytest.mark.parametrize("case", SHIFTS, ids=lambda case: case.operation.name)
def test_a_limb_has_one_split(case: Case) -> None:
    """Every value of one part with the other part that solves the split modulo p, and d as it follows."""
    family = SHAPES[case.operation].family
    table, layout = bench(family), bench(family).lay_out([case])
    amount = case.b or case.immediate
    left = case.operation in (Operation.SLL, Operation.SLLI)
    weights = (
        {"leaving": 1 << (16 - amount), "staying": 1} if left else {"leaving": 1, "staying": 1 << amount}
    )
    sizes = {"leaving": 1 << amount, "staying": 1 << (16 - amount)}
    limb_count = 2 if case.operation in (Operation.SRAW, Operation.SRAIW) else 4
    results = [one.expression for one in table.air.own_constraints if one.name.endswith("of d")]
    for index, (part, other) in product(range(limb_count), (("leaving", "staying"), ("staying", "leaving"))):
        columns = _repeat(layout, sizes[part])
        tried = np.arange(sizes[part])
        solved = (limbs(case.a)[index] - weights[part] * tried) * inverse(weights[other])
        _set(table, columns, f"{part}[{index}]", tried)
        _set(table, columns, f"{other}[{index}]", solved)
        for place, excess in enumerate(evaluate(table.air, results, columns)):
            name = f"d[{place}]"
            if name in table.air.main_names:
                _set(table, columns, name, columns[table.place(name)] - excess)
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
    """Quotients near the true one, or past 2^64, with the remainder that fits and either flag."""
    table = bench(Family.MULDIV)
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
    values = {"is_by_zero": by_zero, "is_division": 1 - by_zero}
    values |= {f"factor[{i}]": quotient >> (8 * i) & 0xFF for i in range(8)}
    values |= {f"other[{i}]": limb for i, limb in enumerate(limbs(remainder))}
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
    distance = limbs((b - remainder - 1) & MASK)
    values |= {f"carry[{3 + i}]": limb for i, limb in enumerate(distance)}
    for name, value in values.items():
        row[table.place(name)] = value % P
    return row


@pytest.mark.parametrize("operation", [Operation.DIVU, Operation.REMU])
def test_a_remainder_that_is_not_smaller_has_no_distance(operation: Operation) -> None:
    """One less in the quotient and as much more in the remainder; the distance as a field element, or any."""
    table = bench(Family.MULDIV)
    for a, b in ((100, 7), (MASK, 0x1_0000), (7, 7), (1 << 63, 1 << 63)):
        layout = table.lay_out([Case(operation, a, b)])
        row = _division(table, layout, operation, (a, b), a // b - 1, 0)
        columns = np.repeat(row[:, None], 3, axis=1)
        short = limbs(a % b)[0] + 1
        for place in range(3, 7):
            _set(table, columns, f"carry[{place}]", np.array([-short if place == 3 else 0, 0, MASK % P]))
        judgement = table.judge(columns, layout)
        assert judgement.accepted.tolist() == [False] * 3


@pytest.mark.parametrize(
    ("operation", "other"),
    [
        (Operation.MUL, "is_division"),
        (Operation.MUL, "is_by_zero"),
        (Operation.DIVU, "is_product"),
        (Operation.REMU, "is_product"),
    ],
)
def test_a_product_is_no_division(operation: Operation, other: str) -> None:
    """The flag of the other kind with the opcode of this one."""
    table = bench(Family.MULDIV)
    layout = table.lay_out([Case(operation, a, b) for a in (0, 1, 5) for b in (0, 1, 5)])
    columns = layout.columns.copy()
    for name in ("is_product", "is_division", "is_by_zero"):
        _set(table, columns, name, int(name == other))
    judgement = table.judge(columns, layout)
    assert not judgement.accepted.any()


@pytest.mark.parametrize(
    ("family", "form"),
    [
        (Family.MULDIV, "second"),
        (Family.SLT, "unsigned"),
        (Family.BEQ, "unless"),
        (Family.BLT, "unless"),
        (Family.BLT, "unsigned"),
        (Family.LOGIC, "above_xor"),
    ],
)
def test_a_row_without_a_step_has_no_form(family: Family, form: str) -> None:
    """Padding that sets it would carry an opcode; and it is a bit, or it would reach other opcodes."""
    table = bench(family)
    layout = table.lay_out(some_cases(family, 8, seed=10))
    padding = np.zeros((table.air.main_width, 1), dtype=np.int64)
    _set(table, padding, form, 1)
    assert table.judge(padding, layout).constraints.tolist() == [True]
    for value in (3, -1, inverse(2)):
        columns = layout.columns.copy()
        _set(table, columns, form, value)
        assert table.judge(columns, layout).constraints.all()


@pytest.mark.parametrize(
    ("family", "forms"),
    [
        (Family.LOGIC, ("above_xor",)),
        (Family.SLT, ("unsigned",)),
        (Family.BEQ, ("unless",)),
        (Family.BLT, ("unsigned", "unless")),
        (Family.MULDIV, ("second",)),
    ],
    ids=lambda part: part.name if isinstance(part, Family) else None,
)
def test_no_other_flag_and_forms_have_the_opcode(family: Family, forms: tuple[str, ...]) -> None:
    """Of all flags with all forms; the flag of a division by zero has the opcode of the other's."""
    table = bench(family)
    layout = table.lay_out(some_cases(family, 40, seed=11))
    flags = _names(table, only=("is_",))
    speaks = next(one for one in table.air.interactions if one.bus.name == PROGRAM.name).message[2]
    (own,) = evaluate(table.air, [speaks], layout.columns)
    for flag in flags:
        for values in product((0, 1, 2), repeat=len(forms)):
            columns = layout.columns.copy()
            for name in flags:
                _set(table, columns, name, int(name == flag))
            for name, value in zip(forms, values, strict=True):
                _set(table, columns, name, value)
            (opcode,) = evaluate(table.air, [speaks], columns)
            same = (columns == layout.columns).all(axis=0)
            refused = table.judge(columns, layout).constraints
            by_zero = flag in ("is_by_zero", "is_division") and layout.columns[table.place("is_product")] == 0
            assert ((opcode != own) | same | refused | by_zero).all()


@pytest.mark.parametrize("operation", [Operation.SLTI, Operation.SLTIU])
def test_a_comparison_with_an_immediate_has_no_other_operand(operation: Operation) -> None:
    """Any limb of b that is not the immediate's, with the rest of the row filled for it."""
    table = bench(Family.SLT)
    for immediate in (0, 5, MASK, MASK - 2047):
        layout = table.lay_out([Case(operation, 5, 0, immediate)])
        register = Operation.SLT if operation == Operation.SLTI else Operation.SLTU
        for index in range(4):
            wrong = immediate ^ 1 << (16 * index)
            said = table.lay_out([Case(register, 5, wrong)])
            columns = said.columns.copy()
            for name in ("is_register", "is_immediate", *STATED):
                if name in table.air.main_names:
                    _set(table, columns, name, layout.columns[table.place(name)])
            assert table.judge(columns, layout).constraints.tolist() == [True]


PRODUCT = (0x9ABC_5678_1234_9876, 0xA987_6543_8765_7654)
"""Operands whose product has no small limb."""


@pytest.mark.parametrize("operation", [Operation.MUL, Operation.MULHU])
def test_a_product_has_one_chain_of_carries(operation: Operation) -> None:
    """A carry less or more, made up for in the limbs on both sides, as integers and modulo p."""
    table = bench(Family.MULDIV)
    layout = table.lay_out([Case(operation, *PRODUCT), Case(operation, MASK, MASK), Case(operation, 3, 5)])
    limb_names = _product_limbs(operation)
    for place, delta in product(range(7), (1, -1, 2040, inverse(1 << 16), -inverse(1 << 16))):
        columns = layout.columns.copy()
        for name, change in (
            (f"carry[{place}]", delta),
            (limb_names[place], -delta * (1 << 16)),
            (limb_names[place + 1], delta),
        ):
            _set(table, columns, name, columns[table.place(name)] + change)
        judgement = table.judge(columns, layout)
        assert judgement.constraints.tolist() == [False] * 3
        assert judgement.lookups.tolist() == [True] * 3


@pytest.mark.parametrize("operation", [Operation.MUL, Operation.MULHU])
@pytest.mark.parametrize("operand", ["factor", "b"])
def test_a_factor_has_one_pair_of_bytes_to_a_limb(operation: Operation, operand: str) -> None:
    """Other pairs of the same limb, 256 h more and h less, would raise a limb of the product by one.

    With 0x300 as other factor, limb k changes by 2^16 * 3 h = 1, and limb k + 1 by -3 h = 32512.
    """
    table = bench(Family.MULDIV)
    small = 0x0010_0011_0012_0013
    factors = (small, 0x300) if operand == "factor" else (0x300, small)
    layout, excess = table.lay_out([Case(operation, *factors)]), inverse(3 << 16)
    limb_names = _product_limbs(operation)
    for index in range(4):
        columns = layout.columns.copy()
        for name, change in (
            (f"{operand}[{2 * index}]", 256 * excess),
            (f"{operand}[{2 * index + 1}]", -excess),
            (limb_names[index], 1),
            (limb_names[index + 1], -3 * excess),
        ):
            _set(table, columns, name, columns[table.place(name)] + change)
        judgement = table.judge(columns, layout)
        assert (judgement.constraints.tolist(), judgement.lookups.tolist()) == ([False], [True])


def _product_limbs(operation: Operation) -> list[str]:
    """The columns of the product's limbs, lowest first."""
    halves = ("d", "other") if operation == Operation.MUL else ("other", "d")
    return [f"{half}[{index}]" for half in halves for index in range(4)]
