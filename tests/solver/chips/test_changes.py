"""Claims tell a chip from one that is nearly the same: another constant, a sum that is a difference.

What drop-one cannot show: that claims look into each constraint and message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random

import pytest

from tests.solver.chips.claims import claims
from tests.solver.claim import RefutedError, UndecidedError
from zisk.recursion.kind import CHIPS
from zisk.stark.air import Air
from zisk.stark.expression import Expression, Operation, lift

CHANGES = 80
"""Changes that are tried of each table."""


@pytest.mark.slow
@pytest.mark.parametrize("air", [chip.air for chip in CHIPS], ids=lambda air: air.name)
def test_nothing_is_shown_of_a_changed_chip(air: Air) -> None:
    random = Random(air.name)
    assert is_shown(air)
    assert [where for where, one in changed_airs(air, random) if is_shown(one)] == []


def is_shown(air: Air) -> bool:
    """Whether all claims of the table hold of this AIR."""
    try:
        for claim in claims():
            if claim.table == air.name:
                claim.show(air)
    except (RefutedError, UndecidedError):
        return False
    return True


def changed_airs(air: Air, random: Random) -> Iterator[tuple[str, Air]]:
    """AIRs with one node of a constraint or message changed, and where."""
    constraints, messages = air.own_constraints, air.interactions
    places = [(place, None) for place, one in enumerate(constraints) if changeable(one.expression)]
    places += [
        (place, element)
        for place, message in enumerate(messages)
        for element, expression in enumerate(message.message)
        if changeable(expression)
    ]
    for place, element in random.choices(places, k=CHANGES):
        if element is None:
            one = constraints[place]
            other = replace(one, expression=changed(one.expression, random))
            kept = (*constraints[:place], other, *constraints[place + 1 :])
            yield one.name, replace(air, own_constraints=kept)
        else:
            elements = list(messages[place].message)
            elements[element] = changed(elements[element], random)
            other = replace(messages[place], message=tuple(elements))
            kept = (*messages[:place], other, *messages[place + 1 :])
            yield f"message {place}, element {element}", replace(air, interactions=kept)


def changed(expression: Expression, random: Random) -> Expression:
    """An expression in which one node is another."""
    old = random.choice(changeable(expression))
    match old.operation:
        case Operation.CONSTANT:
            new = lift(old.payload + 1)
        case Operation.ADD:
            new = old.arguments[0] - old.arguments[1]
        case _:
            new = old.arguments[0] + old.arguments[1]

    @cache
    def written(node: Expression) -> Expression:
        if node is old:
            return new
        match node.operation:
            case Operation.ADD:
                return written(node.arguments[0]) + written(node.arguments[1])
            case Operation.SUB:
                return written(node.arguments[0]) - written(node.arguments[1])
            case Operation.MUL:
                return written(node.arguments[0]) * written(node.arguments[1])
            case _:
                return node

    return written(expression)


def changeable(expression: Expression) -> list[Expression]:
    """Its constants, sums and differences."""
    found, seen, stack = [], set[Expression](), [expression]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            if node.operation in (Operation.CONSTANT, Operation.ADD, Operation.SUB):
                found.append(node)
            stack.extend(node.arguments)
    return found
