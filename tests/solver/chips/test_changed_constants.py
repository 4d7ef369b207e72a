"""Every constant of a chip matters: with another in one constraint or message, some claim fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

import pytest

from tests.solver.chips.claims import claims
from tests.solver.claim import RefutedError
from zisk.recursion.kind import CHIPS
from zisk.stark.air import Air
from zisk.stark.expression import Expression, Operation, lift

SAMPLE = 40
"""Constants that are tried of a table with more: every so many."""


@pytest.mark.slow
@pytest.mark.parametrize("air", [chip.air for chip in CHIPS], ids=lambda air: air.name)
def test_no_constant_may_be_another(air: Air) -> None:
    changed = list(changed_airs(air))
    unnoticed = [where for where, one in changed[:: max(1, len(changed) // SAMPLE)] if not is_noticed(one)]
    assert unnoticed == []


def is_noticed(air: Air) -> bool:
    """Whether a claim of the table fails of this AIR."""
    for claim in claims():
        if claim.table == air.name:
            try:
                claim.show(air)
            except RefutedError:
                return True
    return False


def changed_airs(air: Air) -> Iterator[tuple[str, Air]]:
    """For each constraint and message, and each constant in it, the AIR with the next number instead."""
    for place, constraint in enumerate(air.own_constraints):
        for constant in constants([constraint.expression]):
            other = replace(constraint, expression=with_next(constraint.expression, constant))
            kept = (*air.own_constraints[:place], other, *air.own_constraints[place + 1 :])
            yield f"{constant} in {constraint.name!r}", replace(air, own_constraints=kept)
    for place, message in enumerate(air.interactions):
        for constant in constants(message.message):
            other = replace(message, message=tuple(with_next(one, constant) for one in message.message))
            kept = (*air.interactions[:place], other, *air.interactions[place + 1 :])
            yield f"{constant} in message {place}", replace(air, interactions=kept)


def constants(expressions: Iterable[Expression]) -> list[int]:
    """The constants in them, ascending."""
    found, seen, stack = set[int](), set[Expression](), list(expressions)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            if node.operation is Operation.CONSTANT:
                found.add(node.payload)
            stack.extend(node.arguments)
    return sorted(found)


def with_next(expression: Expression, constant: int) -> Expression:
    """An expression with the next number in the place of a constant."""

    @cache
    def changed(node: Expression) -> Expression:
        match node.operation:
            case Operation.CONSTANT:
                return lift(constant + 1) if node.payload == constant else node
            case Operation.ADD:
                return changed(node.arguments[0]) + changed(node.arguments[1])
            case Operation.SUB:
                return changed(node.arguments[0]) - changed(node.arguments[1])
            case Operation.MUL:
                return changed(node.arguments[0]) * changed(node.arguments[1])
            case _:
                return node

    return changed(expression)
