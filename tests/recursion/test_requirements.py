"""The requirements of kinds in circuits: what numbers are refused for has no witness, and nothing else."""

from __future__ import annotations

import dataclasses

import pytest

from tests.recursion.laboratory import lay_out, prove_and_verify
from tests.recursion.verifying import public_values_of, verifier
from tests.stark.toy import JOB, PROGRAM
from zisk.field.koalabear import P
from zisk.field.quintic import ZERO
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import WitnessError
from zisk.recursion.requirements import record_requirements
from zisk.recursion.segment_hints import segment_hints
from zisk.recursion.witness import execute
from zisk.stark.commitment import FixedTables
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.expression import public
from zisk.stark.kind import Kind
from zisk.stark.proof import SegmentProof
from zisk.stark.public_values import Below, NotZero
from zisk.stark.verify import check_segment
from zisk.vm.kinds import core_kind
from zisk.vm.memory_map import HALTED

LOG_SIZE = 16
LONGEST = 4 * 2**LOG_SIZE + 1
CORE = core_kind(LOG_SIZE)

ALLOWED = [
    (1, 0, 7, 5),
    (1, 40, HALTED, LONGEST),
    (2**24 - 1, HALTED - 1, 0, 9),
]
REFUSED = {
    "index 0": (0, 40, 7, 5),
    "index 2^24": (2**24, 40, 7, 5),
    "index -1": (P - 1, 40, 7, 5),
    "starts after the halt": (1, HALTED, 7, 5),
    "no steps": (1, 40, 7, 1),
    "ends before it starts": (1, 40, 7, 0),
    "half a step": (1, 40, 7, 7),
    "one step too many": (1, 40, 7, LONGEST + 4),
}


def checking(kind: Kind) -> Circuit:
    """A circuit that states what a kind demands; a wire that no row names would have no place in it."""
    circuit = Circuit(publics=len(kind.public_names))
    for wire in circuit.publics:
        circuit.assert_equal(wire, wire)
    record_requirements(circuit, kind, circuit.publics)
    return circuit


@pytest.mark.parametrize("publics", ALLOWED)
def test_what_the_core_kind_allows_the_circuit_allows(publics: tuple[int, ...]) -> None:
    assert CORE.unmet(publics) == []
    assert prove_and_verify(lay_out(checking(CORE), publics)) == list(publics)


@pytest.mark.parametrize("publics", REFUSED.values(), ids=REFUSED.keys())
def test_what_the_core_kind_refuses_the_circuit_refuses(publics: tuple[int, ...]) -> None:
    assert len(CORE.unmet(publics)) == 1
    with pytest.raises(WitnessError):
        execute(checking(CORE), publics)


def test_both_sorts_of_requirements_are_stated_of_expressions() -> None:
    first, second = public(0), public(1)
    kind = Kind(
        "pairs",
        9,
        4,
        (),
        ("first", "second"),
        requirements=(
            Below(first * second - 3, 2, "the product is 3 to 6"),
            NotZero(first - second, "the two differ"),
        ),
    )
    circuit = checking(kind)
    for pair in ((1, 3), (3, 2), (P - 1, P - 6), (1, 2), (1, 7), (2, 2), (0, 5)):
        if kind.unmet(pair):
            with pytest.raises(WitnessError):
                execute(circuit, pair)
        else:
            execute(circuit, pair)
    assert [bool(kind.unmet(pair)) for pair in ((1, 3), (3, 2), (P - 1, P - 6))] == [False] * 3
    assert [bool(kind.unmet(pair)) for pair in ((1, 2), (1, 7), (2, 2), (0, 5))] == [True] * 4


def test_a_proof_that_lacks_nothing_else_is_refused_for_a_requirement(
    fixed: FixedTables, proof: SegmentProof
) -> None:
    """Keys and transcripts say nothing of requirements, so two kinds that differ in them share proofs."""
    steps = proof.publics[2]
    hints = segment_hints(proof, fixed.key, PROGRAM, JOB)
    publics = public_values_of(proof, fixed.key, PROGRAM, JOB)
    for value, is_met in ((public(2) - steps + 1, True), (public(2) - steps, False)):
        requirement = NotZero(value, "walks have another number of steps")
        key = dataclasses.replace(
            fixed.key, kind=dataclasses.replace(fixed.key.kind, requirements=(requirement,))
        )
        circuit = verifier(key, proof.log_heights)
        if is_met:
            check_segment(proof, key, PROGRAM, JOB)
            execute(circuit, publics, hints.values, (hints.gamma, ZERO))
            continue
        with pytest.raises(VerificationError) as caught:
            check_segment(proof, key, PROGRAM, JOB)
        assert caught.value.reason is Rejection.STATEMENT
        with pytest.raises(WitnessError):
            execute(circuit, publics, hints.values, (hints.gamma, ZERO))
