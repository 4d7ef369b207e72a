"""The verifier of the toy kind as a circuit: only true proofs have a witness, and it is proved itself."""

from __future__ import annotations

import dataclasses

import pytest

from tests.recursion.laboratory import Trial, lay_out, prove_and_verify
from tests.recursion.verifying import public_values_of, statement_lengths, verifier
from tests.stark.toy import BACKEND, JOB, PROGRAM, toy_traces
from zisk.field.koalabear import P, to_montgomery
from zisk.field.quintic import DEGREE, ZERO, element
from zisk.kernels.circuit_layout import Permutation
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError, WitnessError
from zisk.recursion.keys import constant_key
from zisk.recursion.segment_circuit import Statement, verify_in_circuit
from zisk.recursion.segment_hints import SegmentHints, segment_hints
from zisk.recursion.witness import execute, public_values
from zisk.stark.commitment import FixedTables
from zisk.stark.errors import TraceError, VerificationError
from zisk.stark.proof import SegmentProof
from zisk.stark.prove import commit_segment, prove_segment

HEIGHTS = (2, 5, 5)


@pytest.fixture(scope="module")
def circuit(fixed: FixedTables) -> Circuit:
    return verifier(fixed.key, HEIGHTS)


@pytest.fixture(scope="module")
def publics(fixed: FixedTables, proof: SegmentProof) -> list[int]:
    return public_values_of(proof, fixed.key, PROGRAM, JOB)


@pytest.fixture(scope="module")
def hints(fixed: FixedTables, proof: SegmentProof) -> SegmentHints:
    return segment_hints(proof, fixed.key, PROGRAM, JOB)


@pytest.fixture(scope="module")
def trial(circuit: Circuit, publics: list[int], hints: SegmentHints) -> Trial:
    return lay_out(circuit, publics, hints.values, (hints.gamma, ZERO), log_size=13)


def test_queries_take_the_rows_that_were_counted(trial: Trial) -> None:
    """Twelve queries: leaves of 2, 6, 20 and 10 elements, paths of two; a fold of 40 and a path of one.

    The leaves of 6 and 20 have three parts of less than a block each, two of which the third absorbs.
    """
    queries = 12 * (1 + 5 + 5 + 1 + 4 * 2 + 3 + 1)
    poseidon = trial.compiled.rows[trial.table("poseidon")]
    transcripts = poseidon[poseidon[:, Permutation.CHAIN] < 2]
    assert len(poseidon) - len(transcripts) == queries
    assert trial.rows("fold") == 12
    assert trial.rows("bits") == 31 * (12 + 2 + 1), "queries, nonces, a range that the kind demands"
    assert trial.rows("horner") == 12 * (1 + 3 + 3 + 1)


def test_the_circuit_is_proved_and_verified(trial: Trial, publics: list[int]) -> None:
    assert prove_and_verify(trial) == publics
    lie = trial.claims([*publics[:-1], (publics[-1] + 1) % P])
    assert trial.violations(publics=lie)
    with pytest.raises((TraceError, VerificationError)):
        prove_and_verify(trial, lie)


def test_every_changed_public_value_is_refused(
    circuit: Circuit, publics: list[int], hints: SegmentHints
) -> None:
    for place in range(len(publics)):
        changed = list(publics)
        changed[place] = (changed[place] + 1) % P
        with pytest.raises(WitnessError):
            execute(circuit, changed, hints.values, (hints.gamma, ZERO))


def test_changed_hints_are_refused(circuit: Circuit, publics: list[int], hints: SegmentHints) -> None:
    for place in range(0, len(hints.values), 97):
        changed = list(hints.values)
        changed[place] = (changed[place] + 1) % P
        with pytest.raises(WitnessError):
            execute(circuit, publics, changed, (hints.gamma, ZERO))


def test_rows_are_summed_with_the_challenge_that_the_transcript_draws(
    circuit: Circuit, trial: Trial, publics: list[int], hints: SegmentHints
) -> None:
    for place in range(DEGREE):
        other = element((one + (k == place)) % P for k, one in enumerate(hints.gamma))
        with pytest.raises(WitnessError):
            execute(circuit, publics, hints.values, (other, ZERO))
        assert trial.violations(publics=public_values(publics, (other, ZERO)))


def test_a_circuit_verifies_two_proofs_with_a_challenge_each(
    fixed: FixedTables, proof: SegmentProof, hints: SegmentHints
) -> None:
    traces, values = toy_traces(19, 4, 200)
    segment = commit_segment(fixed, [to_montgomery(trace) for trace in traces], values, PROGRAM, BACKEND)
    other = prove_segment(segment, JOB, BACKEND)
    lengths = statement_lengths(fixed.key)
    circuit = Circuit(publics=2 * sum(lengths))
    wires, publics = iter(circuit.publics), []
    for which, one in enumerate((proof, other)):
        statement = Statement(*([next(wires) for _ in range(count)] for count in lengths))
        verify_in_circuit(circuit, constant_key(circuit, fixed.key, HEIGHTS), statement, which=which)
        publics += [*PROGRAM, *one.publics, *JOB.binding, *JOB.bus.alpha, *JOB.bus.beta]
    more = segment_hints(other, fixed.key, PROGRAM, JOB)
    given = [*hints.values, *more.values]
    trial = lay_out(circuit, publics, given, (hints.gamma, more.gamma), log_size=14)
    assert prove_and_verify(trial) == publics
    with pytest.raises(WitnessError):
        execute(circuit, publics, given, (more.gamma, hints.gamma))


def test_what_the_circuit_cannot_verify_is_refused(fixed: FixedTables) -> None:
    lengths = statement_lengths(fixed.key)
    circuit = Circuit(publics=sum(lengths))
    wires = iter(circuit.publics)
    statement = Statement(*([next(wires) for _ in range(count)] for count in lengths))
    with pytest.raises(CircuitError, match="does not allow heights"):
        constant_key(circuit, fixed.key, (2, 5, 4))
    other = dataclasses.replace(fixed.key.parameters, log_folding_arity=2)
    key = constant_key(circuit, dataclasses.replace(fixed.key, parameters=other), HEIGHTS)
    with pytest.raises(CircuitError, match="circuits fold by 8"):
        verify_in_circuit(circuit, key, statement)
