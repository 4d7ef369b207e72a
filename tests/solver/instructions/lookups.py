"""What an answered lookup or a message taken says of its elements.

Lookups are answered by fixed tables, whose contents have claims of their own. Words taken from memory were
checked when they were written. Fields of the program are what set-up writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.solver.claim import RefutedError
from tests.solver.polynomial import Polynomial
from zisk.vm.tables.buses import BYTES, MEMORY, PROGRAM, RANGE, TUPLE

LIMB_LIMIT = 1 << 16
BYTE_LIMIT = 1 << 8
PROGRAM_LIMITS = (*[(1 << 27) + 2] * 2, 64, *[40] * 3, LIMB_LIMIT, LIMB_LIMIT, 2)
"""pc and next; opcode; three registers; both limbs of an immediate, and its sign."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of one row, of whose flags the values are known."""

    bus: str
    sent: bool
    elements: tuple[Polynomial, ...]


def limits(message: Message, log_size: int | None = None) -> Iterator[tuple[Polynomial, int]]:
    """Elements, each with the power or number that it is known to be below.

    `log_size`: of the segment, where the answers of `TUPLE` are to be used.

    Raises:
        RefutedError: a lookup asks for what its table cannot be known to have.
    """
    elements = message.elements
    if message.bus == RANGE.name:
        unknown = elements[0].value is None
        yield elements[1], LIMB_LIMIT if unknown else 1 << _known(message, 0, 17)
    elif message.bus == BYTES.name:
        _known(message, 0, 4)
        yield from ((element, BYTE_LIMIT) for element in elements[1:])
    elif message.bus == TUPLE.name and log_size is not None:
        yield from ((element, 1 << (log_size - 14)) for element in elements)
    elif message.bus == MEMORY.name and not message.sent:
        yield from ((element, LIMB_LIMIT) for element in elements[2:])
    elif message.bus == PROGRAM.name:
        yield from zip(elements, PROGRAM_LIMITS, strict=True)


def byte_operation(message: Message) -> int | None:
    """Which operation a message asks the byte table for; None on other buses."""
    return _known(message, 0, 4) if message.bus == BYTES.name else None


def shift_answers() -> Iterator[tuple[int, int, int, int]]:
    """All messages of the table of shift amounts: amount, whole limbs, 2^rest and 2^(16 - rest)."""
    for amount in range(64):
        limbs, rest = divmod(amount, 16)
        yield amount, limbs, 1 << rest, 1 << (16 - rest)


def _known(message: Message, place: int, below: int) -> int:
    value = message.elements[place].value
    if value is None or value >= below:
        terms = dict(message.elements[place].terms)
        raise RefutedError(f"a message on {message.bus} asks for {terms} at place {place}")
    return value
