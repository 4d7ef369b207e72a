"""Opening points in a domain, zero denominators, nonces, and words that are not canonical."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from tests.stark.attacks.items import LenientTranscript
from tests.stark.attacks.kinds import PLAIN
from tests.stark.attacks.weak import accepted_by_weak, refused
from tests.stark.forge import Forger, fraction
from tests.stark.toy import BACKEND, JOB, LOG_SIZE, PROGRAM, SQUARE, STEP, toy_fixed, toy_kind, toy_traces
from zisk.field import quintic
from zisk.field.koalabear import P, coset_shift, root_of_unity, to_montgomery
from zisk.field.quintic import DEGREE, Element
from zisk.hash.transcript import Transcript
from zisk.stark import proof as proof_module
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, TraceError, VerificationError
from zisk.stark.expression import Scope
from zisk.stark.proof import SegmentProof, decode, encode, proof_shape
from zisk.stark.transcript_order import SearchedWork, SegmentTranscript
from zisk.stark.verify import check_segment, verify_segment

KIND = toy_kind()
FIXED = toy_fixed(KIND, PLAIN)
KEY = FIXED.key
WALK = 1


@contextmanager
def forced(step: str, challenge: Any) -> Iterator[None]:
    """Inside, both sides of the protocol draw this challenge at a step."""
    with ExitStack() as stack:
        for transcript in (SegmentTranscript, LenientTranscript):
            stack.enter_context(patch.object(transcript, step, lambda *_: challenge))
        yield


# The opening point.


def test_zeta_in_the_trace_domain_would_show_one_row_only() -> None:
    """There Z is zero, so that a trace which is false on other rows passes with any quotient."""
    traces, publics = toy_traces(20, 8, 100)
    traces[0][0, 5] += 1
    row = quintic.from_base(pow(root_of_unity(LOG_SIZE), 2, P))
    with forced("point", row):
        forged = Forger(FIXED, traces, publics).prove()
        refused(forged, KEY, Rejection.CONSTRAINTS)
        accepted_by_weak(forged, KEY, _check_zeta=lambda *_: None)


@pytest.mark.parametrize("exponent", [0, 1, 511])
def test_zeta_in_the_evaluation_domain_is_refused(exponent: int) -> None:
    proof = Forger(FIXED, *toy_traces(20, 8, 100)).prove()
    point = coset_shift(LOG_SIZE) * pow(root_of_unity(LOG_SIZE + 1), exponent, P) % P
    with (
        forced("point", quintic.from_base(point)),
        pytest.raises(VerificationError, match="lies in a domain"),
    ):
        check_segment(proof, KEY, PROGRAM, JOB)


# Zero denominators.


def challenge_without(bus: int, message: tuple[int, int]) -> BusChallenge:
    """A local challenge under which a message's fingerprint is zero."""
    beta: Element = (2, 7, 1, 8, 2)
    alpha = quintic.neg(BusChallenge(quintic.ZERO, beta).fingerprint(bus, message))
    return BusChallenge(alpha, beta)


def test_a_public_message_with_fingerprint_zero_is_refused() -> None:
    proof = Forger(FIXED, *toy_traces(20, 4, 100)).prove()
    with (
        forced("local_challenge", challenge_without(STEP.number, (0, 0))),
        pytest.raises(VerificationError, match="fingerprint of a public message is zero"),
    ):
        check_segment(proof, KEY, PROGRAM, JOB)


PADDING = 25
SPARE = (77, 88)


class FreeSum(Forger):
    """Uses a row whose denominator is zero and multiplicity too: there the running sum may jump."""

    def stage2_columns(self, table: int) -> tuple[np.ndarray, dict[Scope, Element]]:
        """As if the row held zeros; then a jump by what is missing, from that row on and in the sum."""
        if table != WALK:
            return super().stage2_columns(table)
        kept = self.traces[WALK]
        self.traces[WALK] = kept.copy()
        self.traces[WALK][:, PADDING] = 0
        matrix, sums = super().stage2_columns(table)
        self.traces[WALK] = kept
        bus = self.buses[Scope.LOCAL]
        claimed = fraction(bus, STEP.number, (self.publics[2], self.publics[3]))
        jump = quintic.sub(claimed, fraction(bus, STEP.number, (self.publics[2], self.publics[3] - 1)))
        error = to_montgomery(np.array(jump, dtype=np.uint64)).reshape(DEGREE, 1).astype(np.uint64)
        phi = matrix[DEGREE : 2 * DEGREE, PADDING + 1 :]
        phi[:] = ((phi + error) % np.uint64(P)).astype(np.uint32)
        return matrix, {Scope.LOCAL: quintic.add(sums[Scope.LOCAL], jump)}


def spare_row() -> tuple[list[np.ndarray], list[int]]:
    """A walk with a false total and a message on a padding row that no table knows."""
    traces, publics = toy_traces(20, 4, 100)
    traces[WALK][1, PADDING], traces[WALK][3, PADDING] = SPARE
    publics[3] += 1
    return traces, publics


def test_a_zero_denominator_frees_a_sum_which_is_why_the_report_counts_every_row() -> None:
    """The verifier cannot see this: the LogUp term bounds the chance of such a challenge."""
    with forced("local_challenge", challenge_without(SQUARE.number, SPARE)):
        verify_segment(encode(FreeSum(FIXED, *spare_row()).prove()), KEY, PROGRAM, JOB)


def test_under_other_challenges_the_same_jump_is_refused() -> None:
    refused(FreeSum(FIXED, *spare_row()).prove(), KEY, Rejection.CONSTRAINTS)


def test_the_prover_refuses_a_zero_denominator() -> None:
    with (
        forced("local_challenge", challenge_without(SQUARE.number, (3, 9))),
        pytest.raises(TraceError, match="fingerprint is zero"),
    ):
        Forger(FIXED, *toy_traces(20, 4, 100)).prove()


# Proofs-of-work.

WORK = dataclasses.replace(
    PLAIN,
    local_grinding_bits=6,
    constraint_grinding_bits=6,
    deep_grinding_bits=6,
    batching_grinding_bits=6,
    fold_grinding_bits=(6,),
    query_grinding_bits=6,
)
WORKING = toy_fixed(KIND, WORK)


class Lazy(SearchedWork):
    """Absorbs the nonce 0 and searches nothing."""

    def passed(self, transcript: Transcript, bits: int) -> None:
        """Take the element that should have had zeros."""
        if bits:
            transcript.check_nonce(0, bits)
            self.nonces.append(0)


class LazyForger(Forger):
    """Proves without work."""

    def make_work(self) -> SearchedWork:
        return Lazy(BACKEND)


class Unchecked:
    """Absorbs nonces without looking at what they show."""

    def __init__(self, nonces: tuple[int, ...]) -> None:
        self._nonces = iter(nonces)

    def passed(self, transcript: Transcript, bits: int) -> None:
        if bits:
            transcript.check_nonce(next(self._nonces), bits)


@pytest.fixture(scope="module")
def worked() -> SegmentProof:
    return Forger(WORKING, *toy_traces(20, 4, 100)).prove()


def test_a_proof_without_work_is_refused() -> None:
    proof = LazyForger(WORKING, *toy_traces(20, 4, 100)).prove()
    refused(proof, WORKING.key, Rejection.PROOF_OF_WORK)
    accepted_by_weak(proof, WORKING.key, CheckedWork=Unchecked)


def test_nonces_of_other_challenges_are_refused(worked: SegmentProof) -> None:
    assert all(one != following for one, following in pairwise(worked.nonces))
    assert len(worked.nonces) == proof_shape(WORKING.key.kind, WORKING.key.parameters).nonces == 6
    for place in range(5):
        nonces = list(worked.nonces)
        nonces[place], nonces[place + 1] = nonces[place + 1], nonces[place]
        swapped = dataclasses.replace(worked, nonces=tuple(nonces))
        refused(swapped, WORKING.key, Rejection.PROOF_OF_WORK)


@pytest.mark.parametrize("missing", range(6))
def test_a_missing_nonce_is_refused(worked: SegmentProof, missing: int) -> None:
    nonces = worked.nonces[:missing] + worked.nonces[missing + 1 :]
    shorter = dataclasses.replace(worked, nonces=nonces)
    with pytest.raises(VerificationError):
        verify_segment(encode(shorter), WORKING.key, PROGRAM, JOB)
    with pytest.raises(VerificationError) as caught:
        check_segment(shorter, WORKING.key, PROGRAM, JOB)
    assert caught.value.reason is Rejection.PROOF_OF_WORK


def test_a_prover_that_skips_the_fold_nonce_is_refused() -> None:
    """What it proves is valid where the level asks for no such nonce."""
    easier = toy_fixed(KIND, dataclasses.replace(WORK, fold_grinding_bits=()))
    proof = Forger(easier, *toy_traces(20, 4, 100)).prove()
    accepted_by_weak(proof, easier.key)
    with pytest.raises(VerificationError) as caught:
        check_segment(proof, WORKING.key, PROGRAM, JOB)
    assert caught.value.reason is Rejection.PROOF_OF_WORK


# Words x + p.


def test_every_region_refuses_a_word_that_is_not_canonical(worked: SegmentProof) -> None:
    data = encode(worked)
    words = np.frombuffer(data, dtype="<u4")
    for place in range(1, words.size, 101):
        changed = words.copy()
        changed[place] += P
        with pytest.raises(VerificationError) as caught:
            verify_segment(changed.tobytes(), WORKING.key, PROGRAM, JOB)
        assert caught.value.reason is Rejection.FORMAT


def test_without_that_check_an_opened_row_would_have_a_second_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values of rows enter sums modulo p: x + p would pass where the hash reduces it as well."""
    proof = Forger(FIXED, *toy_traces(20, 4, 100)).prove()
    monkeypatch.setattr(proof_module, "P", 1 << 33)
    rows = proof.trees[1].rows.copy()
    rows[0, 0] += P
    second = dataclasses.replace(
        proof, trees=(proof.trees[0], dataclasses.replace(proof.trees[1], rows=rows), *proof.trees[2:])
    )
    assert encode(decode(encode(second), KEY)) != encode(proof)
    check_segment(second, KEY, PROGRAM, JOB)


def test_a_nonce_plus_p_is_refused_by_the_transcript_itself(worked: SegmentProof) -> None:
    nonces = (worked.nonces[0] + P, *worked.nonces[1:])
    with pytest.raises(VerificationError) as caught:
        check_segment(dataclasses.replace(worked, nonces=nonces), WORKING.key, PROGRAM, JOB)
    assert caught.value.reason is Rejection.PROOF_OF_WORK
