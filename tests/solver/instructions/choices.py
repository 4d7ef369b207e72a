"""Columns of few values, and every way to choose them that a table's constraints leave.

A column has few values where a constraint names them all: a flag is 0 or 1. What is not chosen stays a
variable, of degree 1 in most constraints once the flags are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tests.solver.claim import RefutedError
from tests.solver.polynomial import Assignment, Polynomial, Reader, variable_name
from zisk.field.koalabear import P
from zisk.stark.air import Air, Interaction
from zisk.stark.expression import Expression, Operation
from zisk.vm.tables.buses import PROGRAM

LARGEST_CANDIDATE = 4
"""Roots of a constraint are looked for among the integers below it."""

LEAVES = (Operation.COLUMN, Operation.SELECTOR, Operation.PUBLIC)


def variables_of(air: Air, expression: Expression) -> frozenset[str]:
    """The variables under an expression, whatever their coefficients."""
    found, seen, stack = set(), set(), [expression]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.operation in LEAVES:
            found.add(variable_name(air, node))
        stack.extend(node.arguments)
    return frozenset(found)


def domains(air: Air) -> dict[str, tuple[int, ...]]:
    """The columns whose values a constraint of theirs alone lists."""
    found: dict[str, tuple[int, ...]] = {}
    for constraint in air.own_constraints:
        names = variables_of(air, constraint.expression)
        if len(names) != 1:
            continue
        polynomial = Reader(air)(constraint.expression)
        (name,) = names
        roots = tuple(v for v in range(LARGEST_CANDIDATE) if polynomial.at({name: v}).value == 0)
        if roots and len(roots) == polynomial.degree:
            found[name] = roots
    return {name: found[name] for name in air.main_names if name in found}


@lru_cache(maxsize=8)
def choices(air: Air) -> tuple[Assignment, ...]:
    """All values of those columns that satisfy the constraints on nothing else.

    Raises:
        RefutedError: there are none, so that nothing would be shown of any row.
    """
    columns = domains(air)
    order = list(columns)
    checks: dict[str, list[Polynomial]] = {name: [] for name in order}
    for constraint in air.own_constraints:
        names = variables_of(air, constraint.expression)
        if names <= columns.keys():
            polynomial = Reader(air)(constraint.expression)
            if polynomial.value:
                raise RefutedError(f"{constraint.name}: no row of table {air.name} satisfies it")
            if names:
                checks[max(names, key=order.index)].append(polynomial)

    def extended(chosen: dict[str, int], place: int) -> Iterator[Assignment]:
        if place == len(order):
            yield dict(chosen)
            return
        name = order[place]
        for value in columns[name]:
            chosen[name] = value
            if all(_value(polynomial, chosen) == 0 for polynomial in checks[name]):
                yield from extended(chosen, place + 1)
        del chosen[name]

    found = tuple(extended({}, 0))
    if not found:
        raise RefutedError(f"no row of table {air.name} satisfies the constraints on its flags")
    return found


def multiplicity(air: Air, message: Interaction, chosen: Assignment) -> int:
    """How often a row puts a message on its bus or takes it: 0 or 1.

    Raises:
        RefutedError: it is not known to be either.
    """
    count = Reader(air, chosen)(message.multiplicity)
    allowed = {0: 0, 1 if message.sent else P - 1: 1}
    if count.value not in allowed:
        number = air.interactions.index(message) + 1
        raise RefutedError(
            f"message {number} on {message.bus.name} is put or taken {dict(count.terms)} times where {chosen}"
        )
    return allowed[count.value]


def opcode(air: Air, chosen: Assignment) -> int | None:
    """The opcode of the micro-operation that a row looks up; None if it looks up none.

    Raises:
        RefutedError: it is not known.
    """
    lookups = (one for one in air.interactions if one.bus.name == PROGRAM.name)
    asked = [one for one in lookups if multiplicity(air, one, chosen)]
    if not asked:
        return None
    code = Reader(air, chosen)(asked[0].message[2]).value
    if code is None:
        raise RefutedError(f"the opcode is not known where {dict(chosen)}")
    return code


def _value(polynomial: Polynomial, chosen: Assignment) -> int:
    total = 0
    for monomial, coefficient in polynomial.terms.items():
        for name in monomial:
            coefficient *= chosen[name]
        total += coefficient
    return total % P
