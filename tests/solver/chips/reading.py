"""What claims of chips read from an AIR: what holds on a row, what its slots say, what its wiring can be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache

import numpy as np

from tests.solver.claim import Claim, Method, RefutedError
from tests.solver.polynomial import Assignment, Polynomial, Reader
from zisk.field.koalabear import inverse
from zisk.recursion.wiring import COLUMNS_PER_SLOT, Chip
from zisk.stark.air import Air, Bus, Interaction
from zisk.stark.expression import Expression, Operation, Selector, Trace

ZERO = Polynomial()


def claim(
    chip: Chip,
    subject: str,
    statement: str,
    show: Callable[[Air], None],
    method: Method = Method.ALGEBRA,
) -> Claim:
    """A claim about a chip's table."""
    return Claim(chip.air.name, subject, statement, method, lambda: chip.air, show, sizes=())


def reader(air: Air, known: Assignment | None = None) -> Reader:
    """A reader that is kept: the same for an AIR and for what is left of it without some part."""
    names = (air.name, air.preprocessed_names, air.main_names, air.public_names)
    return _kept(*names, tuple(sorted((known or {}).items())))


@cache
def _kept(
    name: str,
    preprocessed: tuple[str, ...],
    main: tuple[str, ...],
    public: tuple[str, ...],
    known: tuple[tuple[str, int], ...],
) -> Reader:
    return Reader(Air(name, preprocessed, main, public, (), ()), dict(known))


def stripped(expression: Expression) -> Expression:
    """A constraint without the factor that is zero on the last row only, if it is about the next row."""
    if expression.operation is Operation.MUL:
        factor, rest = expression.arguments
        is_transition = factor.operation is Operation.SELECTOR and factor.payload is Selector.TRANSITION
        if is_transition and rest.reads_next:
            return rest
    return expression


def statements(air: Air, known: Assignment | None = None) -> list[Polynomial]:
    """What is zero on a row that is not the last, for some known columns; what is zero anyway is left out."""
    return statements_read_by(reader(air, known), air)


def statements_read_by(read: Reader, air: Air) -> list[Polynomial]:
    """The same as some reader sees it."""
    found = (read(stripped(one.expression)) for one in air.own_constraints)
    return [one for one in found if one.terms]


def slot(air: Air, bus: Bus, name: str) -> Interaction:
    """The message of a slot: its address and multiplicity are preprocessed columns of its name.

    Raises:
        RefutedError: the AIR has no such message, or more than one.
    """
    address, multiplicity = f"{name}_address", f"{name}_multiplicity"
    found = [
        one
        for one in air.interactions
        if one.bus == bus
        and one.sent
        and _is_preprocessed(air, one.message[0], address)
        and _is_preprocessed(air, one.multiplicity, multiplicity)
    ]
    if len(found) != 1:
        raise RefutedError(f"{air.name}: {len(found)} messages on {bus.name} are slot {name!r}")
    return found[0]


def show_slot(air: Air, bus: Bus, name: str, values: Sequence[Polynomial]) -> None:
    """Show that a slot says these values, and zeros behind them.

    Raises:
        RefutedError: it says something else.
    """
    read = reader(air)
    said = [read(one) for one in slot(air, bus, name).message[1:]]
    expected = [*values, *[ZERO] * (bus.length - 1 - len(values))]
    if said != expected:
        raise RefutedError(f"{air.name}: slot {name!r} says {said}, not {expected}")


def show_only_slots(air: Air, chip: Chip, others: int = 0) -> None:
    """Show that the preprocessed columns begin with those of the chip's slots, which are its messages.

    The wiring of `zisk.recursion.wiring.slot_columns` fills them in this order. `others`: messages of the
    AIR that are no slots.

    Raises:
        RefutedError: they are in another order, or there are other messages.
    """
    for number, bus in enumerate(chip.slots):
        first, second = air.preprocessed_names[COLUMNS_PER_SLOT * number :][:COLUMNS_PER_SLOT]
        name = first.removesuffix("_address")
        if second != f"{name}_multiplicity":
            raise RefutedError(f"{air.name}: columns {first!r} and {second!r} are not those of a slot")
        slot(air, bus, name)
    if len(air.interactions) != len(chip.slots) + others:
        raise RefutedError(f"{air.name}: {len(air.interactions)} messages for {len(chip.slots)} slots")


def show_padding(air: Air, free: Collection[Bus] = ()) -> None:
    """Show that a row without wiring says nothing; on `free` buses the prover chooses how often it speaks.

    Raises:
        RefutedError: some other message counts on it.
    """
    read = reader(air, dict.fromkeys(air.preprocessed_names, 0))
    speaking = [one.bus for one in air.interactions if read(one.multiplicity).terms]
    if speaking != list(free):
        raise RefutedError(f"{air.name}: a row of padding speaks on {[bus.name for bus in speaking]}")


def wirings(chip: Chip, records: np.ndarray) -> list[dict[str, int]]:
    """The fixed columns of each row of a table as the chip makes them from records: values by name."""
    rows = chip.arrange(records)
    names = chip.air.preprocessed_names[COLUMNS_PER_SLOT * len(chip.slots) :]
    columns = chip.fixed(rows)
    return [dict(zip(names, map(int, row), strict=True)) for row in columns.T]


def variables(name: str, count: int) -> list[Polynomial]:
    """The columns `name[0]` to `name[count - 1]`."""
    return [Polynomial.variable(f"{name}[{k}]") for k in range(count)]


def monic(polynomial: Polynomial) -> Polynomial:
    """The multiple of a polynomial, not zero, whose coefficient at the least monomial is 1."""
    return polynomial.scaled(inverse(polynomial.terms[min(polynomial.terms)]))


def on_row(polynomial: Polynomial, row: int) -> Polynomial:
    """A polynomial in columns of a row and the next as one in columns of numbered rows."""

    def numbered(name: str) -> str:
        return f"{name[:-1]}@{row + 1}" if name.endswith("'") else f"{name}@{row}"

    return Polynomial({tuple(sorted(map(numbered, one))): value for one, value in polynomial.terms.items()})


def is_boolean(polynomial: Polynomial, name: str) -> bool:
    """Whether a polynomial is zero just where a variable is 0 or 1."""
    variable = Polynomial.variable(name)
    return bool(polynomial.terms) and monic(polynomial) == monic(variable * variable - variable)


def show_states(found: Iterable[Polynomial], expected: Mapping[str, Polynomial]) -> None:
    """Show that each of the expected polynomials is stated to be zero, itself or a multiple of it.

    Raises:
        RefutedError: one is not; the message says which.
    """
    stated = {frozenset(monic(one).terms.items()) for one in found}
    for name, polynomial in expected.items():
        if frozenset(monic(polynomial).terms.items()) not in stated:
            raise RefutedError(f"nothing states that {name}")


def at_next(polynomial: Polynomial) -> Polynomial:
    """A polynomial in columns of a row as one in those of the next."""
    return Polynomial({tuple(sorted(f"{name}'" for name in one)): v for one, v in polynomial.terms.items()})


def _is_preprocessed(air: Air, expression: Expression, name: str) -> bool:
    if expression.operation is not Operation.COLUMN:
        return False
    trace, index, following = expression.payload
    return trace is Trace.PREPROCESSED and not following and air.preprocessed_names[index] == name
