"""What a verifier of a segment checks at the random point, over any algebra: bus sums and constraints.

`zisk.stark.verify` is the reference; nothing here looks at a value, so a circuit can record it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from zisk.field.koalabear import coset_shift, inverse, root_of_unity
from zisk.field.quintic import DEGREE
from zisk.recursion.algebra import Algebra, Value, power_of_two
from zisk.stark.batching import QUOTIENT_CHUNKS, Tree, batching_order
from zisk.stark.expression import Expression, Operation, Scope, Selector, Trace
from zisk.stark.kind import Kind
from zisk.stark.public_values import evaluate


@dataclass(frozen=True, eq=False)
class Claims(Generic[Value]):
    """What a segment proof claims at its random point, and the challenges until then.

    Attributes:
        log_heights: log2 of the tables' heights, known when the verifier is written down.
        publics: the segment's public values.
        buses: alpha and beta of each scope.
        sums: the exposed sums in the order of the proof.
        fold: the challenge that combines constraints.
        zeta: the random point.
        here, following: the opened values in batching order.
        basis: X^0 to X^4.
    """

    kind: Kind
    log_heights: Sequence[int]
    publics: Sequence[Value]
    buses: Mapping[Scope, tuple[Value, Value]]
    sums: Sequence[Value]
    fold: Value
    zeta: Value
    here: Sequence[Value]
    following: Sequence[Value]
    basis: Sequence[Value]

    def sums_by_table(self) -> list[dict[Scope, Value]]:
        """The exposed sums of each table."""
        exposed = iter(self.sums)
        return [{scope: next(exposed) for scope in air.scopes} for air in self.kind.airs]


def bus_totals(algebra: Algebra[Value], claims: Claims[Value]) -> dict[Scope, Value]:
    """What tables and public terms leave on the buses of each scope; the local total must be zero.

    A public term's fingerprint divides its multiplicity, which is not zero, so no witness has a zero one.
    """
    totals: dict[Scope, Value] = {scope: algebra.constant(0) for scope in Scope}
    for table in claims.sums_by_table():
        for scope, exposed in table.items():
            totals[scope] = algebra.add(totals[scope], exposed)
    evaluator = _Evaluator(algebra, claims, 0, {}, {})
    for term in claims.kind.terms:
        message = [evaluate(algebra, element, claims.publics) for element in term.message]
        fingerprint = evaluator.fingerprint(term.bus.scope, term.bus.number, message)
        fraction = algebra.divide(algebra.constant(term.multiplicity), fingerprint)
        totals[term.bus.scope] = algebra.add(totals[term.bus.scope], fraction)
    return totals


def check_domains(algebra: Algebra[Value], zeta: Value, log_size: int, log_blowup: int) -> None:
    """State that zeta lies outside the trace domain and the evaluation domain, by inverses."""
    one = algebra.constant(1)
    power = power_of_two(algebra, zeta, log_size)
    algebra.divide(one, algebra.subtract(power, one))
    unshifted = algebra.multiply(zeta, algebra.constant(inverse(coset_shift(log_size))))
    power = power_of_two(algebra, unshifted, log_size + log_blowup)
    algebra.divide(one, algebra.subtract(power, one))


def constraint_identity(algebra: Algebra[Value], claims: Claims[Value]) -> tuple[Value, Value]:
    """Both sides of: sum of beta^k C_k(zeta) = (zeta^N - 1) (Q0(zeta) + zeta^N Q1(zeta)).

    Zeta must lie outside the trace domain, see `check_domains`.
    """
    kind, one = claims.kind, algebra.constant(1)
    publics = [[claims.publics[place] for place in places] for places in kind.public_places]
    values: list[Value] = []
    for table, (air, sums) in enumerate(zip(kind.airs, claims.sums_by_table(), strict=True)):
        selectors = _selectors(algebra, claims.zeta, kind.log_size, claims.log_heights[table])
        evaluator = _Evaluator(algebra, claims, table, selectors, sums, publics[table])
        values += [evaluator.value(constraint.expression) for constraint in air.constraints]
    total = algebra.constant(0)
    for value in reversed(values):
        total = algebra.multiply_add(total, claims.fold, value)
    order = batching_order(kind)
    chunks = [
        _recompose(
            algebra,
            claims.basis,
            [claims.here[order.power[Tree.QUOTIENT, 0, DEGREE * chunk + k]] for k in range(DEGREE)],
        )
        for chunk in range(QUOTIENT_CHUNKS)
    ]
    high = power_of_two(algebra, claims.zeta, kind.log_size)
    quotient = algebra.multiply_add(high, chunks[1], chunks[0])
    return total, algebra.multiply(algebra.subtract(high, one), quotient)


def _selectors(algebra: Algebra[Value], zeta: Value, log_size: int, log_height: int) -> dict[Selector, Value]:
    """The selectors of a table at zeta lifted to its height."""
    n, last = 1 << log_height, inverse(root_of_unity(log_height))
    point = power_of_two(algebra, zeta, log_size - log_height)
    vanishing = algebra.subtract(power_of_two(algebra, point, log_height), algebra.constant(1))
    found = {Selector.TRANSITION: algebra.subtract(point, algebra.constant(last))}
    for which, row in ((Selector.FIRST, 1), (Selector.LAST, last)):
        difference = algebra.subtract(point, algebra.constant(row))
        scaled = algebra.multiply(vanishing, algebra.constant(row * inverse(n)))
        found[which] = algebra.divide(scaled, difference)
    return found


def _recompose(algebra: Algebra[Value], basis: Sequence[Value], parts: Sequence[Value]) -> Value:
    """Sum of X^k parts[k]."""
    total = parts[0]
    for k in range(1, DEGREE):
        total = algebra.multiply_add(basis[k], parts[k], total)
    return total


class _Evaluator(Generic[Value]):
    """Evaluates the expressions of one table at the opened values; shared nodes once."""

    def __init__(
        self,
        algebra: Algebra[Value],
        claims: Claims[Value],
        table: int,
        selectors: Mapping[Selector, Value],
        sums: Mapping[Scope, Value],
        publics: Sequence[Value] | None = None,
    ) -> None:
        self._algebra, self._claims, self._table = algebra, claims, table
        self._order = batching_order(claims.kind)
        self._selectors, self._sums = selectors, sums
        self._publics = claims.publics if publics is None else publics
        self._known: dict[int, Value] = {}

    def value(self, root: Expression) -> Value:
        """The value of an expression."""
        stack = [root]
        while stack:
            node = stack[-1]
            missing = [one for one in node.arguments if id(one) not in self._known]
            if id(node) not in self._known and missing:
                stack.extend(missing)
                continue
            stack.pop()
            if id(node) not in self._known:
                self._known[id(node)] = self._compute(node)
        return self._known[id(root)]

    def fingerprint(self, scope: Scope, bus: int, message: Sequence[Value]) -> Value:
        """Alpha + bus + sum over j >= 1 of beta^j message_j."""
        alpha, beta = self._claims.buses[scope]
        total = self._algebra.constant(0)
        for element in reversed(message):
            total = self._algebra.multiply(self._algebra.add(total, element), beta)
        return self._algebra.add(self._algebra.add(alpha, self._algebra.constant(bus)), total)

    def _compute(self, node: Expression) -> Value:
        values = [self._known[id(one)] for one in node.arguments]
        match node.operation:
            case Operation.CONSTANT:
                return self._algebra.constant(node.payload)
            case Operation.COLUMN:
                return self._column(*node.payload)
            case Operation.SELECTOR:
                return self._selectors[node.payload]
            case Operation.PUBLIC:
                return self._publics[node.payload]
            case Operation.SCALAR:
                return self._sums[node.payload]
            case Operation.ADD:
                return self._algebra.add(*values)
            case Operation.SUB:
                return self._algebra.subtract(*values)
            case Operation.MUL:
                return self._algebra.multiply(*values)
            case Operation.FINGERPRINT:
                scope, bus = node.payload
                return self.fingerprint(scope, bus, values)

    def _column(self, trace: Trace, index: int, following: bool) -> Value:
        source = self._claims.following if following else self._claims.here
        place_of = self._order.next_place if following else self._order.power
        if trace is not Trace.STAGE2:
            tree = Tree.MAIN if trace is Trace.MAIN else Tree.PREPROCESSED
            return source[place_of[tree, self._table, index]]
        places = [place_of[Tree.STAGE2, self._table, DEGREE * index + k] for k in range(DEGREE)]
        return _recompose(self._algebra, self._claims.basis, [source[place] for place in places])
