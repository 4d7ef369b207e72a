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
from zisk.recursion.evaluation import Evaluator, Fingerprints, OpenedRow, is_zero, recompose
from zisk.recursion.heights import Height
from zisk.stark.batching import QUOTIENT_CHUNKS, Tree, batching_order
from zisk.stark.expression import Scope, Selector
from zisk.stark.kind import Kind
from zisk.stark.public_values import evaluate


@dataclass(frozen=True, eq=False)
class Claims(Generic[Value]):
    """What a segment proof claims at its random point, and the challenges until then.

    Attributes:
        heights: of the tables.
        publics: the segment's public values.
        buses: alpha and beta of each scope.
        sums: the exposed sums in the order of the proof.
        fold: the challenge that combines constraints.
        zeta: the random point.
        here, following: the opened values in batching order.
        basis: X^0 to X^4.
    """

    kind: Kind
    heights: Sequence[Height[Value]]
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
    fingerprints = Fingerprints(algebra, claims.buses)
    for term in claims.kind.terms:
        message = [
            None if is_zero(element) else evaluate(algebra, element, claims.publics)
            for element in term.message
        ]
        fingerprint = fingerprints.value(term.bus.scope, term.bus.number, message)
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
    squares = _squares(algebra, claims.zeta, kind.log_size)
    fingerprints = Fingerprints(algebra, claims.buses)
    values: list[Value] = []
    for table, (air, sums) in enumerate(zip(kind.airs, claims.sums_by_table(), strict=True)):
        selectors = _selectors(algebra, squares, claims.heights[table])
        row = OpenedRow(algebra, claims, table)
        expressions = [constraint.expression for constraint in air.constraints]
        evaluator = Evaluator(algebra, row, fingerprints, selectors, sums, publics[table])
        values += evaluator.values(expressions)
    total = algebra.constant(0)
    for value in reversed(values):
        total = algebra.multiply_add(total, claims.fold, value)
    order = batching_order(kind)
    chunks = [
        recompose(
            algebra,
            claims.basis,
            [claims.here[order.power[Tree.QUOTIENT, 0, DEGREE * chunk + k]] for k in range(DEGREE)],
        )
        for chunk in range(QUOTIENT_CHUNKS)
    ]
    high = squares[kind.log_size]
    quotient = algebra.multiply_add(high, chunks[1], chunks[0])
    return total, algebra.multiply(algebra.subtract(high, one), quotient)


def _squares(algebra: Algebra[Value], base: Value, count: int) -> list[Value]:
    """Base^(2^k) for k from 0 to count."""
    found = [base]
    for _ in range(count):
        found.append(algebra.multiply(found[-1], found[-1]))
    return found


def _selectors(
    algebra: Algebra[Value], squares: Sequence[Value], height: Height[Value]
) -> dict[Selector, Value]:
    """The selectors of a table of height n at zeta^(N / n), from zeta^(2^k) for k from 0 to log2 N.

    Where the point is raised to the n it is zeta^N, whatever n. The divisors are not zero: a first or last
    row would be a point of the trace domain.
    """
    log_size = len(squares) - 1
    point = height.value(algebra, lambda log_height: squares[log_size - log_height])
    last = height.number(algebra, lambda log_height: inverse(root_of_unity(log_height)))
    share = height.number(algebra, lambda log_height: inverse(1 << log_height))
    vanishing = algebra.multiply(algebra.subtract(squares[-1], algebra.constant(1)), share)
    from_first = algebra.subtract(point, algebra.constant(1))
    from_last = algebra.subtract(point, last)
    return {
        Selector.TRANSITION: from_last,
        Selector.FIRST: algebra.divide(vanishing, from_first),
        Selector.LAST: algebra.divide(algebra.multiply(vanishing, last), from_last),
    }
