"""Circuits that verify circuits: a node over two children, and what carries a job's root further.

Children are leaves or nodes. Their keys are data: a circuit hashes cap and heights to the key's digest and
finds it in the tree of allowed keys, whose root is public and the same in parent and children. Heights are
those of the one profile that all leaves and nodes share, hence constants.
"""

from __future__ import annotations

from collections.abc import Sequence

from zisk.field.koalabear import inverse
from zisk.field.quintic import DEGREE
from zisk.hash.sponge import DIGEST_LENGTH, Digest
from zisk.hash.tags import TAG_CONTRIBUTION
from zisk.recursion.chips.horner import CHALLENGES, challenge_names
from zisk.recursion.circuit import Circuit
from zisk.recursion.hashing import hash_elements, hinted_elements
from zisk.recursion.interface import INTERFACE_LENGTH, NO_JOB, NO_PROGRAM, Interface
from zisk.recursion.keys import KeyWires, constant_key, hinted_key, key_hints
from zisk.recursion.memory import Wire
from zisk.recursion.paths import path_hints, path_root
from zisk.recursion.segment_circuit import Statement, verify_in_circuit
from zisk.recursion.segment_hints import SegmentHints, segment_hints
from zisk.recursion.trees import LOG_KEYS
from zisk.stark.key import VerifyingKey
from zisk.stark.kind import WEIGHT_LIMIT, Kind
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import SegmentProof

_LOW_BITS = 24
_HIGH_BITS = WEIGHT_LIMIT.bit_length() - 1 - _LOW_BITS


def record_node(kind: Kind, parameters: SecurityParameters, log_heights: Sequence[int]) -> Circuit:
    """The circuit that verifies two children of one job and says what they are together.

    Weights add up below 2^29 at every node, so no sum of two wraps p. Every segment has a weight of one at
    least, so neither do the counts.
    """
    circuit = Circuit(INTERFACE_LENGTH)
    interface = Interface.split(circuit.publics)
    children = [
        _verify_child(
            circuit, _allowed_key(circuit, kind, parameters, log_heights, interface), interface, which
        )
        for which in range(CHALLENGES)
    ]
    left, right = children
    digest = hash_elements(circuit, TAG_CONTRIBUTION, [*left.digest, *right.digest])
    parts = [(child.count, child.weight, *child.total) for child in children]
    sums = [circuit.add(one, other) for one, other in zip(*parts, strict=True)]
    said = (*interface.digest, interface.count, interface.weight, *interface.total)
    for one, other in zip(said, (*digest, *sums), strict=True):
        circuit.assert_equal(one, other)
    _assert_below_limit(circuit, interface.weight)
    return circuit


def record_shrink(kind: Kind, parameters: SecurityParameters, log_heights: Sequence[int]) -> Circuit:
    """The circuit that verifies one leaf or node and says the same."""
    circuit = Circuit(INTERFACE_LENGTH)
    interface = Interface.split(circuit.publics)
    _verify(circuit, _allowed_key(circuit, kind, parameters, log_heights, interface), interface, 0)
    return circuit


def record_final(key: VerifyingKey) -> Circuit:
    """The circuit that verifies a proof of another circuit, under its one key, and says the same."""
    circuit = Circuit(INTERFACE_LENGTH)
    interface = Interface.split(circuit.publics)
    _verify(circuit, constant_key(circuit, key, key.fixed_log_heights), interface, 0)
    return circuit


def child_hints(proof: SegmentProof, key: VerifyingKey, keys: Sequence[Sequence[Digest]]) -> SegmentHints:
    """What a node needs for one of its children; `keys` is the tree of allowed keys, by `levels`."""
    interface = Interface.of_publics(proof.publics)
    own = interface.values[len(interface.job) :]
    same = final_hints(proof, key)
    return same.after(_allowed_key_hints(key, keys), own)


def shrink_hints(proof: SegmentProof, key: VerifyingKey, keys: Sequence[Sequence[Digest]]) -> SegmentHints:
    """What a shrink circuit needs for the proof that it verifies."""
    same = final_hints(proof, key)
    return same.after(_allowed_key_hints(key, keys))


def final_hints(proof: SegmentProof, key: VerifyingKey) -> SegmentHints:
    """What a final circuit needs for the proof that it verifies."""
    verifying = segment_hints(proof, key, NO_PROGRAM, NO_JOB)
    challenges = proof.publics[: len(challenge_names())]
    return verifying.after(challenges)


def _allowed_key_hints(key: VerifyingKey, keys: Sequence[Sequence[Digest]]) -> list[int]:
    return [*key_hints(key), *path_hints(keys, keys[0].index(key.digest))]


def _allowed_key(
    circuit: Circuit,
    kind: Kind,
    parameters: SecurityParameters,
    log_heights: Sequence[int],
    interface: Interface[Wire],
) -> KeyWires:
    """A key as data that stands in the tree of allowed keys."""
    key = hinted_key(circuit, kind, parameters, log_heights)
    root, _ = path_root(circuit, key.digest, LOG_KEYS)
    for said, computed in zip(interface.keys, root, strict=True):
        circuit.assert_equal(said, computed)
    return key


def _verify_child(circuit: Circuit, key: KeyWires, interface: Interface[Wire], which: int) -> Interface[Wire]:
    """Verify a child that belongs to the same job."""
    own = hinted_elements(circuit, INTERFACE_LENGTH - len(interface.job))
    child = Interface.split([*interface.job, *own])
    _verify(circuit, key, child, which)
    return child


def _verify(circuit: Circuit, key: KeyWires, child: Interface[Wire], which: int) -> None:
    challenges = hinted_elements(circuit, len(challenge_names()))
    none = [circuit.zero] * DIGEST_LENGTH
    nothing = none[:DEGREE]
    statement = Statement(none, [*challenges, *child.values], none, nothing, nothing)
    verify_in_circuit(circuit, key, statement, which=which)


def _assert_below_limit(circuit: Circuit, weight: Wire) -> None:
    """State that an element of F is below the limit of weights."""
    low, _ = circuit.low_bits(weight, _LOW_BITS)
    high = circuit.multiply(circuit.subtract(weight, low), circuit.constant(inverse(1 << _LOW_BITS)))
    bounded, _ = circuit.low_bits(high, _HIGH_BITS)
    circuit.assert_equal(bounded, high)
