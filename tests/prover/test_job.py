"""A job from execution to verdict, whoever computes its units."""

import dataclasses

import pytest

from tests.claims import claimed, claims_with
from tests.prover.jobs import DATA, UNITS, Job
from zisk.proof_format.job_proof import decode_job_proof, encode_job_proof
from zisk.proof_format.program_key import decode_key
from zisk.prover import (
    ContributionError,
    Program,
    ProofForm,
    ProvingSession,
    UnitProofError,
    VerificationError,
    execute,
    global_challenge,
    verify,
)
from zisk.prover.contribution import decode_contribution, encode_contribution
from zisk.prover.debug import check_job
from zisk.prover.unit_proof import assemble_job

pytestmark = pytest.mark.timeout(300)


def test_a_job_of_several_segments_is_accepted(program: Program, job: Job) -> None:
    execution = execute(program, DATA)
    outcome = verify(job.proof, program.key)
    assert outcome.outputs == execution.outputs
    assert outcome.exit_code == execution.exit_code
    assert outcome.digest == program.digest
    assert (outcome.steps, outcome.segments) == (execution.steps, 3)


def test_uneven_sessions_in_any_order_give_the_same_bytes(
    program: Program, job: Job, short_segments: None
) -> None:
    shares = [[2], [0, 1]]
    sessions = [
        ProvingSession(program, DATA, units=UNITS, allocation=share, form=ProofForm.COMPOSITE, cache_bytes=0)
        for share in shares
    ]
    contributions = [session.contributions() for session in sessions]
    challenge = global_challenge(program, contributions)
    assert global_challenge(program, contributions[::-1]) == challenge == job.challenge
    proofs: dict[int, bytes] = {}
    for share, session in zip(shares, sessions, strict=True):
        proofs.update(zip(share, session.prove(challenge), strict=True))
    assert assemble_job(program.program_key, challenge, proofs) == job.proof


def test_the_debug_checker_finds_nothing(program: Program, short_segments: None) -> None:
    assert check_job(program, DATA) == []


def test_key_survives_its_bytes(program: Program) -> None:
    decoded = decode_key(program.key)
    assert decoded.encode() == program.key
    assert decoded.digest == program.program_key.digest


def test_containers_survive_their_bytes(job: Job) -> None:
    assert encode_contribution(decode_contribution(job.contribution)) == job.contribution
    assert encode_job_proof(decode_job_proof(job.proof)) == job.proof


def test_units_of_a_contribution_stand_in_order(program: Program, job: Job) -> None:
    """So that it has one form."""
    decoded = decode_contribution(job.contribution)
    alone = [
        encode_contribution(dataclasses.replace(decoded, shares={unit: decoded.shares[unit]}))
        for unit in (1, 0)
    ]
    head = len(job.contribution) - sum(16 + 36 * len(share.leaves) for share in decoded.shares.values())
    swapped = alone[0][: head - 4] + (2).to_bytes(4, "little") + b"".join(one[head:] for one in alone)
    with pytest.raises(ContributionError, match="unit 0 does not stand in order"):
        decode_contribution(swapped)


def test_missing_doubled_and_foreign_contributions_are_refused(program: Program, job: Job) -> None:
    decoded = decode_contribution(job.contribution)
    part = encode_contribution(dataclasses.replace(decoded, shares={0: decoded.shares[0]}))
    other = dataclasses.replace(decoded, claims=dataclasses.replace(decoded.claims, exit_code=1))
    with pytest.raises(ContributionError, match="no contribution was given"):
        global_challenge(program, [])
    with pytest.raises(ContributionError, match="missing"):
        global_challenge(program, [part])
    with pytest.raises(ContributionError, match="contributes twice"):
        global_challenge(program, [job.contribution, part])
    with pytest.raises(ContributionError, match="disagree"):
        global_challenge(program, [part, encode_contribution(other)])
    with pytest.raises(ContributionError, match="this is no contribution"):
        global_challenge(program, [job.contribution[:-1]])


def test_missing_and_swapped_unit_proofs_are_refused(program: Program, job: Job) -> None:
    with pytest.raises(UnitProofError, match="unit 1 is missing"):
        assemble_job(program.program_key, job.challenge, {0: job.units[0], 2: job.units[2]})
    with pytest.raises(UnitProofError, match="is of unit 2"):
        assemble_job(program.program_key, job.challenge, {**job.units, 1: job.units[2]})


def test_a_session_refuses_a_challenge_that_does_not_bind_it(program: Program, job: Job) -> None:
    session = ProvingSession(program, DATA, units=UNITS, allocation=[0])
    with pytest.raises(ContributionError, match="not contributed yet"):
        session.prove(job.challenge)


@pytest.mark.parametrize("change", ["outputs", "exit_code", "core", "edges", "last_key", "units", "nonces"])
def test_every_claim_is_bound(program: Program, job: Job, change: str) -> None:
    proof = decode_job_proof(job.proof)
    claims = proof.claims
    if change == "outputs":
        proof = dataclasses.replace(
            proof, claims=dataclasses.replace(claims, outputs=(claims.outputs[0] ^ 1, *claims.outputs[1:]))
        )
    elif change in ("units", "nonces"):
        proof = dataclasses.replace(proof, **{change: 4 if change == "units" else (proof.nonces[0] + 1,)})
    else:
        value = (claims.exit_code if change == "exit_code" else claimed(claims, change)) + 1
        proof = dataclasses.replace(proof, claims=claims_with(claims, **{change: value}))
    with pytest.raises(VerificationError):
        verify(encode_job_proof(proof), program.key)


def test_segments_cannot_be_moved_dropped_or_repeated(program: Program, job: Job) -> None:
    proof = decode_job_proof(job.proof)
    segments = proof.segments
    for changed in (
        (segments[1], segments[0], *segments[2:]),
        segments[1:],
        segments[:-1],
        (segments[0], *segments),
        (segments[0], segments[0], *segments[2:]),
    ):
        with pytest.raises(VerificationError):
            verify(encode_job_proof(dataclasses.replace(proof, segments=changed)), program.key)


@pytest.mark.parametrize("data", [b"", b"pzJ1", b"garbage" * 100, bytes(10_000_000)])
def test_garbage_is_refused(program: Program, data: bytes) -> None:
    with pytest.raises(VerificationError):
        verify(data, program.key)


@pytest.mark.parametrize("data", [b"", b"pzK1", b"garbage" * 100, bytes(100_000)])
def test_garbage_keys_are_refused(job: Job, data: bytes) -> None:
    with pytest.raises(VerificationError, match="verifying key is malformed"):
        verify(job.proof, data)
