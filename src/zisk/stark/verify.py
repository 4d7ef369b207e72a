"""The verifier of one segment proof.

It takes a key and bytes, imports nothing of the prover, and either returns what the proof shows or raises
`VerificationError`. What holds between segments of a job is checked one layer up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field import quintic, quintic_array
from zisk.field.koalabear import P, coset_shift, inverse, root_of_unity
from zisk.field.quintic import DEGREE, Element
from zisk.hash.tags import TAG_LEAF
from zisk.stark.batching import (
    BatchingOrder,
    Tree,
    batching_order,
    combine,
    leaf_parts,
    powers_of,
    tree_widths,
)
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.expression import Expression, Operation, Scope, Selector, Trace
from zisk.stark.key import Digest, VerifyingKey
from zisk.stark.kind import Kind
from zisk.stark.proof import SegmentProof, committed_trees, decode
from zisk.stark.public_values import Term
from zisk.stark.transcript_order import CheckedWork, JobChallenge, SegmentTranscript
from zisk.stark.verify_fri import check_folds, check_opening, points_of_leaves


@dataclass(frozen=True, slots=True)
class VerifiedSegment:
    """What a valid segment proof shows.

    Attributes:
        publics: its public values by name.
        leaf: its digest in the job's contribution tree.
        global_sum: what its tables and its own public terms leave on the global buses.
        weight: its share of the job's limit on global messages.
    """

    publics: dict[str, int]
    log_heights: tuple[int, ...]
    leaf: Digest
    global_sum: Element
    weight: int


def verify_segment(
    data: bytes | memoryview, key: VerifyingKey, program_digest: Digest, job: JobChallenge
) -> VerifiedSegment:
    """Verify the bytes of a segment proof under a key and the job's challenge.

    Raises:
        VerificationError: the proof is refused, and why.
    """
    return check_segment(decode(data, key), key, program_digest, job)


def check_segment(
    proof: SegmentProof, key: VerifyingKey, program_digest: Digest, job: JobChallenge
) -> VerifiedSegment:
    """Verify a decoded segment proof; see `verify_segment`."""
    kind = key.kind
    if not key.heights_allowed(proof.log_heights):
        raise VerificationError(Rejection.SHAPE, f"{kind.name}: heights {proof.log_heights} are not allowed")
    _check_requirements(kind, proof.publics)
    transcript = SegmentTranscript(key, CheckedWork(proof.nonces))
    leaf = transcript.commit_main(program_digest, proof.log_heights, proof.publics, proof.main_cap)
    buses = {Scope.LOCAL: transcript.local_challenge(job), Scope.GLOBAL: job.bus}
    fold = transcript.constraint_challenge(proof.stage2_cap, proof.sums)
    zeta = transcript.point(proof.quotient_cap)
    gamma = transcript.batching_challenge((*proof.here, *proof.following))
    folds = [transcript.fold_challenge(number, cap) for number, cap in enumerate(proof.fold_caps)]
    indices = transcript.query_indices(proof.final_polynomial)

    if _bus_total(proof, kind, Scope.LOCAL, buses[Scope.LOCAL]) != quintic.ZERO:
        raise VerificationError(Rejection.BUS, f"{kind.name}: messages inside the segment do not cancel")
    _check_zeta(zeta, kind.log_size, key.parameters.log_blowup)
    _check_constraints(proof, kind, buses, fold, zeta)
    leaves = sorted(set(indices))
    check_folds(
        leaves,
        _queried_values(proof, key, zeta, gamma, leaves),
        proof.fold_caps,
        proof.layers,
        folds,
        proof.final_polynomial,
        kind.log_size,
        key.parameters,
    )
    return VerifiedSegment(
        publics=kind.public_values(proof.publics),
        log_heights=proof.log_heights,
        leaf=leaf,
        global_sum=global_sum(proof, kind, job),
        weight=kind.weight(proof.log_heights),
    )


def term_value(term: Term, buses: dict[Scope, BusChallenge]) -> Element:
    """The fraction of a message that the verifier itself puts on a bus.

    Raises:
        VerificationError: its fingerprint is zero.
    """
    fingerprint = buses[term.bus.scope].fingerprint(term.bus.number, term.message)
    if fingerprint == quintic.ZERO:
        raise VerificationError(Rejection.BUS, "the fingerprint of a public message is zero")
    return quintic.scale(quintic.inverse(fingerprint), term.multiplicity)


def _check_requirements(kind: Kind, publics: Sequence[int]) -> None:
    unmet = kind.unmet(publics)
    if unmet:
        raise VerificationError(Rejection.STATEMENT, f"{kind.name}: {unmet[0]}")


def global_sum(proof: SegmentProof, kind: Kind, job: JobChallenge) -> Element:
    """What a segment proof says that its tables and its public terms leave on the global buses.

    Raises:
        VerificationError: the fingerprint of a public term is zero.
    """
    return _bus_total(proof, kind, Scope.GLOBAL, job.bus)


def _bus_total(proof: SegmentProof, kind: Kind, scope: Scope, bus: BusChallenge) -> Element:
    """What tables and public terms leave on the buses of a scope."""
    total = quintic.ZERO
    scopes = [one for air in kind.airs for one in air.scopes]
    for one, exposed in zip(scopes, proof.sums, strict=True):
        if one is scope:
            total = quintic.add(total, exposed)
    for term in kind.public_terms(proof.publics):
        if term.bus.scope is scope:
            total = quintic.add(total, term_value(term, {scope: bus}))
    return total


def _check_zeta(zeta: Element, log_size: int, log_blowup: int) -> None:
    """The opening points must lie outside the trace domain and the evaluation domain."""
    size = 1 << log_size
    in_trace_domain = quintic.power(zeta, size) == quintic.ONE
    unshifted = quintic.scale(zeta, inverse(coset_shift(log_size)))
    if in_trace_domain or quintic.power(unshifted, size << log_blowup) == quintic.ONE:
        raise VerificationError(Rejection.CONSTRAINTS, "the random point lies in a domain")


class _Row:
    """The opened values of one table, as the expressions of its AIR read them."""

    def __init__(
        self,
        proof: SegmentProof,
        kind: Kind,
        order: BatchingOrder,
        table: int,
        buses: dict[Scope, BusChallenge],
        sums: dict[Scope, Element],
        zeta: Element,
    ) -> None:
        self._proof, self._order, self._table = proof, order, table
        self._buses, self._sums = buses, sums
        self._publics = [proof.publics[place] for place in kind.public_places[table]]
        self._selectors = _selectors(zeta, kind.log_size, proof.log_heights[table])
        self._known: dict[int, Element] = {}

    def value(self, root: Expression) -> Element:
        """The expression's value at the opening point."""
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in self._known:
                stack.pop()
                continue
            missing = [one for one in node.arguments if id(one) not in self._known]
            if missing:
                stack.extend(missing)
            else:
                self._known[id(node)] = self._compute(node)
        return self._known[id(root)]

    def _compute(self, node: Expression) -> Element:
        values = [self._known[id(one)] for one in node.arguments]
        match node.operation:
            case Operation.CONSTANT:
                return quintic.from_base(node.payload)
            case Operation.COLUMN:
                return self._column(*node.payload)
            case Operation.SELECTOR:
                return self._selectors[node.payload]
            case Operation.PUBLIC:
                return quintic.from_base(self._publics[node.payload])
            case Operation.SCALAR:
                return self._sums[node.payload]
            case Operation.ADD:
                return quintic.add(*values)
            case Operation.SUB:
                return quintic.sub(*values)
            case Operation.MUL:
                return quintic.mul(*values)
            case Operation.FINGERPRINT:
                return self._fingerprint(node.payload, values)

    def _column(self, trace: Trace, index: int, following: bool) -> Element:
        source = self._proof.following if following else self._proof.here
        places = self._order.next_place if following else self._order.power
        if trace is not Trace.STAGE2:
            tree = Tree.MAIN if trace is Trace.MAIN else Tree.PREPROCESSED
            return source[places[tree, self._table, index]]
        parts = [source[places[Tree.STAGE2, self._table, DEGREE * index + k]] for k in range(DEGREE)]
        return recompose(parts)

    def _fingerprint(self, payload: tuple[Scope, int], values: list[Element]) -> Element:
        scope, bus = payload
        challenge = self._buses[scope]
        total, power = quintic.add(challenge.alpha, quintic.from_base(bus)), quintic.ONE
        for value in values:
            power = quintic.mul(power, challenge.beta)
            total = quintic.add(total, quintic.mul(power, value))
        return total


def recompose(parts: Sequence[Element]) -> Element:
    """Sum of X^k parts[k]: an extension column's value from the values of its five base columns."""
    total = quintic.ZERO
    for k, part in enumerate(parts):
        basis = quintic.element(int(place == k) for place in range(DEGREE))
        total = quintic.add(total, quintic.mul(basis, part))
    return total


def _selectors(zeta: Element, log_size: int, log_height: int) -> dict[Selector, Element]:
    """The selectors of a table at zeta lifted to its height; zeta is outside the trace domain."""
    n = 1 << log_height
    point = quintic.power(zeta, 1 << (log_size - log_height))
    vanishing = quintic.sub(quintic.power(point, n), quintic.ONE)
    last = inverse(root_of_unity(log_height))
    found = {Selector.TRANSITION: quintic.sub(point, quintic.from_base(last))}
    for which, row in ((Selector.FIRST, 1), (Selector.LAST, last)):
        denominator = quintic.scale(quintic.sub(point, quintic.from_base(row)), n)
        found[which] = quintic.scale(quintic.mul(vanishing, quintic.inverse(denominator)), row)
    return found


def _check_constraints(
    proof: SegmentProof,
    kind: Kind,
    buses: dict[Scope, BusChallenge],
    fold: Element,
    zeta: Element,
) -> None:
    """Sum of beta^k C_k(zeta) = (zeta^N - 1) (Q0(zeta) + zeta^N Q1(zeta))."""
    order = batching_order(kind)
    exposed = iter(proof.sums)
    total, power = quintic.ZERO, quintic.ONE
    for table, air in enumerate(kind.airs):
        sums = {scope: next(exposed) for scope in air.scopes}
        row = _Row(proof, kind, order, table, buses, sums, zeta)
        for constraint in air.constraints:
            total = quintic.add(total, quintic.mul(power, row.value(constraint.expression)))
            power = quintic.mul(power, fold)
    chunks = [
        recompose([proof.here[order.power[Tree.QUOTIENT, 0, DEGREE * chunk + k]] for k in range(DEGREE)])
        for chunk in range(2)
    ]
    high = quintic.power(zeta, 1 << kind.log_size)
    quotient = quintic.add(chunks[0], quintic.mul(high, chunks[1]))
    if total != quintic.mul(quintic.sub(high, quintic.ONE), quotient):
        raise VerificationError(Rejection.CONSTRAINTS, f"{kind.name}: the constraints do not hold")


def _queried_values(
    proof: SegmentProof, key: VerifyingKey, zeta: Element, gamma: Element, leaves: Sequence[int]
) -> np.ndarray:
    """The DEEP quotient at every queried leaf, from the opened rows, after checking them: uint64[5, k]."""
    kind, order = key.kind, batching_order(key.kind)
    depth = kind.log_size + key.parameters.log_blowup
    gammas = powers_of(gamma, len(order.places))
    caps = {
        Tree.PREPROCESSED: key.cap,
        Tree.MAIN: proof.main_cap,
        Tree.STAGE2: proof.stage2_cap,
        Tree.QUOTIENT: proof.quotient_cap,
    }
    sums = np.zeros((2, DEGREE, len(leaves)), dtype=np.uint64)
    for tree, opening in zip(committed_trees(key.kind), proof.trees, strict=True):
        check_opening(
            tree.name.lower(),
            TAG_LEAF,
            caps[tree],
            depth,
            key.parameters.cap_log,
            leaves,
            opening,
            parts=leaf_parts(kind, tree),
        )
        powers = [
            order.power[tree, table, column]
            for table, width in enumerate(tree_widths(kind, tree))
            for column in range(width)
        ]
        for which, opened in enumerate((range(len(gammas)), set(order.following))):
            chosen = [place for place, power in enumerate(powers) if power in opened]
            factors = np.array([gammas[powers[place]] for place in chosen], dtype=np.uint64)
            sums[which] += _weighted(opening.rows[:, chosen], factors)
    sums %= np.uint64(P)
    value = combine(gammas, proof.here)
    value_next = combine([gammas[power] for power in order.following], proof.following)
    factor = quintic_array.from_element(quintic.mul(gammas[-1], gamma))[:, None]
    next_zeta = quintic.scale(zeta, root_of_unity(kind.log_size))
    points = points_of_leaves(np.array(leaves, dtype=np.int64), coset_shift(kind.log_size), depth)
    here = _quotients(sums[0], value, points, zeta)
    following = _quotients(sums[1], value_next, points, next_zeta)
    return quintic_array.add(here, quintic_array.mul(following, factor))


def _quotients(sums: np.ndarray, value: Element, points: np.ndarray, point: Element) -> np.ndarray:
    """(sum - value) / (x - point) at each x: uint64[5, k]; the point is none of them."""
    numerators = quintic_array.sub(sums, quintic_array.from_element(value)[:, None])
    differences = quintic_array.sub(
        quintic_array.from_base(points), quintic_array.from_element(point)[:, None]
    )
    return quintic_array.mul(numerators, quintic_array.inverse(differences))


def _weighted(rows: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Row times factors, uint64[5, k]: products below 2^62, sums of residues below 2^31 times the width."""
    if not factors.size:
        return np.zeros((DEGREE, len(rows)), dtype=np.uint64)
    rows = rows.astype(np.uint64)
    return np.stack([(rows * factors[:, k] % np.uint64(P)).sum(axis=1) % np.uint64(P) for k in range(DEGREE)])
