"""Leaf circuits: one segment proof verified, under a key that the program digest vouches for.

A leaf computes the key's digest from cap and heights, opens the program digest at the place where that key
stands, and verifies the segment under it. So a key that set-up did not derive has no witness, whatever a
prover puts in the proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zisk.hash.sponge import DIGEST_LENGTH, Digest
from zisk.hash.tags import TAG_CHUNK, TAG_PROGRAM
from zisk.recursion import hashing
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError
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
from zisk.vm.segment_kind import KeyPlan, SegmentKind

LOG_SEGMENTS = 20
"""Segments of a kind in a job are at most two to this."""


def leaf_hints(
    own: SegmentKind,
    proof: SegmentProof,
    key: VerifyingKey,
    program: ProgramParts,
    job: JobChallenge,
    digest: Digest,
) -> SegmentHints:
    """What `record_leaf` needs for a proof of a segment of a kind; `digest` is the program's."""
    verifying = segment_hints(proof, key, digest, job)
    parts = [] if own.has_job_size else [program.log_size]
    parts += [program.entry, program.chunks]
    for number, known in program.keys.items():
        if number != own.number:
            parts += known.elements
        elif own.keys is KeyPlan.BY_CHUNK:
            parts += known.rest
    if own.keys is KeyPlan.BY_CHUNK:
        known, place = program.keys[own.number], proof.publics[0] - 1
        is_beyond = place >= len(known.chunks)
        opened = 0 if is_beyond else place
        parts += [*known.chunks[opened], int(is_beyond), opened, *path_hints(known.tree, opened)]
    return verifying.after(key_hints(key, proof.log_heights), parts, proof.publics)


def record_leaf(
    own: SegmentKind, kinds: Sequence[SegmentKind], kind: Kind, parameters: SecurityParameters
) -> Circuit:
    """The circuit that verifies one segment of a kind in a shape of it.

    Args:
        own: the kind.
        kinds: all that the program digest has keys of, by number.
        kind: the shape.
        parameters: of the segment's proof.

    Raises:
        CircuitError: `kinds` lacks the kind, so that nothing would vouch for the segment's key.
    """
    if own not in kinds:
        raise CircuitError(f"{own.name}: a program has no key of this kind")
    record = record_chunk_leaf if own.keys is KeyPlan.BY_CHUNK else record_single_leaf
    return record(own, kinds, kind, parameters)


def record_single_leaf(
    own: SegmentKind, kinds: Sequence[SegmentKind], kind: Kind, parameters: SecurityParameters
) -> Circuit:
    """The circuit that verifies one segment of a kind of one key."""
    circuit = Circuit(INTERFACE_LENGTH)
    interface = Interface.split(circuit.publics)
    key = hinted_key(circuit, kind, parameters)
    parameters_of_program = _hinted_parameters(circuit, own)
    keys = [key.digest if one is own else _hinted_keys(circuit, one) for one in kinds]
    _state_program(circuit, interface, _elements(circuit, key, parameters_of_program, keys))
    _verify(circuit, key, interface)
    return circuit


def record_chunk_leaf(
    own: SegmentKind, kinds: Sequence[SegmentKind], kind: Kind, parameters: SecurityParameters
) -> Circuit:
    """The circuit that verifies one segment of a kind with keys by chunk.

    Segment number j, from 1, has the key of chunk j, at place j - 1 of the tree of chunks; beyond the tree it
    has the key without a chunk, and the tree is opened anywhere.
    """
    circuit = Circuit(INTERFACE_LENGTH)
    interface = Interface.split(circuit.publics)
    key = hinted_key(circuit, kind, parameters)
    parameters_of_program = _hinted_parameters(circuit, own)
    known = {
        one.number: hinted_elements(circuit, DIGEST_LENGTH) if one is own else _hinted_keys(circuit, one)
        for one in kinds
    }
    empty = known[own.number]
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
    known[own.number] = [*empty, *root]
    _state_program(circuit, interface, _elements(circuit, key, parameters_of_program, known.values()))
    index = _verify(circuit, key, interface)[0]
    gap = circuit.subtract(circuit.subtract(index, circuit.one), place)
    circuit.assert_equal(circuit.multiply(is_beyond, gap), gap)
    first_beyond = circuit.constant((1 << LOG_CHUNKS) + 1)
    excess = circuit.multiply(is_beyond, circuit.subtract(index, first_beyond))
    low, _ = circuit.low_bits(excess, LOG_SEGMENTS)
    circuit.assert_equal(low, excess)
    return circuit


def _hinted_parameters(circuit: Circuit, own: SegmentKind) -> list[Wire]:
    """The program's entry and number of chunks; before them its size, unless the kind's size is that."""
    return hinted_elements(circuit, 2 if own.has_job_size else 3)


def _hinted_keys(circuit: Circuit, kind: SegmentKind) -> list[Wire]:
    """What the program digest has of the keys of a kind."""
    digests = 2 if kind.keys is KeyPlan.BY_CHUNK else 1
    return [element for _ in range(digests) for element in hinted_elements(circuit, DIGEST_LENGTH)]


def _elements(
    circuit: Circuit, key: KeyWires, parameters: Sequence[Wire], keys: Iterable[Sequence[Wire]]
) -> list[Wire]:
    """What the program digest is the hash of; `parameters` are those of `_hinted_parameters`."""
    *size, entry, chunks = parameters
    return program_elements(
        version=circuit.constant(FORMAT_VERSION),
        level=circuit.constant(key.parameters.level),
        log_size=size[0] if size else circuit.constant(key.kind.log_size),
        entry=entry,
        chunks=chunks,
        keys=keys,
    )


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
