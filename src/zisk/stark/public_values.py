"""What a kind says of its public values, as data: messages they stand for, and what they must be.

A verifier evaluates the expressions over numbers, a circuit that verifies records them over wires, and the
pages of the tables print them: all from one source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from zisk.field.koalabear import TWO_ADICITY, P
from zisk.stark.air import Bus
from zisk.stark.errors import AirError
from zisk.stark.expression import Expression, Operation, lift

Value = TypeVar("Value")


class Arithmetic(Protocol[Value]):
    """What expressions over public values need: integers modulo p have it, and wires of a circuit."""

    def constant(self, value: int) -> Value:
        """An element of F."""
        ...

    def add(self, a: Value, b: Value) -> Value:
        """A + b."""
        ...

    def subtract(self, a: Value, b: Value) -> Value:
        """A - b."""
        ...

    def multiply(self, a: Value, b: Value) -> Value:
        """A * b."""
        ...


class Residues:
    """Arithmetic modulo p on canonical integers."""

    def constant(self, value: int) -> int:
        """An element of F."""
        return value % P

    def add(self, a: int, b: int) -> int:
        """A + b."""
        return (a + b) % P

    def subtract(self, a: int, b: int) -> int:
        """A - b."""
        return (a - b) % P

    def multiply(self, a: int, b: int) -> int:
        """A * b."""
        return a * b % P


def evaluate(arithmetic: Arithmetic[Value], expression: Expression, publics: Sequence[Value]) -> Value:
    """The value of an expression over public values, `publics` being all those of the kind.

    Raises:
        AirError: the expression reads something else.
    """
    match expression.operation:
        case Operation.CONSTANT:
            return arithmetic.constant(expression.payload)
        case Operation.PUBLIC:
            return publics[expression.payload]
        case Operation.ADD:
            combine = arithmetic.add
        case Operation.SUB:
            combine = arithmetic.subtract
        case Operation.MUL:
            combine = arithmetic.multiply
        case _:
            raise AirError(
                f"{expression.operation.name} has no place in an expression over public values: "
                "build it from `public`, integers, +, - and *"
            )
    left, right = (evaluate(arithmetic, one, publics) for one in expression.arguments)
    return combine(left, right)


def places_read(expression: Expression) -> frozenset[int]:
    """The numbers of the public values that an expression reads."""
    if expression.operation is Operation.PUBLIC:
        return frozenset([expression.payload])
    return frozenset().union(*(places_read(one) for one in expression.arguments))


@dataclass(frozen=True, slots=True)
class Term:
    """A message that the verifier adds to a bus because a public value says so."""

    bus: Bus
    message: tuple[int, ...]
    multiplicity: int
    """+1 where the verifier sends, -1 where it receives."""


@dataclass(frozen=True, slots=True)
class PublicTerm:
    """A term of every segment of a kind: its elements are expressions over the segment's public values."""

    bus: Bus
    message: tuple[Expression, ...]
    multiplicity: int
    """+1 where the verifier sends, -1 where it receives."""

    def at(self, publics: Sequence[int]) -> Term:
        """The term of a segment with these public values."""
        message = tuple(evaluate(Residues(), element, publics) for element in self.message)
        return Term(self.bus, message, self.multiplicity)


def send(bus: Bus, *message: Expression | int) -> PublicTerm:
    """A message that the verifier puts on a bus once a segment."""
    return PublicTerm(bus, tuple(lift(element) for element in message), 1)


def receive(bus: Bus, *message: Expression | int) -> PublicTerm:
    """A message that the verifier takes from a bus once a segment."""
    return PublicTerm(bus, tuple(lift(element) for element in message), -1)


@dataclass(frozen=True, slots=True)
class Below:
    """States that the canonical form of an expression over public values is below 2^bits.

    Attributes:
        bits: 1 to 24, so that a circuit can take the value apart.
        sentence: what it means, for errors and pages; without a colon.
    """

    value: Expression
    bits: int
    sentence: str

    def __post_init__(self) -> None:
        _check_sentence(self.sentence)
        if not 1 <= self.bits <= TWO_ADICITY:
            raise AirError(f"{self.sentence!r}: 1 to {TWO_ADICITY} bits can be demanded, not {self.bits}")

    def is_met(self, publics: Sequence[int]) -> bool:
        """Whether public values are so."""
        return evaluate(Residues(), self.value, publics) < 1 << self.bits


@dataclass(frozen=True, slots=True)
class NotZero:
    """States that an expression over public values is not zero in F.

    Attributes:
        sentence: what it means, for errors and pages; without a colon.
    """

    value: Expression
    sentence: str

    def __post_init__(self) -> None:
        _check_sentence(self.sentence)

    def is_met(self, publics: Sequence[int]) -> bool:
        """Whether public values are so."""
        return evaluate(Residues(), self.value, publics) != 0


Requirement = Below | NotZero
"""What a segment's public values must be, beyond what its tables and buses say."""


def _check_sentence(sentence: str) -> None:
    if not sentence or ":" in sentence:
        raise AirError(f"{sentence!r} must say what is demanded, without a colon: pages end it with one")
