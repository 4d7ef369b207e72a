"""Constraints that no claim misses when they are left out, and why: the exceptions of `drop_one`."""

from __future__ import annotations

import pytest

from tests.solver.instructions.choices import choices, opcode
from tests.solver.instructions.claims import operations_of
from tests.solver.parts import parts_of, without
from tests.solver.polynomial import Polynomial, Reader
from tests.solver.tables.messages import spoken
from zisk.stark.air import Air
from zisk.vm.limits import LOG_SIZES
from zisk.vm.operations import Family, Operation
from zisk.vm.tables.buses import PROGRAM
from zisk.vm.tables.families import FAMILY_TABLES
from zisk.vm.tables.multiply_divide import multiply_divide

ONE = Polynomial.constant(1)


def polynomial(air: Air, name: str) -> Polynomial:
    """The polynomial of the constraint with that name."""
    (constraint,) = (one for one in air.own_constraints if one.name == name)
    return Reader(air)(constraint.expression)


@pytest.mark.parametrize("size", LOG_SIZES)
def test_the_highest_carry_of_a_distance_is_boolean_because_it_is_zero(size: int) -> None:
    air = multiply_divide(size)
    is_zero = polynomial(air, "the remainder is smaller")
    carry = is_zero.at({"is_division": 1})
    assert is_zero == Polynomial.variable("is_division") * carry
    assert polynomial(air, "distance carry 3 is boolean") == is_zero * (carry - ONE)


def left_out(air: Air, name: str) -> Air:
    """The table without the part of that name."""
    (part,) = (one for one in parts_of(air) if one.name == name)
    return without(air, part)


@pytest.mark.parametrize("size", LOG_SIZES)
@pytest.mark.parametrize(
    ("family", "column", "values"),
    [
        (Family.LOGIC, "above_xor", [0, 1, 2]),
        (Family.SLT, "unsigned", [0, 1]),
        (Family.BEQ, "unless", [0, 1]),
        (Family.MULDIV, "second", [0, 1]),
    ],
)
def test_what_adds_to_the_opcode_is_in_no_message_of_a_row_without_a_step(
    size: int, family: Family, column: str, values: list[int]
) -> None:
    air = left_out(FAMILY_TABLES[family].air(size), f"{column} is a step's")
    rows = [(row, spoken(air, row)) for row in choices(air)]
    assert sorted({row[column] for row, said in rows if not said}) == values
    assert all(bool(said) == any(row[flag] for flag in row if flag.startswith("is_")) for row, said in rows)
    opcodes = {one.elements[2].value for _, said in rows for one in said if one.bus == PROGRAM.name}
    assert opcodes == set(operations_of(family))


@pytest.mark.parametrize("size", LOG_SIZES)
@pytest.mark.parametrize(
    ("family", "flag"),
    [
        (Family.SHIFTI, "is_slli"),
        (Family.SHIFTIW, "is_slliw"),
        (Family.SHIFT, "is_sll"),
        (Family.SHIFT, "is_sllw"),
    ],
)
def test_a_sum_of_moves_is_boolean_because_one_flag_of_all_is_set(
    size: int, family: Family, flag: str
) -> None:
    air = FAMILY_TABLES[family].air(size)
    name = f"{flag} is boolean"
    dropped = polynomial(air, name)
    assert dropped.terms
    rows = choices(left_out(air, name))
    assert len(rows) == len(choices(air))
    assert {dropped.at(row).value for row in rows} == {0}


@pytest.mark.parametrize("size", LOG_SIZES)
@pytest.mark.parametrize("limb", [2, 3])
def test_the_upper_limbs_of_rs2_are_nowhere_in_a_store_of_zero(size: int, limb: int) -> None:
    air = left_out(FAMILY_TABLES[Family.STORE].air(size), f"zero forms store zero {limb}")
    rows = [row for row in choices(air) if row["zero"]]
    assert {opcode(air, row) for row in rows} == {Operation.SBZ, Operation.SHZ, Operation.SWZ}
    for row in rows:
        read = Reader(air, row)
        found = [read(one.expression) for one in air.own_constraints]
        found += [element for message in spoken(air, row) for element in message.elements]
        assert not any(f"b[{limb}]" in one.variables for one in found)
