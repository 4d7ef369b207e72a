"""Hashing in circuits gives what `zisk.hash` gives: digests, Merkle openings, transcripts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.recursion.laboratory import BACKEND, lay_out, prove_and_verify
from zisk.field.koalabear import from_montgomery, to_montgomery
from zisk.hash.merkle import MerkleTree, commit_rows
from zisk.hash.rows import hash_leaves, hash_rows
from zisk.hash.sponge import RATE
from zisk.hash.sponge import hash_elements as native_digest
from zisk.hash.tags import TAG_LEAF, TAG_PART
from zisk.hash.transcript import Transcript
from zisk.recursion import hashing
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError, WitnessError
from zisk.recursion.hashing import (
    CircuitTranscript,
    cap_of_digests,
    coefficients,
    hash_elements,
    hinted_elements,
    open_leaf,
)
from zisk.recursion.memory import Block, Memory, Wire
from zisk.recursion.witness import execute
from zisk.stark.errors import TraceError, VerificationError

LOG_LEAVES, CAP_LOG = 6, 4
WIDTH = 40
ROWS = np.random.default_rng(7).integers(0, 2**30, (1 << LOG_LEAVES, WIDTH), dtype=np.uint32)


def committed() -> MerkleTree:
    return commit_rows(to_montgomery(ROWS), TAG_LEAF, CAP_LOG, BACKEND)


def path(tree: MerkleTree, leaf: int) -> list[int]:
    """The hints that open a leaf: its elements, then its siblings from the leaf upwards."""
    return [*ROWS[leaf].tolist(), *tree.open([leaf]).reshape(-1).tolist()]


def opening_circuit(leaf: int) -> tuple[Circuit, list[int], list[int]]:
    """A circuit that opens the leaf at a public index under a public cap of two openings' use."""
    return opening_in_parts(leaf, [WIDTH])


def opening_in_parts(leaf: int, widths: list[int]) -> tuple[Circuit, list[int], list[int]]:
    """The same of leaves whose parts have these widths; all but the last have their own sponges."""
    digests = hash_leaves(TAG_LEAF, widths[:-1], ROWS)
    tree = MerkleTree(np.ascontiguousarray(to_montgomery(digests).T), 0, CAP_LOG, BACKEND)
    cap = from_montgomery(tree.cap).T
    circuit = Circuit(publics=1 + cap.size)
    index, digests = circuit.publics[0], np.array(circuit.publics[1:]).reshape(cap.shape)
    number = cap_of_digests(circuit, [[Wire(int(wire)) for wire in digest] for digest in digests])
    open_leaf(circuit, TAG_LEAF, widths, index, number, LOG_LEAVES, CAP_LOG)
    return circuit, [leaf, *cap.reshape(-1).tolist()], path(tree, leaf)


def values(memory: Memory, wires: list[Wire]) -> list[int]:
    return [memory.base(wire) for wire in wires]


@pytest.mark.parametrize("length", [0, 1, 14, 15, 16, 30, 37])
def test_digests_are_those_of_the_sponge(length: int) -> None:
    circuit = Circuit()
    digest = hash_elements(circuit, 5, hinted_elements(circuit, length))
    message = [3 * k + 1 for k in range(length)]
    lay_out(circuit, [], message)
    assert values(execute(circuit, [], message), digest) == list(native_digest(5, message))


def test_transcripts_hand_out_the_same_challenges() -> None:
    native, circuit = Transcript(3), Circuit()
    transcript = CircuitTranscript(circuit, 3)
    hints: list[int] = []
    wires: list[Wire] = []
    expected: list[int] = []
    for length, samples in [(7, 3), (15, 1), (2, 20), (0, 4), (31, 5), (14, 16)]:
        message = [len(hints) + k + 1 for k in range(length)]
        native.absorb(message)
        transcript.absorb(hinted_elements(circuit, length))
        hints += message
        wires += transcript.state_digest()
        expected += native.state_digest()
        for _ in range(samples):
            wires.append(transcript.sample())
            expected.append(native.sample())
        value = transcript.sample_extension()
        wires += coefficients(circuit, [value])
        expected += native.sample_extension()
    lay_out(circuit, [], hints)
    assert values(execute(circuit, [], hints), wires) == expected


def test_nonces_and_indices_are_those_of_the_transcript() -> None:
    native, circuit = Transcript(3), Circuit()
    native.absorb([1, 2, 3])
    nonce = native.clone().grind(4, BACKEND)
    assert nonce > 0
    assert native.check_nonce(nonce, 4)
    transcript = CircuitTranscript(circuit, 3)
    transcript.absorb(hinted_elements(circuit, 3))
    transcript.check_nonce(hinted_elements(circuit, 1)[0], 4)
    indices = [circuit.low_bits(transcript.sample(), 9)[0] for _ in range(20)]
    lay_out(circuit, [], [1, 2, 3, nonce])
    assert values(execute(circuit, [], [1, 2, 3, nonce]), indices) == native.sample_indices(20, 9)
    with pytest.raises(WitnessError):
        execute(circuit, [], [1, 2, 3, nonce - 1])


@pytest.mark.parametrize("leaf", [0, 1, 2, 21, 37, 62, 63])
def test_leaves_open_at_their_index(leaf: int) -> None:
    lay_out(*opening_circuit(leaf))


def test_another_index_another_leaf_or_another_cap_has_no_witness() -> None:
    circuit, publics, hints = opening_circuit(21)
    for changed in ([20, *publics[1:]], [publics[0], *publics[2:], 5], [21 + 64, *publics[1:]]):
        with pytest.raises(WitnessError, match="does not lead to"):
            execute(circuit, changed, hints)
    for place in (0, 39, 40, 57):
        changed = list(hints)
        changed[place] ^= 1
        with pytest.raises(WitnessError, match="does not lead to"):
            execute(circuit, publics, changed)


@pytest.mark.parametrize("widths", [[WIDTH], [7, 3, 30]])
def test_an_opening_is_proved_and_verified(widths: list[int]) -> None:
    circuit, publics, hints = opening_in_parts(37, widths)
    trial = lay_out(circuit, publics, hints)
    assert prove_and_verify(trial) == publics
    lie = trial.claims([36, *publics[1:]])
    assert trial.violations(publics=lie)
    with pytest.raises((TraceError, VerificationError)):
        prove_and_verify(trial, lie)


@pytest.mark.parametrize("widths", [[7, 33], [15, 15, 10], [1, 31, 8], [30, 3, 7]])
def test_a_leaf_in_parts_opens_to_the_digest_of_its_parts(widths: list[int]) -> None:
    """Parts that fill their blocks and that do not, shorter than a block and longer."""
    circuit, publics, hints = opening_in_parts(37, widths)
    trial = lay_out(circuit, publics, hints)
    assert not trial.violations()
    for place in range(WIDTH):
        forged = [*hints]
        forged[place] += 1
        with pytest.raises(WitnessError):
            execute(circuit, publics, forged)


def test_only_the_shared_block_ties_a_part_to_its_leaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the leaf absorbs hinted elements in place of what the part's sponge gives, any part opens."""
    given = hash_rows(TAG_PART, ROWS[37:38, :7], RATE)[0].tolist()
    forged = [5] * 7
    with monkeypatch.context() as patched:
        absorb = hashing._absorb_hinted

        def untied(*arguments: Any) -> list[Block]:
            circuit, chain, start, width, before, *output = arguments
            if output:
                circuit.elements(block=output[0], hinted=RATE)
            return absorb(circuit, chain, start, width, before)

        patched.setattr(hashing, "_absorb_hinted", untied)
        weak, publics, hints = opening_in_parts(37, [7, 33])
    lay_out(weak, publics, [*given, *forged, *hints[7:]])
    tied, _, _ = opening_in_parts(37, [7, 33])
    with pytest.raises(WitnessError):
        execute(tied, publics, [*forged, *hints[7:]])


def test_parts_of_other_widths_are_another_leaf() -> None:
    _, publics, hints = opening_in_parts(37, [15, 15, 10])
    other, _, _ = opening_in_parts(37, [15, 10, 15])
    with pytest.raises(WitnessError):
        execute(other, publics, hints)


@pytest.mark.parametrize(("log_leaves", "width"), [(0, 40), (6, 0)])
def test_trees_without_paths_and_empty_leaves_are_refused(log_leaves: int, width: int) -> None:
    circuit = Circuit()
    with pytest.raises(CircuitError):
        open_leaf(circuit, TAG_LEAF, [width], circuit.one, 1, log_leaves, CAP_LOG)


def test_a_cap_has_as_many_digests_as_its_level_has_nodes() -> None:
    circuit = Circuit()
    cap = cap_of_digests(circuit, [hinted_elements(circuit, 9)] * 8)
    open_leaf(circuit, TAG_LEAF, [WIDTH], circuit.one, cap, LOG_LEAVES, 3)
    for cap_log in (2, 4):
        with pytest.raises(CircuitError, match=f"cap 1 has 8 digests, that of the tree 2\\^{cap_log}"):
            open_leaf(circuit, TAG_LEAF, [WIDTH], circuit.one, cap, LOG_LEAVES, cap_log)
    with pytest.raises(CircuitError, match="has no paths to open"):
        open_leaf(circuit, TAG_LEAF, [WIDTH], circuit.one, cap, 25, 3)
