"""What a verifier asks of a proof beside that it holds: each demand alone, met and not met."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zisk.proof_format.forms import ProofForm
from zisk.proof_format.job_header import JobHeader
from zisk.proof_format.statement import Claims
from zisk.stark.errors import Rejection, VerificationError
from zisk.verifier.outcome import KeyOrigin, Outcome, exit_text
from zisk.verifier.policy import ANY_LEVEL, DEFAULT_POLICY, Policy

PROGRAM = (1, *[0] * 8)
DIGEST = b"\1" + bytes(35)
OUTPUTS = (5, *[0] * 63)
HEADER = JobHeader(
    program=PROGRAM, level=100, log_size=16, units=1, claims=Claims(3, OUTPUTS, (1, 1), (0,)), nonces=()
)
OUTCOME = Outcome(
    form=ProofForm.FINAL,
    digest=DIGEST,
    exit_code=3,
    outputs=OUTPUTS,
    segments=1,
    steps=None,
    security=100,
    log_size=16,
)


def refusal(check, subject: object) -> str:
    with pytest.raises(VerificationError) as caught:
        check(subject)
    assert caught.value.reason is Rejection.POLICY
    return caught.value.detail


def test_128_bits_are_asked_for_unless_said_otherwise() -> None:
    low = (
        "the proof has a security level of 100 bits, at least 128 are asked for; where fewer are enough, "
        "say so with --min-security, or minimal_security in Python"
    )
    assert refusal(DEFAULT_POLICY.check_header, HEADER) == low
    DEFAULT_POLICY.check_header(replace(HEADER, level=128))
    Policy(100).check_header(HEADER)
    ANY_LEVEL.check_header(replace(HEADER, level=0))


def test_a_digest_is_asked_for() -> None:
    Policy(100, digest=DIGEST).check_header(HEADER)
    assert refusal(Policy(100, digest=bytes(36)).check_header, HEADER) == (
        f"the proof is for program {DIGEST.hex()}, the one expected is {bytes(36).hex()}; "
        "a digest is of one guest, size and level"
    )


def test_an_exit_code_is_asked_for() -> None:
    DEFAULT_POLICY.check_outcome(OUTCOME)
    Policy(exit_code=3).check_outcome(OUTCOME)
    assert refusal(Policy(exit_code=0).check_outcome, OUTCOME) == (
        "the guest's exit code is 3, the one expected is 0; "
        "guests of unmodified ZisK leave it undefined: expect none of those"
    )


@pytest.mark.parametrize("place", [0, 1, 63])
def test_every_public_word_is_asked_for(place: int) -> None:
    Policy(outputs=OUTPUTS).check_outcome(OUTCOME)
    other = (*OUTPUTS[:place], 0xFFFFFFFF, *OUTPUTS[place + 1 :])
    assert refusal(Policy(outputs=other).check_outcome, OUTCOME) == (
        f"public word {place} is {OUTPUTS[place]:08x}, the one expected is ffffffff; "
        "compare the guest's input and version"
    )


def test_a_key_is_as_given_unless_its_origin_is_said() -> None:
    assert OUTCOME.key_origin is KeyOrigin.GIVEN


@pytest.mark.parametrize(
    ("exit_code", "text"),
    [
        (0, "0"),
        ((1 << 63) - 1, "9223372036854775807"),
        (1 << 63, "-9223372036854775808 (9223372036854775808)"),
        ((1 << 64) - 1, "-1 (18446744073709551615)"),
    ],
)
def test_an_exit_code_is_shown_as_c_writes_it(exit_code: int, text: str) -> None:
    assert exit_text(exit_code) == text
