"""The debug checker: judges traces row by row, before any proof is made.

It names the constraint and the row that fail, the lookup that finds nothing and the token that is left
over. Mutation tests use it as judge: a query on a lookup bus must be *offered* by some row of the table
that answers it, since a cheating prover fills multiplicities as it likes; tokens must cancel exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field.koalabear import P, to_montgomery
from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array
from zisk.stark.air import Air, Bus, Interaction
from zisk.stark.evaluation import bind
from zisk.stark.expression import Expression, Operation, Trace
from zisk.stark.kind import Kind
from zisk.stark.public_values import Term
from zisk.stark.scalars import Challenges
from zisk.stark.tape import compile_outputs

Message = tuple[int, ...]
"""Bus id, then the elements, canonical."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a trace."""

    table: str
    what: str
    row: int | None = None

    def __str__(self) -> str:
        where = "" if self.row is None else f", row {self.row}"
        return f"{self.table}{where}: {self.what}"


@dataclass(frozen=True, slots=True)
class TableTrace:
    """A table with its columns, Montgomery: preprocessed[p, n], main[w, n]; and its own public values."""

    air: Air
    preprocessed: Array
    main: Array
    publics: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Examination:
    """What the tables of a segment say: violations inside them, and the net count of every token."""

    violations: list[Violation]
    tokens: Counter[Message]


def check_tables(tables: Sequence[TableTrace], terms: Iterable[Term], backend: Backend) -> list[Violation]:
    """Everything that is wrong with the tables of a segment; empty for a valid one.

    Global messages must cancel against `terms` as well: give the terms of the job's other side.
    """
    examined = examine(tables, backend)
    return examined.violations + left_over(examined.tokens, terms)


def examine(tables: Sequence[TableTrace], backend: Backend) -> Examination:
    """Check constraints and lookups of a segment's tables, and count their tokens on every other bus."""
    violations = [one for table in tables for one in check_constraints(table, backend)]
    offers: set[Message] = set()
    queries: list[tuple[str, int, Message]] = []
    tokens: Counter[Message] = Counter()
    for table in tables:
        for interaction in table.air.interactions:
            found = messages(table, interaction, backend)
            if is_lookup_table_side(interaction):
                offers.update(message for _, message, _ in found)
            elif is_lookup(interaction.bus, tables):
                queries.extend((table.air.name, row, message) for row, message, _ in found)
            else:
                for _, message, count in found:
                    tokens[message] += count
    violations.extend(
        Violation(name, f"no table answers the lookup {message}", row)
        for name, row, message in queries
        if message not in offers
    )
    return Examination(violations, tokens)


def check_publics(kind: Kind, publics: Sequence[int]) -> list[Violation]:
    """The requirements of a segment's kind that its public values do not meet."""
    return [Violation(kind.name, what) for what in kind.unmet(publics)]


def left_over(tokens: Counter[Message], terms: Iterable[Term]) -> list[Violation]:
    """The messages that tokens and public terms together leave on their buses."""
    total = Counter(tokens)
    for term in terms:
        total[(term.bus.number, *term.message)] += term.multiplicity
    return [
        Violation("bus", f"message {message} is left over {signed(count)} times")
        for message, count in sorted(total.items())
        if count % P
    ]


def signed(count: int) -> int:
    """A residue as the integer of least absolute value."""
    count %= P
    return count - P if count > P // 2 else count


def check_constraints(table: TableTrace, backend: Backend) -> list[Violation]:
    """The table's own constraints that fail, with the first failing row; LogUp's follow from the messages."""
    constraints = table.air.own_constraints
    if not constraints:
        return []
    values = backend.download(_evaluate(table, [one.expression for one in constraints], backend))
    return [
        Violation(table.air.name, f"constraint {constraint.name!r} is not zero", int(np.flatnonzero(row)[0]))
        for constraint, row in zip(constraints, values, strict=True)
        if row.any()
    ]


def messages(table: TableTrace, interaction: Interaction, backend: Backend) -> list[tuple[int, Message, int]]:
    """(row, message, signed multiplicity) of every row of one interaction, zero multiplicities left out.

    The side that answers lookups lists every row, whatever its multiplicity.
    """
    values = backend.numbers(_evaluate(table, [*interaction.message, interaction.multiplicity], backend))
    elements, counts = values[:-1], values[-1]
    rows = np.arange(counts.size) if is_lookup_table_side(interaction) else np.flatnonzero(counts)
    return [
        (
            int(row),
            (interaction.bus.number, *(int(one) for one in elements[:, row])),
            signed(int(counts[row])),
        )
        for row in rows
    ]


def is_lookup_table_side(interaction: Interaction) -> bool:
    """Whether an interaction answers lookups: preprocessed elements, received with a bare column's count."""
    node = interaction.multiplicity
    negated = node.operation is Operation.SUB and node.arguments[0].operation is Operation.CONSTANT
    return (
        negated
        and node.arguments[1].operation is Operation.COLUMN
        and all(_is_fixed(element) for element in interaction.message)
    )


def is_lookup(bus: Bus, tables: Sequence[TableTrace]) -> bool:
    """Whether some table answers lookups on a bus."""
    return any(
        interaction.bus == bus and is_lookup_table_side(interaction)
        for table in tables
        for interaction in table.air.interactions
    )


def _is_fixed(node: Expression) -> bool:
    if node.operation is Operation.COLUMN:
        return node.payload[0] is Trace.PREPROCESSED
    return all(_is_fixed(argument) for argument in node.arguments)


def _evaluate(table: TableTrace, expressions: Sequence[Expression], backend: Backend) -> Array:
    rows = table.main.shape[1]
    selectors = np.zeros((3, rows), dtype=np.uint32)
    selectors[0, 0] = selectors[1, -1] = 1
    selectors[2, :-1] = 1
    return backend.evaluate(
        bind(
            compile_outputs(expressions),
            preprocessed=table.preprocessed,
            main=table.main,
            stage2=None,
            selectors=backend.upload(to_montgomery(selectors)),
            publics=table.publics,
            challenges=Challenges(),
        )
    )
