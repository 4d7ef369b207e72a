"""What a job's challenge binds, on the real machine; its items one by one are in tests/stark/attacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from unittest.mock import patch

import pytest

from tests.attacks.forging import tell
from tests.attacks.proving import (
    Check,
    accepted,
    assert_composite_refused,
    assert_refused,
    challenge_of,
    claims_of,
    commit_job,
    folded_outcome,
    proof_under,
    set_up,
    without,
)
from tests.claims import claimed, claims_with
from tests.vm.jobs import INPUT, OUTPUT
from tests.vm.micro_programs import HALT, Line, micro_program
from zisk.proof_format import statement
from zisk.proof_format.job_proof import JobProof
from zisk.proof_format.statement import Claims
from zisk.prover import GlobalChallenge, Program
from zisk.stark.errors import Rejection
from zisk.stark.prove import CommittedSegment
from zisk.vm.operations import Operation as Op

GUEST = micro_program([Line(Op.LD, 6, 24), Line(Op.SD, 0, 25, 6), HALT], {10: 3, 24: INPUT, 25: OUTPUT})
ANY = (Rejection.PROOF_OF_WORK, Rejection.BUS, Rejection.CONSTRAINTS, Rejection.DEGREE, Rejection.OPENING)


@dataclass(frozen=True)
class Made:
    """An honest job of two core segments, in all its stages."""

    program: Program
    segments: list[CommittedSegment]
    challenge: GlobalChallenge
    proof: JobProof


@pytest.fixture(scope="module")
def made() -> Made:
    program, job = set_up(GUEST), tell(GUEST, data=b"\x05", steps=2)
    segments = commit_job(program, job)
    challenge = challenge_of(program, claims_of(job), segments)
    return Made(program, segments, challenge, proof_under(program, challenge, segments))


CHANGES: dict[str, Callable[[Claims], Claims]] = {
    "exit code": lambda claims: replace(claims, exit_code=4),
    "output": lambda claims: replace(claims, outputs=(6, *claims.outputs[1:])),
    "last key": lambda claims: claims_with(claims, last_key=claimed(claims, "last_key") + 1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_claim_changed_after_the_challenge(made: Made, name: str) -> None:
    """Refused twice: the challenge is another one, and the messages do not add up."""
    changed = replace(made.proof, claims=CHANGES[name](made.proof.claims))
    assert_refused(changed, made.program.key, *ANY, made_under=[made.challenge.job] * 3)
    with without(challenge=made.challenge):
        assert_composite_refused(changed, made.program.key, Rejection.BUS, text="do not join up")
    with without(Check.GLOBAL_SUM):
        assert_composite_refused(changed, made.program.key, *ANY)
    with without(Check.GLOBAL_SUM, challenge=made.challenge):
        assert accepted(changed, made.program.key).segments == 2


def test_traces_chosen_after_the_challenge(made: Made) -> None:
    """The run on another input, under the challenge of the first one's contributions: a whole true job."""
    job = tell(GUEST, data=b"\x06", steps=2)
    segments = commit_job(made.program, job)
    stale = replace(made.challenge, claims=claims_of(job))
    proof = proof_under(made.program, stale, segments)
    assert_refused(proof, made.program.key, *ANY, made_under=[stale.job] * 3)
    with without(challenge=made.challenge):
        assert accepted(proof, made.program.key).outputs[0] == 6


def test_segments_under_two_challenges(made: Made) -> None:
    """One segment is proved under a challenge of its own choice."""
    other = challenge_of(made.program, made.challenge.claims, made.segments, units=2)
    assert other.job != made.challenge.job
    mixed = proof_under(made.program, other, made.segments[:1]).segments + made.proof.segments[1:]
    for units in (1, 2):
        proof = replace(made.proof, units=units, segments=mixed)
        assert_refused(proof, made.program.key, *ANY, made_under=[other.job, *[made.challenge.job] * 2])


def test_segments_in_another_order_under_their_own_challenge(made: Made) -> None:
    """The challenge binds the order; the numbers of the segments refuse it. Folded, they are one run."""
    segments = [made.segments[1], made.segments[0], made.segments[2]]
    challenge = challenge_of(made.program, made.challenge.claims, segments)
    assert challenge.job != made.challenge.job
    proof = proof_under(made.program, challenge, segments)
    assert_composite_refused(proof, made.program.key, Rejection.STATEMENT, text="segment 2 stands at place 1")
    assert folded_outcome(proof, made.program.key) == folded_outcome(made.proof, made.program.key)


def test_a_weight_that_is_not_the_segments(made: Made) -> None:
    """The verifier counts for itself: the challenge of another weight is not its own."""
    weight = sum(one.weight for one in made.segments)
    assert made.challenge.weight == weight
    lying = challenge_of(made.program, made.challenge.claims, made.segments, weight=weight + 1)
    proof = proof_under(made.program, lying, made.segments)
    assert_refused(proof, made.program.key, *ANY, made_under=[lying.job] * 3)
    with without(challenge=lying):
        assert accepted(proof, made.program.key).segments == 2


def test_more_messages_than_a_job_may_have(made: Made) -> None:
    """The true weight of this job is one too much."""
    weight = sum(one.weight for one in made.segments)
    with patch.object(statement, "WEIGHT_LIMIT", weight):
        assert_refused(
            made.proof,
            made.program.key,
            Rejection.STATEMENT,
            text=f"weight {weight} is not from 0 to {weight - 1}",
        )
    with patch.object(statement, "WEIGHT_LIMIT", weight + 1):
        assert accepted(made.proof, made.program.key).segments == 2
