"""Constraints of products and divisions that no claim misses when they are left out, and why."""

from __future__ import annotations

import pytest

from tests.solver.instructions.choices import choices
from tests.solver.parts import parts_of, without
from tests.solver.polynomial import Polynomial, Reader
from tests.solver.tables.messages import spoken
from zisk.stark.air import Air
from zisk.vm.limits import LOG_SIZES
from zisk.vm.operations import Operation
from zisk.vm.tables.buses import PROGRAM
from zisk.vm.tables.multiply_divide import OPERATIONS, multiply_divide

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


@pytest.mark.parametrize("size", LOG_SIZES)
def test_the_second_result_of_a_row_without_a_step_is_in_no_message(size: int) -> None:
    air = multiply_divide(size)
    (part,) = (one for one in parts_of(air) if one.name == "second is a step's")
    rows = [(row, spoken(without(air, part), row)) for row in choices(without(air, part))]
    flags = [f"is_{name}" for name in OPERATIONS]
    silent = [row["second"] for row, said in rows if not said]
    assert sorted(silent) == [0, 1]
    assert all(bool(said) == any(row[flag] for flag in flags) for row, said in rows)
    opcodes = {one.elements[2].value for _, said in rows for one in said if one.bus == PROGRAM.name}
    assert opcodes == {Operation.MUL, Operation.MULHU, Operation.DIVU, Operation.REMU}
