"""Small kinds in which one rule of the proof system is all that stands between a claim and a false proof."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.stark.toy import BACKEND, LOG_SIZE, OUTSIDE, SQUARE, WEAK
from zisk.field.koalabear import inverse, to_montgomery
from zisk.stark.air import Air, Builder, Bus, Constraint, _cluster_identity, build_air
from zisk.stark.commitment import FixedTables, fix_tables
from zisk.stark.expression import Expression, Scope, Selector, Trace, column, exposed_sum, public, selector
from zisk.stark.kind import Kind, TableShape
from zisk.stark.public_values import PublicTerm, receive, send

PLAIN = dataclasses.replace(WEAK, query_grinding_bits=0, local_grinding_bits=0)
"""Few queries and no proof-of-work, so that a forgery is never refused for its nonces."""

Definition = Callable[[Builder], None]


def kind_of(
    name: str, *airs: Air, publics: tuple[str, ...] = (), terms: tuple[PublicTerm, ...] = (), number: int = 7
) -> Kind:
    """A kind of 2^8 rows over these tables, each of any height."""
    return Kind(name, number, LOG_SIZE, tuple(TableShape(air, LOG_SIZE) for air in airs), publics, terms)


def fixed_of(kind: Kind) -> FixedTables:
    """Set-up of a kind without preprocessed columns, with few queries and no proof-of-work."""
    return fix_tables(kind, PLAIN, [None] * len(kind.tables), BACKEND)


REGISTER = Bus("REGISTER", 5, 1)
REGISTERS = 6


def _pinned(b: Builder) -> None:
    """Six registers with public values; the row sends and takes a message, so that there is a stage 2."""
    columns = b.columns("register", REGISTERS)
    for index, value in enumerate(columns):
        b.zero(f"register {index} is public", b.first * (value - b.public(f"register {index}")))
    b.send(REGISTER, [columns[0]])
    b.receive(REGISTER, [columns[0]])


def pinned_kind() -> Kind:
    """More public values in linear constraints than K has coefficients."""
    return kind_of(
        "pinned",
        build_air("registers", _pinned),
        publics=tuple(f"register {index}" for index in range(REGISTERS)),
    )


BIT = Bus("BIT", 5, 2)
FAR_BIT = Bus("FAR_BIT", 6, 2, Scope.GLOBAL)


def _different(bus: Bus) -> Definition:
    def define(b: Builder) -> None:
        left, right = b.flag("left"), b.flag("right")
        b.equal("different", left + right, 1)
        b.send(bus, [1, left])
        b.send(bus, [2, right])

    return define


def _equal(bus: Bus) -> Definition:
    def define(b: Builder) -> None:
        left, right = b.column("left"), b.column("right")
        b.equal("equal", left, right)
        b.receive(bus, [1, left])
        b.receive(bus, [2, right])

    return define


def disagreeing_kind(bus: Bus = BIT, form: type[Air] = Air) -> Kind:
    """Two tables that hold the same two bits, different in one and equal in the other: no witness exists.

    `form` is the AIR's class, which decides how running sums are constrained.
    """
    airs = (build_air("different", _different(bus)), build_air("equal", _equal(bus)))
    return kind_of("disagreeing", *(form(**vars_of(air)) for air in airs))


@dataclasses.dataclass(frozen=True, eq=False)
class UnstartedAir(Air):
    """A table whose running sum takes S off on the last row but need not be zero on the first."""

    def _logup_constraints(self) -> list[Constraint]:
        return [one for one in super()._logup_constraints() if "starts at zero" not in one.name]


@dataclasses.dataclass(frozen=True, eq=False)
class CyclicAir(Air):
    """A table of height 2, with one cluster to a scope, whose running sum goes round.

    The constraint is phi' - phi = fractions - S / 2 on every row.
    """

    def _logup_constraints(self) -> list[Constraint]:
        return [
            Constraint(f"{scope.name.lower()} cluster 0", self._identity(scope, place))
            for place, scope in enumerate(self.scopes)
        ]

    def _identity(self, scope: Scope, place: int) -> Expression:
        """With two rows, the selectors of the first and the last are 1 together."""
        (cluster,) = self.clusters(scope)
        phi = column(Trace.STAGE2, place)
        half = (selector(Selector.FIRST) + selector(Selector.LAST)) * inverse(2)
        return _cluster_identity(phi.next - phi + half * exposed_sum(scope), cluster)


@dataclasses.dataclass(frozen=True, eq=False)
class UntiedAir(Air):
    """A table whose exposed sums stand in no constraint: the running sum may end anywhere."""

    def _logup_constraints(self) -> list[Constraint]:
        return []


def vars_of(air: Air) -> dict[str, Any]:
    """The fields of an AIR, to make one of a subclass."""
    return {field.name: getattr(air, field.name) for field in dataclasses.fields(air)}


def _risen(b: Builder) -> None:
    value = b.column("value")
    b.zero("starts", b.first * (value - b.public("start")))
    b.zero_on_transition("rises", value.next - value - 1)
    b.zero("ends", b.last * (value - b.public("end")))
    b.send(REGISTER, [value])
    b.receive(REGISTER, [value])


def _fallen(b: Builder) -> None:
    value = b.column("value")
    b.zero("starts", b.first * (value - b.public("low start")))
    b.zero_on_transition("falls", value.next - value + 1)
    b.send(REGISTER, [value])
    b.receive(REGISTER, [value])


def twin_kind() -> Kind:
    """Two tables whose first constraints say where they start."""
    return kind_of(
        "twins",
        build_air("risen", _risen),
        build_air("fallen", _fallen),
        publics=("start", "end", "low start"),
    )


COIN = Bus("COIN", 8, 1)
COIN_NUMBER = 7


def coin_kind(claims: int, *, boolean: bool = True) -> Kind:
    """One coin, spent at most once by its flag.

    The verifier takes it `claims` times, or gives it as many times if that is negative.
    """

    def define(b: Builder) -> None:
        spent = b.flag("spent") if boolean else b.column("spent")
        b.send(COIN, [COIN_NUMBER], spent)

    term = receive(COIN, COIN_NUMBER) if claims > 0 else send(COIN, COIN_NUMBER)
    return kind_of("coins", build_air("coin", define), terms=(term,) * abs(claims))


def square_kind(*, tied: bool = True) -> Kind:
    """Claims that y is the square of x by a query, which its row must ask if `tied` and may ask otherwise."""

    def claim(b: Builder) -> None:
        value, square, asks = b.column("value"), b.column("square"), b.flag("asks")
        b.equal("value is public", value, b.public("x"))
        b.equal("square is public", square, b.public("y"))
        if tied:
            b.equal("asks", asks, 1)
        b.send(SQUARE, [value, square], asks)

    def squares(b: Builder) -> None:
        b.receive(SQUARE, [b.preprocessed("value"), b.preprocessed("square")], b.column("count"))

    return kind_of("square", build_air("claim", claim), build_air("squares", squares), publics=("x", "y"))


def square_fixed(kind: Kind) -> FixedTables:
    """Set-up of `square_kind`: the squares of 0 to 3."""
    table = to_montgomery(np.array([[0, 1, 2, 3], [0, 1, 4, 9]], dtype=np.uint64))
    return fix_tables(kind, PLAIN, [None, table], BACKEND)


def crossing_kind(first: Bus, second: Bus) -> Kind:
    """One table sends (5, 0, ...) on a bus, another one takes it from a second bus."""

    def sender(b: Builder) -> None:
        b.send(first, [b.column("value"), *[0] * (first.length - 1)])

    def receiver(b: Builder) -> None:
        b.receive(second, [b.column("value"), *[0] * (second.length - 1)])

    return kind_of("crossing", build_air("sender", sender), build_air("receiver", receiver))


def far_kind(form: type[Air] = Air) -> Kind:
    """A table that sends its public value outside."""

    def define(b: Builder) -> None:
        value = b.column("value")
        b.equal("value is public", value, b.public("value"))
        b.send(OUTSIDE, [value])

    return kind_of("far", form(**vars_of(build_air("far", define))), publics=("value",))


def lookup_kind() -> Kind:
    """A table that sends any number of any message, of which the verifier takes one with a public value."""

    def define(b: Builder) -> None:
        value, count = b.column("value"), b.column("count")
        b.send(OUTSIDE, [value], count)

    return kind_of(
        "lookup",
        build_air("answers", define),
        publics=("wanted",),
        terms=(receive(OUTSIDE, public(0)),),
    )
