"""The parts of an AIR that can be left out, one at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from zisk.stark.air import Air


class Sort(StrEnum):
    """What a part is."""

    CONSTRAINT = "constraint"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Part:
    """One own constraint or one message of an AIR; `index` is its place among its sort."""

    sort: Sort
    index: int
    name: str

    def meaning(self, air: Air) -> object:
        """What the part says in `air`: equal for parts of two AIRs that say the same."""
        if self.sort is Sort.CONSTRAINT:
            return air.own_constraints[self.index].expression
        message = air.interactions[self.index]
        return message.bus, message.message, message.multiplicity, message.sent


def parts_of(air: Air) -> list[Part]:
    """All of them, constraints first; messages are named by number and bus as on their table's page."""
    constraints = [
        Part(Sort.CONSTRAINT, index, constraint.name) for index, constraint in enumerate(air.own_constraints)
    ]
    messages = [
        Part(Sort.MESSAGE, index, f"{index + 1}. {'send' if message.sent else 'receive'} {message.bus.name}")
        for index, message in enumerate(air.interactions)
    ]
    return [*constraints, *messages]


def without(air: Air, part: Part) -> Air:
    """The AIR without one of its parts."""
    if part.sort is Sort.CONSTRAINT:
        kept = tuple(one for index, one in enumerate(air.own_constraints) if index != part.index)
        return replace(air, own_constraints=kept)
    messages = tuple(one for index, one in enumerate(air.interactions) if index != part.index)
    return replace(air, interactions=messages)
