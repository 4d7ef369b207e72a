"""Circuits that verify one segment proof, with everything that is said of it as public values."""

from __future__ import annotations

from collections.abc import Sequence

from zisk.recursion.circuit import Circuit
from zisk.recursion.hashing import coefficients
from zisk.recursion.keys import constant_key
from zisk.recursion.memory import Wire
from zisk.recursion.segment_circuit import Statement, verify_in_circuit
from zisk.stark.key import Digest, VerifyingKey
from zisk.stark.proof import SegmentProof
from zisk.stark.transcript_order import JobChallenge
from zisk.stark.verify import check_segment

SHOWN = (9, 5, 1)
"""Leaf digest, global sum, weight."""


def statement_lengths(key: VerifyingKey) -> tuple[int, ...]:
    """Program digest, the segment's public values, binding, alpha, beta."""
    return (9, len(key.kind.public_names), 9, 5, 5)


def verifier(key: VerifyingKey, log_heights: Sequence[int]) -> Circuit:
    """A circuit whose public values are a statement and what its proof shows."""
    lengths = statement_lengths(key)
    circuit = Circuit(publics=sum(lengths) + sum(SHOWN))
    wires = iter(circuit.publics)
    *statement, leaf, total, weight = ([next(wires) for _ in range(count)] for count in (*lengths, *SHOWN))
    shown = verify_in_circuit(circuit, constant_key(circuit, key, log_heights), Statement(*statement))
    pairs: list[tuple[Wire, Wire]] = list(zip(leaf, shown.leaf, strict=True))
    pairs += zip(total, coefficients(circuit, [shown.global_sum]), strict=True)
    pairs.append((weight[0], shown.weight))
    for known, computed in pairs:
        circuit.assert_equal(known, computed)
    return circuit


def public_values_of(proof: SegmentProof, key: VerifyingKey, program: Digest, job: JobChallenge) -> list[int]:
    """The public values of `verifier` for a proof, as `check_segment` finds them."""
    segment = check_segment(proof, key, program, job)
    statement = [*program, *proof.publics, *job.binding, *job.bus.alpha, *job.bus.beta]
    return [*statement, *segment.leaf, *segment.global_sum, segment.weight]
