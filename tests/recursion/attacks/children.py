"""Small circuits that say anything, as children of nodes: what a node refuses is then its own doing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.recursion.laboratory import listed
from tests.stark.attacks.kinds import PLAIN
from tests.stark.toy import BACKEND, JOB
from zisk.field import quintic
from zisk.field.koalabear import P
from zisk.hash.sponge import RATE, Digest, hash_elements
from zisk.hash.tags import TAG_CONTRIBUTION
from zisk.recursion.circuit import Circuit
from zisk.recursion.interface import INTERFACE_LENGTH, Interface
from zisk.recursion.kind import circuit_kind
from zisk.recursion.node import child_hints, record_node, record_shrink
from zisk.recursion.prepared import PreparedCircuit, prepare_circuit
from zisk.recursion.segment_hints import SegmentHints
from zisk.recursion.trees import key_tree
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import SegmentProof

PARAMETERS = dataclasses.replace(PLAIN, queries=4, cap_log=2)
LOG_SIZE = 6
LOG_HEIGHTS = (1, 4, 6, 2, 5, 5)
"""Tables of children: fold, elements, bits, horner, poseidon, arithmetic."""

NAMES = ("core leaf", "edges leaf", "node")
"""The children that are allowed; any other name is that of a circuit which is not."""

PROGRAM = tuple(range(1, 10))


def child_kind() -> Kind:
    """The kind of children."""
    return circuit_kind(LOG_SIZE, INTERFACE_LENGTH)


@cache
def saying(
    name: str,
    log_heights: Sequence[int] = LOG_HEIGHTS,
    parameters: SecurityParameters = PARAMETERS,
    log_size: int = LOG_SIZE,
) -> PreparedCircuit:
    """A circuit that holds for all public values; each name has one of its own."""
    circuit = Circuit(INTERFACE_LENGTH)
    for start in range(0, INTERFACE_LENGTH, RATE):
        circuit.elements(wires=circuit.publics[start : start + RATE])
    circuit.constant(int.from_bytes(name.encode()) % P)
    return prepare_circuit(name, circuit, log_size, parameters, BACKEND, log_heights)


@cache
def allowed() -> list[list[Digest]]:
    """The tree of allowed keys."""
    return key_tree([saying(name).key.digest for name in NAMES])


def standing_for(key: Digest, place: int = 0) -> list[list[Digest]]:
    """The tree of allowed keys as a prover shows it who says that another key stands at a place."""
    leaves = [*allowed()[0]]
    leaves[place] = key
    return [leaves, *allowed()[1:]]


def interface(
    *, count: int = 1, weight: int = 5, digest: Digest = tuple(range(31, 40)), total: int = 7, **changed: Any
) -> Interface[int]:
    """What a subtree says, of the usual job and tree of keys unless changed."""
    said: Interface[int] = Interface(
        program=PROGRAM,
        binding=JOB.binding,
        alpha=JOB.bus.alpha,
        beta=JOB.bus.beta,
        keys=allowed()[-1][0],
        digest=digest,
        count=count,
        weight=weight,
        total=(total, 1, 2, 3, 4),
    )
    return dataclasses.replace(said, **changed)


@dataclass(frozen=True)
class Child:
    """A proof that a child says something."""

    circuit: PreparedCircuit
    said: Interface[int]
    proof: SegmentProof

    def hints(self, tree: list[list[Digest]] | None = None) -> SegmentHints:
        """What a node takes of it."""
        return listed(child_hints(self.proof, self.circuit.key, tree or allowed()))


def child(said: Interface[int], circuit: PreparedCircuit | None = None) -> Child:
    """Prove it, by default as an allowed core leaf."""
    chosen = circuit or saying(NAMES[0])
    return Child(chosen, said, chosen.prove(said.values, [], BACKEND))


def joined(left: Interface[int], right: Interface[int]) -> Interface[int]:
    """What a node over two children says."""
    return dataclasses.replace(
        left,
        digest=hash_elements(TAG_CONTRIBUTION, [*left.digest, *right.digest]),
        count=(left.count + right.count) % P,
        weight=(left.weight + right.weight) % P,
        total=quintic.add(quintic.element(left.total), quintic.element(right.total)),
    )


def node() -> Circuit:
    """The node over such children."""
    return record_node(child_kind(), PARAMETERS, LOG_HEIGHTS)


def shrink() -> Circuit:
    """What shrinks one of them."""
    return record_shrink(child_kind(), PARAMETERS, LOG_HEIGHTS)
