"""An AIR: named columns, constraints and bus messages of one table, and what follows from them.

A table describes itself once, in a function that receives a `Builder`. The result is an `Air`, which
adds the LogUp columns and constraints (two fractions to a column, the running sum folded into the
last cluster) and lists all constraints in the order in which powers of beta meet them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from zisk.stark.errors import AirError
from zisk.stark.expression import (
    Expression,
    Operation,
    Scope,
    Selector,
    Trace,
    column,
    exposed_sum,
    fingerprint,
    lift,
    public,
    selector,
)

MAXIMAL_DEGREE = 3
"""With blowup 2 a quotient of degree below 2N has room for constraints of degree 3."""


@dataclass(frozen=True, slots=True)
class Bus:
    """A bus: its id enters every fingerprint, its length is fixed.

    On a lookup bus one table receives with a free multiplicity what the others send with a boolean one.
    """

    name: str
    number: int
    length: int
    scope: Scope = Scope.LOCAL


@dataclass(frozen=True, slots=True)
class Interaction:
    """A message that every row of a table puts on a bus, with its signed multiplicity."""

    bus: Bus
    message: tuple[Expression, ...]
    multiplicity: Expression
    sent: bool
    """Whether the message is put on the bus; otherwise it is taken, and the multiplicity is negative."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """An expression that is zero on every row, and its name for messages and docs."""

    name: str
    expression: Expression


class Builder:
    """Collects what a table says of itself."""

    def __init__(self) -> None:
        self.preprocessed_names: list[str] = []
        self.main_names: list[str] = []
        self.public_names: list[str] = []
        self.constraints: list[Constraint] = []
        self.interactions: list[Interaction] = []

    @property
    def first(self) -> Expression:
        """One on the first row."""
        return selector(Selector.FIRST)

    @property
    def last(self) -> Expression:
        """One on the last row."""
        return selector(Selector.LAST)

    def preprocessed(self, name: str) -> Expression:
        """A column that set-up fixes."""
        self.preprocessed_names.append(name)
        return column(Trace.PREPROCESSED, len(self.preprocessed_names) - 1)

    def column(self, name: str) -> Expression:
        """A column that the prover fills."""
        if name in self.main_names:
            raise AirError(f"column {name!r} is declared twice")
        self.main_names.append(name)
        return column(Trace.MAIN, len(self.main_names) - 1)

    def columns(self, name: str, count: int) -> list[Expression]:
        """Columns `name[0]` to `name[count - 1]`."""
        return [self.column(f"{name}[{index}]") for index in range(count)]

    def flag(self, name: str) -> Expression:
        """A column that is 0 or 1 on every row."""
        bit = self.column(name)
        self.boolean(name, bit)
        return bit

    def public(self, name: str) -> Expression:
        """A public value of the segment; tables of one kind that use the same name mean the same value."""
        if name not in self.public_names:
            self.public_names.append(name)
        return public(self.public_names.index(name))

    def boolean(self, name: str, expression: Expression) -> None:
        """State that an expression is 0 or 1 on every row."""
        self.zero(f"{name} is boolean", expression * (expression - 1))

    def zero(self, name: str, expression: Expression) -> None:
        """State that an expression of this row only is zero on every row."""
        if expression.reads_next:
            raise AirError(f"constraint {name!r} reads the next row: state it with zero_on_transition")
        self._add(name, expression)

    def equal(self, name: str, left: Expression | int, right: Expression | int) -> None:
        """State that two expressions of this row are equal on every row."""
        self.zero(name, lift(left) - right)

    def zero_on_transition(self, name: str, expression: Expression) -> None:
        """State that an expression of this and the next row is zero on every row but the last."""
        self._add(name, selector(Selector.TRANSITION) * expression)

    def send(self, bus: Bus, message: Sequence[Expression | int], when: Expression | int = 1) -> None:
        """Put a message on a bus with multiplicity `when`.

        A token or a query: `when` must be an expression that is 0 or 1 on every row that satisfies the
        constraints.
        """
        self._interact(bus, message, lift(when), sent=True)

    def receive(self, bus: Bus, message: Sequence[Expression | int], when: Expression | int = 1) -> None:
        """Take a message from a bus `when` times."""
        self._interact(bus, message, -lift(when), sent=False)

    def _add(self, name: str, expression: Expression) -> None:
        if expression.extension:
            raise AirError(f"constraint {name!r} is not over the base field")
        if expression.degree > MAXIMAL_DEGREE:
            raise AirError(
                f"constraint {name!r} has degree {expression.degree}, the limit is {MAXIMAL_DEGREE}"
            )
        if any(known.name == name for known in self.constraints):
            raise AirError(f"two constraints are named {name!r}")
        self.constraints.append(Constraint(name, expression))

    def _interact(
        self, bus: Bus, message: Sequence[Expression | int], multiplicity: Expression, *, sent: bool
    ) -> None:
        if len(message) != bus.length:
            raise AirError(f"a message of length {len(message)} on bus {bus.name}, which has {bus.length}")
        elements = tuple(lift(element) for element in message)
        if any(element.degree > 1 for element in elements):
            raise AirError(f"a message on bus {bus.name} has an element of degree above 1")
        if multiplicity.degree > 2:
            raise AirError(
                f"a multiplicity on bus {bus.name} has degree {multiplicity.degree}, the limit is 2"
            )
        if any(element.reads_next for element in (*elements, multiplicity)):
            raise AirError(f"a message on bus {bus.name} reads the next row")
        self.interactions.append(Interaction(bus, elements, multiplicity, sent))


@dataclass(frozen=True, eq=False)
class Air:
    """A table's complete description."""

    name: str
    preprocessed_names: tuple[str, ...]
    main_names: tuple[str, ...]
    public_names: tuple[str, ...]
    own_constraints: tuple[Constraint, ...]
    interactions: tuple[Interaction, ...]

    @property
    def preprocessed_width(self) -> int:
        """Number of preprocessed columns."""
        return len(self.preprocessed_names)

    @property
    def main_width(self) -> int:
        """Number of main columns."""
        return len(self.main_names)

    def fractions(self, scope: Scope) -> tuple[Interaction, ...]:
        """The interactions of one scope, in the order of declaration."""
        return tuple(one for one in self.interactions if one.bus.scope is scope)

    def clusters(self, scope: Scope) -> list[tuple[Interaction, ...]]:
        """The fractions of one scope by stage-2 column: two to each, the last one or two."""
        fractions = self.fractions(scope)
        return [fractions[index : index + 2] for index in range(0, len(fractions), 2)]

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes in which the table speaks; for each it exposes one sum."""
        return tuple(scope for scope in Scope if self.fractions(scope))

    @cached_property
    def stage2_width(self) -> int:
        """Number of stage-2 columns, each over the extension (five committed columns)."""
        return sum(len(self.clusters(scope)) for scope in Scope)

    @cached_property
    def running_sum_columns(self) -> tuple[int, ...]:
        """Stage-2 columns that hold a running sum: the last of each scope; they are read at the next row."""
        ends, start = [], 0
        for scope in self.scopes:
            start += len(self.clusters(scope))
            ends.append(start - 1)
        return tuple(ends)

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """All constraints in the order of the powers of beta: the table's own, then LogUp's."""
        return (*self.own_constraints, *self._logup_constraints())

    @cached_property
    def next_main_columns(self) -> tuple[int, ...]:
        """Main columns that some constraint reads at the next row, ascending."""
        return tuple(sorted(_columns_read_next(self.own_constraints)))

    def _logup_constraints(self) -> list[Constraint]:
        """For each scope: c d1 d2 = m1 d2 + m2 d1 per full cluster, and the running sum's two."""
        constraints, start = [], 0
        for scope in self.scopes:
            clusters = self.clusters(scope)
            columns = [column(Trace.STAGE2, start + index) for index in range(len(clusters))]
            start += len(clusters)
            total = columns[-1].next - columns[-1] + selector(Selector.LAST) * exposed_sum(scope)
            for cell in columns[:-1]:
                total = total - cell
            for index, (cell, cluster) in enumerate(zip([*columns[:-1], total], clusters, strict=True)):
                constraints.append(
                    Constraint(f"{scope.name.lower()} cluster {index}", _cluster_identity(cell, cluster))
                )
            constraints.append(
                Constraint(
                    f"{scope.name.lower()} running sum starts at zero",
                    selector(Selector.FIRST) * columns[-1],
                )
            )
        return constraints


def _cluster_identity(cell: Expression, cluster: Sequence[Interaction]) -> Expression:
    """Cell = sum of the cluster's fractions, multiplied by its denominators."""
    denominators = [fingerprint(one.bus.scope, one.bus.number, one.message) for one in cluster]
    if len(cluster) == 1:
        return cell * denominators[0] - cluster[0].multiplicity
    crossed = cluster[0].multiplicity * denominators[1] + cluster[1].multiplicity * denominators[0]
    return cell * (denominators[0] * denominators[1]) - crossed


def _columns_read_next(constraints: Sequence[Constraint]) -> set[int]:
    found: set[int] = set()
    seen: set[int] = set()
    stack = [one.expression for one in constraints]
    while stack:
        node = stack.pop()
        if id(node) in seen or not node.reads_next:
            continue
        seen.add(id(node))
        if node.operation is Operation.COLUMN:
            trace, index, _ = node.payload
            if trace is not Trace.MAIN:
                raise AirError("only main columns may be read at the next row")
            found.add(index)
        stack.extend(node.arguments)
    return found


def build_air(name: str, define: Callable[[Builder], None]) -> Air:
    """Run a table's definition and check what it declared.

    Raises:
        AirError: the definition breaks a rule of the proof system.
    """
    builder = Builder()
    define(builder)
    if not builder.main_names:
        raise AirError(f"table {name} has no main column")
    air = Air(
        name,
        tuple(builder.preprocessed_names),
        tuple(builder.main_names),
        tuple(builder.public_names),
        tuple(builder.constraints),
        tuple(builder.interactions),
    )
    for one in air.constraints:
        if one.expression.degree > MAXIMAL_DEGREE:
            raise AirError(f"{name}: constraint {one.name!r} has degree {one.expression.degree}")
    return air
