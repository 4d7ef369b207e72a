"""The expression graph: one description of a constraint for prover, verifier, debug checker and docs.

Nodes are immutable and shared: building the same expression twice gives the same object, so common
sub-expressions are evaluated once. A node is *base* (in F) or *extension* (in K). Its degree counts
trace columns and the first-row and last-row selectors; the transition factor counts zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from typing import Any

from zisk.field.koalabear import P


class Operation(IntEnum):
    """What a node computes."""

    CONSTANT = 0
    COLUMN = 1
    SELECTOR = 2
    PUBLIC = 3
    SCALAR = 4
    ADD = 5
    SUB = 6
    MUL = 7
    FINGERPRINT = 8


class Trace(IntEnum):
    """Which committed matrix of a table a column belongs to."""

    PREPROCESSED = 0
    MAIN = 1
    STAGE2 = 2


class Selector(IntEnum):
    """The three row selectors of a table."""

    FIRST = 0
    """One on the first row, zero on the others."""
    LAST = 1
    """One on the last row, zero on the others."""
    TRANSITION = 2
    """X - w^-1: zero on the last row only."""


class Scope(IntEnum):
    """Which challenges a bus uses."""

    LOCAL = 0
    """Drawn inside the segment; the bus sums to zero inside the segment."""
    GLOBAL = 1
    """The job's; the bus sums to zero over all segments."""


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A node of the graph; build it with operators, never directly."""

    operation: Operation
    payload: Any
    arguments: tuple[Expression, ...] = field(repr=False)
    """Left out of the text form: graphs share nodes, and written out as a tree they have no end."""
    degree: int
    extension: bool
    reads_next: bool

    def __add__(self, other: Expression | int) -> Expression:
        other = lift(other)
        if _is_constant(self, 0):
            return other
        if _is_constant(other, 0):
            return self
        return _binary(Operation.ADD, self, other)

    def __radd__(self, other: int) -> Expression:
        return lift(other) + self

    def __sub__(self, other: Expression | int) -> Expression:
        other = lift(other)
        if _is_constant(other, 0):
            return self
        return _binary(Operation.SUB, self, other)

    def __rsub__(self, other: int) -> Expression:
        return lift(other) - self

    def __neg__(self) -> Expression:
        return lift(0) - self

    def __mul__(self, other: Expression | int) -> Expression:
        other = lift(other)
        for one, rest in ((self, other), (other, self)):
            if _is_constant(one, 0):
                return one
            if _is_constant(one, 1):
                return rest
        return _binary(Operation.MUL, self, other)

    def __rmul__(self, other: int) -> Expression:
        return lift(other) * self

    @property
    def next(self) -> Expression:
        """The same column on the next row (cyclically)."""
        trace, index, _ = self.payload
        return column(trace, index, following=True)


def lift(value: Expression | int) -> Expression:
    """Turn an integer into a constant node; leave expressions as they are."""
    return value if isinstance(value, Expression) else constant(value)


def constant(value: int) -> Expression:
    """A base-field constant; any integer, reduced."""
    return _node(Operation.CONSTANT, value % P, (), 0, False, False)


def column(trace: Trace, index: int, *, following: bool = False) -> Expression:
    """A committed column on this row, or on the next one; stage-2 columns are in the extension."""
    return _node(Operation.COLUMN, (trace, index, following), (), 1, trace is Trace.STAGE2, following)


def selector(which: Selector) -> Expression:
    """A row selector."""
    return _node(Operation.SELECTOR, which, (), 0 if which is Selector.TRANSITION else 1, False, False)


def public(index: int) -> Expression:
    """The segment's public value number `index`."""
    return _node(Operation.PUBLIC, index, (), 0, False, False)


def exposed_sum(scope: Scope) -> Expression:
    """The table's exposed sum of all its fractions of one scope."""
    return _node(Operation.SCALAR, scope, (), 0, True, False)


def fingerprint(scope: Scope, bus: int, message: tuple[Expression, ...]) -> Expression:
    """Alpha + bus + sum over j >= 1 of beta^j message_j, with the challenges of the scope."""
    degree = max((element.degree for element in message), default=0)
    reads_next = any(element.reads_next for element in message)
    return _node(Operation.FINGERPRINT, (scope, bus), message, degree, True, reads_next)


def _is_constant(node: Expression, value: int) -> bool:
    return node.operation is Operation.CONSTANT and node.payload == value


def _binary(operation: Operation, left: Expression, right: Expression) -> Expression:
    if left.operation is Operation.CONSTANT and right.operation is Operation.CONSTANT:
        a, b = left.payload, right.payload
        return constant(
            a + b if operation is Operation.ADD else a - b if operation is Operation.SUB else a * b
        )
    degree = left.degree + right.degree if operation is Operation.MUL else max(left.degree, right.degree)
    extension = left.extension or right.extension
    return _node(operation, None, (left, right), degree, extension, left.reads_next or right.reads_next)


@cache
def _node(
    operation: Operation,
    payload: Any,
    arguments: tuple[Expression, ...],
    degree: int,
    extension: bool,
    reads_next: bool,
) -> Expression:
    return Expression(operation, payload, arguments, degree, extension, reads_next)
