"""Jobs whose claims, segments, order or challenge are changed, before and after the global challenge."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from tests.claims import claims_with
from tests.stark.attacks.toy_job import (
    CLAIMS,
    KEY,
    LEVEL,
    OUTPUTS,
    challenge_of,
    committed,
    core_segment,
    edges_segment,
    prove_all,
    prove_job,
    rebound,
    verify,
)
from tests.stark.toy import BACKEND, LOG_SIZE, PROGRAM
from zisk.field.koalabear import P
from zisk.proof_format.forms import ProofForm
from zisk.proof_format.job_proof import JobProof
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.proof import encode
from zisk.stark.prove import CommittedSegment, commit_segment, prove_segment
from zisk.stark.transcript_order import JobChallenge
from zisk.stark.verify import verify_segment
from zisk.verifier.outcome import Outcome
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.memory_map import HALTED

VERIFIER = import_module("zisk.verifier.verify")
"""The module: the package has a function of this name."""


@pytest.fixture(scope="module")
def segments() -> tuple[CommittedSegment, ...]:
    return committed()


@pytest.fixture(scope="module")
def valid(segments: tuple[CommittedSegment, ...]) -> JobProof:
    return prove_job(segments)


def refused(proof: JobProof, *reasons: Rejection) -> None:
    """Assert that the real verifier refuses a job, for one of these reasons."""
    with pytest.raises(VerificationError) as caught:
        verify(proof)
    assert caught.value.reason in reasons


@contextmanager
def without(**replaced: Any) -> Iterator[None]:
    """Inside, functions of the job's verifier are replaced."""
    with ExitStack() as stack:
        for name, function in replaced.items():
            stack.enter_context(patch.object(VERIFIER, name, function))
        yield


def bound_to(job: JobChallenge) -> Any:
    """In place of `_challenge`: a verifier that takes this challenge as given."""
    return lambda *_: job


def nothing(*_: Any) -> None:
    """In place of a check."""


@pytest.mark.parametrize("units", [1, 2, 3, 10])
def test_a_true_job_is_accepted(segments: tuple[CommittedSegment, ...], units: int) -> None:
    assert verify(prove_job(segments, units=units)) == Outcome(
        form=ProofForm.COMPOSITE,
        digest=np.array(PROGRAM, dtype="<u4").tobytes(),
        exit_code=20,
        outputs=OUTPUTS,
        segments=3,
        steps=21,
        security=LEVEL,
        log_size=LOG_SIZE,
    )


# Claims.

CHANGES = [
    pytest.param({"exit_code": 21}, id="exit code"),
    pytest.param({"exit_code": 20 + (1 << 32)}, id="upper exit code"),
    pytest.param({"outputs": (*OUTPUTS[:63], 190)}, id="one output word"),
    pytest.param({"outputs": (OUTPUTS[1], OUTPUTS[0], *OUTPUTS[2:])}, id="two output words"),
    pytest.param({"last_key": 78}, id="end of the edges chain"),
    pytest.param({"core": 2, "edges": 2}, id="segment counts"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_claim_changed_after_the_challenge_is_refused(
    valid: JobProof, segments: tuple[CommittedSegment, ...], change: dict[str, Any]
) -> None:
    """With the old nonce, with a new one, and with every segment proved anew for the false claim."""
    changed = dataclasses.replace(valid, claims=claims_with(CLAIMS, **change))
    with pytest.raises(VerificationError):
        verify(changed)
    new_nonce = rebound(valid, segments, **change)
    refused(new_nonce, Rejection.BUS, Rejection.CONSTRAINTS, Rejection.FORMAT)
    proved_anew = prove_job(segments, changed.claims)
    refused(proved_anew, Rejection.BUS, Rejection.FORMAT)


@pytest.mark.parametrize("change", CHANGES[:-1])
def test_what_refuses_a_claim_changed_after_the_challenge(
    valid: JobProof, segments: tuple[CommittedSegment, ...], change: dict[str, Any]
) -> None:
    """Two locks: the challenge over the claim, and the claim's messages on the global buses."""
    changed = dataclasses.replace(valid, claims=claims_with(CLAIMS, **change))
    job = challenge_of(segments)[0]
    with without(_challenge=bound_to(job)):
        refused(changed, Rejection.BUS)
    with without(check_total=nothing):
        refused(rebound(valid, segments, **change), Rejection.BUS, Rejection.CONSTRAINTS)
    with without(_challenge=bound_to(job), check_total=nothing):
        outcome = verify(changed)
    assert (outcome.exit_code, outcome.outputs) == (changed.claims.exit_code, changed.claims.outputs)


@pytest.mark.parametrize("units", [1, 2, 4, 10])
def test_another_number_of_units_is_refused(
    valid: JobProof, segments: tuple[CommittedSegment, ...], units: int
) -> None:
    refused(rebound(valid, segments, units=units), Rejection.BUS, Rejection.CONSTRAINTS)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"exit_code": 1 << 64}, id="exit code of 65 bits"),
        pytest.param({"exit_code": -1}, id="negative exit code"),
        pytest.param({"outputs": OUTPUTS[:63]}, id="63 words"),
        pytest.param({"outputs": (1 << 32, *OUTPUTS[1:])}, id="word of 33 bits"),
        pytest.param({"last_key": P}, id="key of p"),
        pytest.param({"core": 0, "edges": 4}, id="no core segment"),
        pytest.param({"core": 4, "edges": 0}, id="no edges segment"),
        pytest.param({"core": 4}, id="one segment too many"),
        pytest.param({"core": 2}, id="one segment too few"),
    ],
)
def test_impossible_claims_are_refused(valid: JobProof, change: dict[str, Any]) -> None:
    refused(dataclasses.replace(valid, claims=claims_with(CLAIMS, **change)), Rejection.STATEMENT)


@pytest.mark.parametrize("change", [{"level": 100}, {"log_size": 16}], ids=str)
def test_another_level_or_size_is_refused(valid: JobProof, change: dict[str, int]) -> None:
    refused(dataclasses.replace(valid, **change), Rejection.KEY)


# The nonce.


def test_the_global_challenge_needs_its_nonce(valid: JobProof) -> None:
    for nonces in ((), (*valid.nonces, 0), (valid.nonces[0] + P,), (valid.nonces[0] + 1,)):
        refused(dataclasses.replace(valid, nonces=nonces), Rejection.PROOF_OF_WORK)


# Leaves.


def padded_otherwise(segment: CommittedSegment) -> CommittedSegment:
    """The same statement with another number on a padding row, and so another main cap."""
    traces = [trace.copy() for trace in segment.traces]
    inactive = int(np.flatnonzero(traces[0][0] == 0)[0])
    traces[0][4, inactive] = 5
    return commit_segment(segment.fixed, traces, segment.publics, PROGRAM, BACKEND)


def test_a_segment_proved_with_another_main_cap_than_contributed_is_refused(
    valid: JobProof, segments: tuple[CommittedSegment, ...]
) -> None:
    """Its proof is valid under the job's challenge; a verifier that does not recompute leaves takes it."""
    job = challenge_of(segments)[0]
    other = padded_otherwise(segments[0])
    assert other.publics == segments[0].publics
    assert other.leaf != segments[0].leaf
    proofs = (*prove_all([other], job), *valid.segments[1:])
    exchanged = dataclasses.replace(valid, segments=proofs)
    refused(exchanged, Rejection.PROOF_OF_WORK, Rejection.BUS, Rejection.CONSTRAINTS)
    refused(rebound(exchanged, (other, *segments[1:])), Rejection.BUS, Rejection.CONSTRAINTS)
    with without(_challenge=bound_to(job)):
        assert verify(exchanged) == verify(valid)


def test_segments_under_two_challenges_are_refused(
    valid: JobProof, segments: tuple[CommittedSegment, ...]
) -> None:
    other = challenge_of(segments, claims_with(CLAIMS, exit_code=0))[0]
    for place in range(4):
        proofs = list(valid.segments)
        (proofs[place],) = prove_all([segments[place]], other)
        refused(dataclasses.replace(valid, segments=tuple(proofs)), Rejection.BUS, Rejection.CONSTRAINTS)


# Order and number of segments.


def test_segments_in_another_order_are_refused(segments: tuple[CommittedSegment, ...]) -> None:
    """Swapped before the challenge: the sums do not notice, their places do."""
    swapped = prove_job((segments[1], segments[0], *segments[2:]))
    refused(swapped, Rejection.STATEMENT)
    with without(_check_place=lambda *_: 0):
        assert verify(swapped).exit_code == 20


def test_proofs_in_another_order_are_refused(valid: JobProof, segments: tuple[CommittedSegment, ...]) -> None:
    """Swapped after the challenge."""
    order = (1, 0, 2, 3)
    proofs = dataclasses.replace(valid, segments=tuple(valid.segments[place] for place in order))
    moved = rebound(proofs, [segments[place] for place in order])
    refused(moved, Rejection.BUS, Rejection.CONSTRAINTS)


def test_a_segment_given_twice_is_refused(segments: tuple[CommittedSegment, ...]) -> None:
    for place in range(3):
        doubled = (*segments[: place + 1], segments[place], *segments[place + 1 :])
        proof = prove_job(doubled, claims_with(CLAIMS, core=4))
        refused(proof, Rejection.STATEMENT)
        with without(_check_place=lambda *_: 0):
            refused(proof, Rejection.BUS)


@pytest.mark.parametrize("dropped", [0, 1, 2])
def test_a_segment_left_out_is_refused(segments: tuple[CommittedSegment, ...], dropped: int) -> None:
    """Whether the rest keep their numbers or move up."""
    rest = segments[:dropped] + segments[dropped + 1 :]
    claims = claims_with(CLAIMS, core=2)
    refused(prove_job(rest, claims), Rejection.STATEMENT, Rejection.BUS)
    with without(_check_place=lambda *_: 0):
        refused(prove_job(rest, claims), Rejection.BUS)


def test_the_words_put_out_twice_or_never_are_refused(segments: tuple[CommittedSegment, ...]) -> None:
    twice = (*segments, edges_segment(2, 77, 90))
    refused(prove_job(twice, claims_with(CLAIMS, edges=2, last_key=90)), Rejection.BUS)
    once = (*segments, edges_segment(2, 77, 90, used=0))
    assert verify(prove_job(once, claims_with(CLAIMS, edges=2, last_key=90))).steps == 21
    refused(prove_job((*segments[:3], edges_segment(used=0))), Rejection.BUS)


def test_a_broken_edges_chain_is_refused(segments: tuple[CommittedSegment, ...]) -> None:
    claims = claims_with(CLAIMS, edges=2, last_key=90)
    gap = (*segments, edges_segment(2, 78, 90, used=0))
    refused(prove_job(gap, claims), Rejection.BUS)
    other_start = (*segments[:3], edges_segment(1, 5, 77))
    refused(prove_job(other_start), Rejection.BUS)


# The state between segments.


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(lambda: core_segment(2, 6, 8), id="starts elsewhere"),
        pytest.param(lambda: core_segment(2, 5, 8), id="ends before the third starts"),
        pytest.param(lambda: core_segment(3, 5, 9), id="has the third's number"),
    ],
)
def test_a_segment_that_does_not_join_its_neighbours_is_refused(
    segments: tuple[CommittedSegment, ...], second: Any
) -> None:
    proof = prove_job((segments[0], second(), *segments[2:]))
    refused(proof, Rejection.BUS, Rejection.STATEMENT)
    with without(_check_place=lambda *_: 0):
        refused(proof, Rejection.BUS)


def test_a_run_from_another_entry_is_refused(segments: tuple[CommittedSegment, ...]) -> None:
    refused(prove_job((core_segment(1, 1, 4), *segments[1:])), Rejection.BUS)


def test_a_run_without_a_halt_is_refused(segments: tuple[CommittedSegment, ...]) -> None:
    unfinished = (*segments[:2], core_segment(3, 14, 6), segments[3])
    refused(prove_job(unfinished), Rejection.BUS)


@pytest.mark.parametrize(
    ("pc_in", "pc_out", "end_ts"),
    [
        pytest.param(14, HALTED, 1, id="no step"),
        pytest.param(14, HALTED, 27, id="a fraction of a step"),
        pytest.param(14, HALTED, 1 + 4 * 257, id="too many steps"),
        pytest.param(HALTED, HALTED, 29, id="after the halt"),
    ],
)
def test_public_values_of_no_segment_are_refused(
    segments: tuple[CommittedSegment, ...], pc_in: int, pc_out: int, end_ts: int
) -> None:
    honest = segments[2]
    false = commit_segment(honest.fixed, honest.traces, (3, pc_in, pc_out, end_ts), PROGRAM, BACKEND)
    refused(prove_job((*segments[:2], false, segments[3])), Rejection.STATEMENT)


def test_a_segment_after_the_halt_is_refused(segments: tuple[CommittedSegment, ...]) -> None:
    """It would restart at the entry; the state bus has one terminus, at the last segment's end."""
    again = (*segments[:3], core_segment(4, 0, 5), segments[3])
    refused(prove_job(again, claims_with(CLAIMS, core=4)), Rejection.BUS)


def test_two_runs_in_one_job_are_refused(segments: tuple[CommittedSegment, ...]) -> None:
    """A second whole run, numbered on: two exits, two beginnings."""
    second = [core_segment(4, 0, 5), core_segment(5, 5, 16)]
    both = (*segments[:3], *second, segments[3])
    refused(prove_job(both, claims_with(CLAIMS, core=5)), Rejection.BUS)


def test_a_wrong_end_timestamp_is_refused(segments: tuple[CommittedSegment, ...]) -> None:
    job = challenge_of(segments)[0]
    proof = encode(prove_segment(core_segment(1, 0, 5, end_ts=25), job, BACKEND))
    with pytest.raises(VerificationError) as caught:
        verify_segment(proof, KEY.key_of(CORE, 0), PROGRAM, job)
    assert caught.value.reason is Rejection.BUS
    refused(prove_job((core_segment(1, 0, 5, end_ts=25), *segments[1:])), Rejection.BUS)
