"""The verifier of a segment proof as a circuit: what `zisk.stark.verify` does, step by step, over wires.

The parts of the proof are hints, in the order in which
`zisk.recursion.segment_hints` lists them. What the verifier refuses has no witness here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zisk.field.koalabear import coset_shift, root_of_unity
from zisk.hash.sponge import DIGEST_LENGTH
from zisk.hash.tags import TAG_CODEWORD, TAG_LEAF, TAG_SEGMENT
from zisk.recursion.algebra import power_of_two, powers, weigh
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError
from zisk.recursion.hashing import (
    CircuitTranscript,
    cap_of_digests,
    hinted_elements,
    hinted_extension,
    open_leaf,
)
from zisk.recursion.identity import Claims, bus_totals, check_domains, constraint_identity
from zisk.recursion.keys import KeyWires
from zisk.recursion.memory import Wire
from zisk.recursion.requirements import record_requirements
from zisk.stark.batching import Tree, batching_order, leaf_parts
from zisk.stark.expression import Scope
from zisk.stark.key import FORMAT_VERSION
from zisk.stark.kind import Kind
from zisk.stark.proof import committed_trees, proof_shape

LOG_ARITY = 3
"""Folds take eight values: the fold chip has no other arity."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a segment proof is verified against; all wires in F.

    Attributes:
        program_digest, binding: nine elements each.
        publics: the segment's public values.
        alpha, beta: the coefficients of the job's global challenge.
    """

    program_digest: Sequence[Wire]
    publics: Sequence[Wire]
    binding: Sequence[Wire]
    alpha: Sequence[Wire]
    beta: Sequence[Wire]


@dataclass(frozen=True, slots=True)
class VerifiedWires:
    """What a valid segment proof shows.

    Attributes:
        leaf: its digest in the job's contribution tree, nine elements.
        global_sum: what it leaves on the global buses, in K.
        weight: its share of the job's limit on global messages, in F.
    """

    leaf: Sequence[Wire]
    global_sum: Wire
    weight: Wire


def verify_in_circuit(
    circuit: Circuit, key: KeyWires, statement: Statement, *, which: int = 0
) -> VerifiedWires:
    """Record the verifier of one segment proof.

    The circuit's challenge number `which` becomes gamma, the challenge that the proof's transcript draws to
    batch its openings: the circuit has no witness if that public value is another.

    Raises:
        CircuitError: the parameters fold by another arity than eight.
    """
    if key.parameters.log_folding_arity != LOG_ARITY:
        raise CircuitError(f"circuits fold by {1 << LOG_ARITY}: choose parameters that do")
    return _SegmentVerifier(circuit, key, statement, which).record()


@dataclass(frozen=True, slots=True)
class _Part:
    """How a part of a tree's leaves is weighted.

    Attributes:
        width: the number of its elements.
        scale: the power of gamma of the first.
        following: the places of those that are opened at the next row too.
    """

    width: int
    scale: Wire
    following: frozenset[int]


class _SegmentVerifier:
    def __init__(
        self,
        circuit: Circuit,
        key: KeyWires,
        statement: Statement,
        which: int,
    ) -> None:
        self._circuit, self._key, self._kind = circuit, key, key.kind
        self._statement, self._which = statement, which
        self._shape = proof_shape(key.kind, key.parameters)
        self._transcript = CircuitTranscript(circuit, TAG_SEGMENT)
        self._log_length = key.kind.log_size + key.parameters.log_blowup
        self._cap_log = key.parameters.cap_log

    def record(self) -> VerifiedWires:
        """Record everything."""
        circuit, parameters, transcript = self._circuit, self._key.parameters, self._transcript
        self._absorb_statement()
        caps = {Tree.MAIN: self._cap(self._shape.cap)}
        leaf = transcript.state_digest()
        job = self._statement
        transcript.absorb([*job.binding, *job.alpha, *job.beta])
        local = self._challenges(parameters.local_grinding_bits, 2)
        caps[Tree.STAGE2] = self._cap(self._shape.cap)
        sums = self._absorbed_extension(self._shape.sums)
        (fold,) = self._challenges(parameters.constraint_grinding_bits, 1)
        caps[Tree.QUOTIENT] = self._cap(self._shape.cap)
        (zeta,) = self._challenges(parameters.deep_grinding_bits, 1)
        opened = self._absorbed_extension(self._shape.here + self._shape.following)
        (gamma,) = self._challenges(parameters.batching_grinding_bits, 1)
        circuit.assert_equal(gamma, circuit.challenges[self._which])
        claims = Claims(
            kind=self._kind,
            heights=self._key.heights,
            publics=job.publics,
            buses={Scope.LOCAL: (local[0], local[1]), Scope.GLOBAL: self._global_challenge()},
            sums=sums,
            fold=fold,
            zeta=zeta,
            here=opened[: self._shape.here],
            following=opened[self._shape.here :],
            basis=circuit.basis(),
        )
        layer_caps, layer_challenges = [], []
        for number, digests in enumerate(self._shape.fold_caps):
            layer_caps.append(self._cap(digests))
            layer_challenges += self._challenges(parameters.fold_grinding(number), 1)
        final = self._absorbed_extension(self._shape.final)
        self._work(parameters.query_grinding_bits)
        samples = [(transcript.sample(),) for _ in range(parameters.queries)]

        totals = bus_totals(circuit, claims)
        circuit.assert_equal(totals[Scope.LOCAL], circuit.zero)
        check_domains(circuit, zeta, self._kind.log_size, parameters.log_blowup)
        circuit.assert_equal(*constraint_identity(circuit, claims))
        if self._key.cap:
            caps[Tree.PREPROCESSED] = self._key.cap
        deep = _DeepQuotient(circuit, self._key, claims, gamma, caps, self._which)

        def follow_query(sample: Wire) -> None:
            index, unshifted = circuit.low_bits(sample, self._log_length)
            point = circuit.multiply(unshifted, circuit.constant(coset_shift(self._kind.log_size)))
            value = deep.at(index, point)
            self._follow_folds(index, point, value, layer_caps, layer_challenges, final)

        circuit.repeat(samples, follow_query)
        return VerifiedWires(leaf, totals[Scope.GLOBAL], self._weight())

    def _absorb_statement(self) -> None:
        circuit = self._circuit
        self._transcript.absorb([circuit.constant(FORMAT_VERSION), *self._key.digest])
        self._transcript.absorb(self._statement.program_digest)
        sizes = [self._key.parameters.level, self._kind.log_size]
        self._transcript.absorb([circuit.constant(size) for size in sizes])
        self._transcript.absorb(
            [height.number(circuit, lambda log_height: log_height) for height in self._key.heights]
        )
        self._transcript.absorb(self._statement.publics)
        record_requirements(self._circuit, self._kind, self._statement.publics)

    def _weight(self) -> Wire:
        """The kind's weight of the heights; below p, like the fractions of a bus."""
        circuit, total = self._circuit, self._circuit.zero
        for weight, height in zip(self._kind.row_weights, self._key.heights, strict=True):
            if weight:
                total = circuit.add(total, height.number(circuit, lambda log, weight=weight: weight << log))
        return total

    def _global_challenge(self) -> tuple[Wire, Wire]:
        alpha, beta = self._circuit.wire(), self._circuit.wire()
        coefficients = [*self._statement.alpha, *self._statement.beta]
        self._circuit.elements(wires=coefficients, groups=[alpha, beta])
        return alpha, beta

    def _cap(self, digests: int) -> int:
        """Absorb a hinted cap; returns its number."""
        elements = hinted_elements(self._circuit, digests * DIGEST_LENGTH)
        self._transcript.absorb(elements)
        starts = range(0, len(elements), DIGEST_LENGTH)
        return cap_of_digests(self._circuit, [elements[at : at + DIGEST_LENGTH] for at in starts])

    def _absorbed_extension(self, count: int) -> list[Wire]:
        """Absorb hinted elements of K."""
        values, coefficients = hinted_extension(self._circuit, count)
        self._transcript.absorb(coefficients)
        return values

    def _challenges(self, grinding_bits: int, count: int) -> list[Wire]:
        self._work(grinding_bits)
        return [self._transcript.sample_extension() for _ in range(count)]

    def _work(self, bits: int) -> None:
        if bits:
            (nonce,) = hinted_elements(self._circuit, 1)
            self._transcript.check_nonce(nonce, bits)

    def _follow_folds(
        self,
        index: Wire,
        point: Wire,
        value: Wire,
        caps: Sequence[int],
        challenges: Sequence[Wire],
        final: Sequence[Wire],
    ) -> None:
        """State that a value of the first codeword folds down to the final polynomial.

        A split index is unique: the fold bounds its remainder, the Merkle path its quotient.
        """
        circuit, log_leaves = self._circuit, self._log_length
        for cap, challenge in zip(caps, challenges, strict=True):
            log_leaves -= LOG_ARITY
            index, place = circuit.split(index, LOG_ARITY)
            (leaf,) = open_leaf(
                circuit, TAG_CODEWORD, [self._shape.layer_width], index, cap, log_leaves, self._cap_log
            )
            selected, folded = circuit.fold(leaf, challenge, point, place)
            circuit.assert_equal(selected, value)
            value, point = folded, power_of_two(circuit, point, LOG_ARITY)
        total = circuit.zero
        for coefficient in reversed(final):
            total = circuit.multiply_add(total, point, coefficient)
        circuit.assert_equal(total, value)


class _DeepQuotient:
    """The first codeword of FRI at queried points, from opened rows.

    A tree's columns have consecutive powers of gamma, in the order of its leaf. So the sum over an opened row
    is the sum over parts of leaves of gamma^start times the Horner sum of the part, `start` being the power
    of its first column; a column that is read at the next row has the same power there.
    """

    def __init__(
        self,
        circuit: Circuit,
        key: KeyWires,
        claims: Claims[Wire],
        gamma: Wire,
        caps: dict[Tree, int],
        which: int,
    ) -> None:
        kind = key.kind
        order = batching_order(kind)
        gammas = powers(circuit, gamma, len(order.places) + 1)
        self._circuit, self._caps, self._which = circuit, caps, which
        self._log_leaves = kind.log_size + key.parameters.log_blowup
        self._cap_log = key.parameters.cap_log
        self._values = (
            weigh(circuit, gammas, claims.here),
            weigh(circuit, [gammas[power] for power in order.following], claims.following),
        )
        self._beyond = gammas[-1]
        following = circuit.multiply(claims.zeta, circuit.constant(root_of_unity(kind.log_size)))
        self._points = claims.zeta, following
        self._leaves = {tree: self._parts(kind, tree, gammas) for tree in committed_trees(kind)}

    @staticmethod
    def _parts(kind: Kind, tree: Tree, gammas: Sequence[Wire]) -> list[_Part]:
        order = batching_order(kind)
        powers_here = [power for power, place in enumerate(order.places) if place[0] is tree]
        start, apart = powers_here[0], leaf_parts(kind, tree)
        parts = []
        for width in (*apart, len(powers_here) - sum(apart)):
            following = frozenset(power - start for power in order.following if 0 <= power - start < width)
            parts.append(_Part(width, gammas[start], following))
            start += width
        return parts

    def at(self, index: Wire, point: Wire) -> Wire:
        """Open every tree at an index; the sum of both quotients at its point.

        The divisors are not zero: `check_domains` keeps both opening points out of the evaluation domain.
        """
        here, following = self._sums(index)
        first = self._quotient(here, 0, point)
        second = self._quotient(following, 1, point)
        return self._circuit.multiply_add(second, self._beyond, first)

    def _quotient(self, total: Wire, which: int, point: Wire) -> Wire:
        numerator = self._circuit.subtract(total, self._values[which])
        return self._circuit.divide(numerator, self._circuit.subtract(point, self._points[which]))

    def _sums(self, index: Wire) -> tuple[Wire, Wire]:
        """The opened row weighted with powers of gamma: all of it, and what is opened at the next row."""
        circuit = self._circuit
        here = following = circuit.zero
        for tree, parts in self._leaves.items():
            widths, cap = [part.width for part in parts], self._caps[tree]
            opened = open_leaf(circuit, TAG_LEAF, widths, index, cap, self._log_leaves, self._cap_log)
            for part, blocks in zip(parts, opened, strict=True):
                every, some = circuit.horner(blocks, part.width, part.following, which=self._which)
                here = circuit.multiply_add(part.scale, every, here)
                if part.following:
                    following = circuit.multiply_add(part.scale, some, following)
        return here, following
