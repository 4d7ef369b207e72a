"""Leaf circuits: one segment proof verified, under a key that the program digest vouches for.

A leaf computes the key's digest from cap and heights, opens the program digest at the place where that key
stands, and verifies the segment under it. So a key that set-up did not derive has no witness, whatever a
prover puts in the proof.
"""

from __future__ import annotations

from collections.abc import Sequence

from zisk.hash.sponge import DIGEST_LENGTH, Digest
from zisk.hash.tags import TAG_CHUNK, TAG_PROGRAM
from zisk.recursion import hashing
from zisk.recursion.circuit import Circuit
from zisk.recursion.hashing import coefficients, hinted_elements
from zisk.recursion.interface import INTERFACE_LENGTH, Interface
from zisk.recursion.keys import KeyWires, hinted_key, key_hints
from zisk.recursion.memory import Wire
from zisk.recursion.paths import path_hints, path_root, select
from zisk.recursion.program_parts import LOG_CHUNKS, ProgramParts, program_elements
from zisk.recursion.segment_circuit import Statement, verify_in_circuit
from zisk.recursion.segment_hints import SegmentHints, segment_hints
from zisk.stark.key import FORMAT_VERSION, VerifyingKey
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import SegmentProof
from zisk.stark.transcript_order import JobChallenge

LOG_EDGES = 20
"""Edges segments of a job are at most two to this."""


def core_leaf_hints(
    proof: SegmentProof, key: VerifyingKey, program: ProgramParts, job: JobChallenge, digest: Digest
) -> SegmentHints:
    """What `record_core_leaf` needs for a proof; `digest` is the program's."""
    verifying = segment_hints(proof, key, digest, job)
    parts = [program.entry, program.chunks, *program.empty, *program.tree[-1][0]]
    return verifying.after(key_hints(key, proof.log_heights), parts, proof.publics)


def edges_leaf_hints(
    proof: SegmentProof, key: VerifyingKey, program: ProgramParts, job: JobChallenge, digest: Digest
) -> SegmentHints:
    """What `record_edges_leaf` needs for a proof; `digest` is the program's."""
    verifying = segment_hints(proof, key, digest, job)
    place = proof.publics[0] - 1
    is_beyond = place >= len(program.edges)
    opened = 0 if is_beyond else place
    parts = [program.log_size, program.entry, program.chunks, *program.core, *program.empty]
    parts += [*program.edges[opened], int(is_beyond), opened, *path_hints(program.tree, opened)]
    return verifying.after(key_hints(key, proof.log_heights), parts, proof.publics)


def record_core_leaf(kind: Kind, parameters: SecurityParameters) -> Circuit:
    """The circuit that verifies one core segment of a kind."""
    circuit = Circuit(INTERFACE_LENGTH)
    interface = Interface.split(circuit.publics)
    key = hinted_key(circuit, kind, parameters)
    entry, chunks = hinted_elements(circuit, 2)
    empty, root = hinted_elements(circuit, DIGEST_LENGTH), hinted_elements(circuit, DIGEST_LENGTH)
    elements = program_elements(
        version=circuit.constant(FORMAT_VERSION),
        level=circuit.constant(parameters.level),
        log_size=circuit.constant(kind.log_size),
        entry=entry,
        chunks=chunks,
        core=key.digest,
        empty=empty,
        root=root,
    )
    _state_program(circuit, interface, elements)
    _verify(circuit, key, interface)
    return circuit


def record_edges_leaf(kind: Kind, parameters: SecurityParameters) -> Circuit:
    """The circuit that verifies one edges segment.

    Segment number j, from 1, has the key of chunk j, at place j - 1 of the tree of chunks; beyond the tree it
    has the key without a chunk, and the tree is opened anywhere.
    """
    circuit = Circuit(INTERFACE_LENGTH)
    interface = Interface.split(circuit.publics)
    key = hinted_key(circuit, kind, parameters)
    log_size, entry, chunks = hinted_elements(circuit, 3)
    core, empty = hinted_elements(circuit, DIGEST_LENGTH), hinted_elements(circuit, DIGEST_LENGTH)
    chunk = hinted_elements(circuit, DIGEST_LENGTH)
    is_beyond = circuit.hint_base()
    circuit.assert_equal(circuit.multiply(is_beyond, is_beyond), is_beyond)
    for element, here, beyond in zip(key.digest, chunk, empty, strict=True):
        circuit.assert_equal(element, select(circuit, is_beyond, beyond, here))
    (place,) = hinted_elements(circuit, 1)
    root, position = path_root(
        circuit, hashing.hash_elements(circuit, TAG_CHUNK, [place, *chunk]), LOG_CHUNKS
    )
    circuit.assert_equal(place, position)
    elements = program_elements(
        version=circuit.constant(FORMAT_VERSION),
        level=circuit.constant(parameters.level),
        log_size=log_size,
        entry=entry,
        chunks=chunks,
        core=core,
        empty=empty,
        root=root,
    )
    _state_program(circuit, interface, elements)
    index = _verify(circuit, key, interface)[0]
    gap = circuit.subtract(circuit.subtract(index, circuit.one), place)
    circuit.assert_equal(circuit.multiply(is_beyond, gap), gap)
    first_beyond = circuit.constant((1 << LOG_CHUNKS) + 1)
    excess = circuit.multiply(is_beyond, circuit.subtract(index, first_beyond))
    low, _ = circuit.low_bits(excess, LOG_EDGES)
    circuit.assert_equal(low, excess)
    return circuit


def _state_program(circuit: Circuit, interface: Interface[Wire], elements: Sequence[Wire]) -> None:
    digest = hashing.hash_elements(circuit, TAG_PROGRAM, elements)
    for said, computed in zip(interface.program, digest, strict=True):
        circuit.assert_equal(said, computed)


def _verify(circuit: Circuit, key: KeyWires, interface: Interface[Wire]) -> list[Wire]:
    """Verify the segment and state what it shows; returns its public values."""
    publics = hinted_elements(circuit, len(key.kind.public_names))
    statement = Statement(interface.program, publics, interface.binding, interface.alpha, interface.beta)
    shown = verify_in_circuit(circuit, key, statement)
    total = coefficients(circuit, [shown.global_sum])
    said = (*interface.digest, interface.count, interface.weight, *interface.total)
    for one, other in zip(said, (*shown.leaf, circuit.one, shown.weight, *total), strict=True):
        circuit.assert_equal(one, other)
    circuit.elements(wires=interface.keys)
    return publics
