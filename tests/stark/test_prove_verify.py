"""A segment proof of the toy kind: accepted when true, refused when anything in it is changed."""

import dataclasses

import numpy as np
import pytest

from tests.stark.toy import BACKEND, JOB, PROGRAM, toy_fixed, toy_kind, toy_traces
from zisk.field import quintic
from zisk.field.koalabear import P, to_montgomery
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.stark.errors import TraceError, VerificationError
from zisk.stark.parameters import CircuitRole, circuit_parameters
from zisk.stark.proof import decode, encode
from zisk.stark.prove import commit_segment, prove_segment
from zisk.stark.verify import check_segment, verify_segment

KIND = toy_kind()
FIXED = toy_fixed(KIND)
KEY = FIXED.key


def _prove(traces, publics, backend=BACKEND) -> bytes:
    matrices = [to_montgomery(trace) for trace in traces]
    return encode(prove_segment(commit_segment(FIXED, matrices, publics, PROGRAM, backend), JOB, backend))


@pytest.fixture(scope="module")
def valid() -> bytes:
    return _prove(*toy_traces(20, 4, 100))


@pytest.mark.parametrize(("steps", "ladder"), [(20, 4), (1, 1), (32, 16), (2, 1)])
def test_true_statements_are_accepted(steps: int, ladder: int) -> None:
    traces, publics = toy_traces(steps, ladder, 7)
    segment = verify_segment(_prove(traces, publics), KEY, PROGRAM, JOB)
    assert segment.publics == dict(zip(KIND.public_names, publics, strict=True))
    expected = quintic.ZERO
    for value in range(7, 7 + ladder):
        fraction = quintic.inverse(JOB.bus.fingerprint(3, (value,)))
        expected = quintic.add(expected, fraction)
    assert segment.global_sum == expected


@pytest.mark.parametrize("role", [CircuitRole.FINAL, CircuitRole.COMPRESSED])
def test_other_blowups_caps_and_last_folds_prove_and_verify(role: CircuitRole) -> None:
    """The shape of circuit roles with few queries and little work; the toy's size leaves one fold."""
    parameters = dataclasses.replace(
        circuit_parameters(128, role),
        queries=3,
        query_grinding_bits=2,
        batching_grinding_bits=2,
        fold_grinding_bits=(3, 2),
    )
    fixed = toy_fixed(KIND, parameters)
    traces, publics = toy_traces(20, 4, 100)
    matrices = [to_montgomery(trace) for trace in traces]
    proof = prove_segment(commit_segment(fixed, matrices, publics, PROGRAM, BACKEND), JOB, BACKEND)
    assert (len(proof.main_cap), len(proof.fold_caps), len(proof.final_polynomial)) == (16, 1, 32)
    check_segment(proof, fixed.key, PROGRAM, JOB)
    words = np.frombuffer(encode(proof), dtype="<u4").copy()
    words[-1] = (int(words[-1]) + 1) % P
    with pytest.raises(VerificationError):
        verify_segment(words.tobytes(), fixed.key, PROGRAM, JOB)


def test_bytes_do_not_depend_on_threads(valid: bytes) -> None:
    assert _prove(*toy_traces(20, 4, 100), backend=CpuBackend(Pool(1))) == valid


def test_encoding_is_canonical(valid: bytes) -> None:
    assert encode(decode(valid, KEY)) == valid


def test_every_changed_word_is_refused(valid: bytes) -> None:
    words = np.frombuffer(valid, dtype="<u4").copy()
    for place in range(0, words.size, 7):
        changed = words.copy()
        changed[place] = (int(changed[place]) + 1) % P
        with pytest.raises(VerificationError):
            verify_segment(changed.tobytes(), KEY, PROGRAM, JOB)


@pytest.mark.parametrize("cut", [0, 1, 3, 4, 5, 100, -1, -4])
def test_truncated_bytes_are_refused(valid: bytes, cut: int) -> None:
    with pytest.raises(VerificationError):
        verify_segment(valid[:cut], KEY, PROGRAM, JOB)


def test_bytes_after_the_end_are_refused(valid: bytes) -> None:
    with pytest.raises(VerificationError, match="after its end"):
        verify_segment(valid + bytes(4), KEY, PROGRAM, JOB)


def test_element_plus_p_is_refused(valid: bytes) -> None:
    words = np.frombuffer(valid, dtype="<u4").copy()
    small = int(np.flatnonzero(words[1:] < 2**32 - P)[0]) + 1
    words[small] += P
    with pytest.raises(VerificationError, match="canonical"):
        verify_segment(words.tobytes(), KEY, PROGRAM, JOB)


@pytest.mark.parametrize("table", range(3))
def test_every_column_matters(table: int) -> None:
    """A changed cell of an active row ends in a refusal, by the prover itself or by the verifier."""
    traces, publics = toy_traces(20, 4, 100)
    for column in range(traces[table].shape[0]):
        changed = [trace.copy() for trace in traces]
        changed[table][column, 3] = (int(changed[table][column, 3]) + 1) % P
        with pytest.raises((TraceError, VerificationError)):
            verify_segment(_prove(changed, publics), KEY, PROGRAM, JOB)


@pytest.mark.parametrize("place", range(4))
def test_every_public_value_matters(place: int) -> None:
    traces, publics = toy_traces(20, 4, 100)
    publics[place] += 1
    with pytest.raises((TraceError, VerificationError)):
        verify_segment(_prove(traces, publics), KEY, PROGRAM, JOB)


def test_another_program_or_job_is_refused(valid: bytes) -> None:
    with pytest.raises(VerificationError):
        verify_segment(valid, KEY, (2, *PROGRAM[1:]), JOB)
    other = dataclasses.replace(JOB, binding=(0, *JOB.binding[1:]))
    with pytest.raises(VerificationError):
        verify_segment(valid, KEY, PROGRAM, other)


@pytest.mark.parametrize("heights", [(2, 5, 4), (3, 5, 5), (1, 5, 5), (9, 5, 5), (2, 4, 5), (2, 6, 5)])
def test_claimed_heights_are_checked(valid: bytes, heights: tuple[int, ...]) -> None:
    proof = dataclasses.replace(decode(valid, KEY), log_heights=heights)
    with pytest.raises(VerificationError):
        check_segment(proof, KEY, PROGRAM, JOB)
