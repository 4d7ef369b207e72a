"""Rows of a table, and pairs of them, as facts for the solver."""

from __future__ import annotations

from collections.abc import Iterator

from tests.solver.instructions.choices import variables_of
from tests.solver.instructions.lookups import Message, limits
from tests.solver.polynomial import Assignment, Polynomial, Reader
from tests.solver.tables.integers import Integers
from tests.solver.tables.messages import demand, spoken
from tests.solver.tables.regions import promises
from zisk.stark.air import Air, Constraint
from zisk.vm.memory_map import RegionKind
from zisk.vm.tables.buses import REGION

FIRST, LAST, TRANSITION = "$first", "$last", "$transition"
SELECTORS = {FIRST, LAST, TRANSITION}

OPENED = (RegionKind.ZERO, RegionKind.INPUT, RegionKind.OUTPUT)
"""Kinds of regions whose words have no row in an image table."""


def state_row(integers: Integers, air: Air, known: Assignment, *, following: bool = False) -> list[Message]:
    """Add what the constraints and lookups of one row say; returns its messages.

    Args:
        integers: the integers that facts are added to.
        air: the table.
        known: the columns that make all constraints linear, and selectors. A constraint with a selector that
            is not known is left out: what is then shown holds of every row.
        following: whether it is the row after the one whose columns have their own names.

    Raises:
        RefutedError: a constraint is not linear, or a multiplicity not 0 or 1.
    """
    said = spoken(air, known)
    if following:
        said = [_next_message(message) for message in said]
    for message in said:
        for element, limit in limits(message):
            integers.below(element, limit)
        if message.bus == REGION.name:
            _state_region(integers, message)
    read = Reader(air, known)
    for constraint in _constraints(air, known):
        polynomial = read(constraint.expression)
        _state_zero(integers, next_row(polynomial) if following else polynomial, constraint.name)
    return said


def state_transition(integers: Integers, air: Air, chosen: Assignment) -> None:
    """Add what the constraints say that read the next row, of a row before one with `chosen` columns.

    Those that are about the first or the last row are left out: the row may be one of them or not.
    """
    known = {**{f"{name}'": value for name, value in chosen.items()}, TRANSITION: 1}
    read = Reader(air, known)
    for constraint in _constraints(air, known):
        if constraint.expression.reads_next:
            _state_zero(integers, read(constraint.expression), constraint.name)


def next_row(polynomial: Polynomial) -> Polynomial:
    """What a polynomial of a row's columns is on the next row."""
    return Polynomial({tuple(map(_next_name, key)): value for key, value in polynomial.terms.items()})


def _constraints(air: Air, known: Assignment) -> Iterator[Constraint]:
    """The table's own constraints, without those with a selector that is not known."""
    for constraint in air.own_constraints:
        if not (variables_of(air, constraint.expression) & SELECTORS) - known.keys():
            yield constraint


def _state_zero(integers: Integers, polynomial: Polynomial, name: str) -> None:
    demand(polynomial.degree <= 1, f"{name} is not linear")
    integers.facts.append(integers.is_zero(polynomial))


def _state_region(integers: Integers, message: Message) -> None:
    """A region that is looked up is one of the map's, and has what its rows promise."""
    start, end, kind = message.elements
    demand(kind.value in OPENED, f"a region of kind {dict(kind.terms)} is asked for")
    integers.facts += promises(integers.canonical(start), integers.canonical(end), kind.value or 0)


def _next_message(message: Message) -> Message:
    return Message(message.bus, message.sent, tuple(map(next_row, message.elements)))


def _next_name(name: str) -> str:
    return name if name.startswith("@") else f"{name}'"
