"""Verification of a job: every segment, and every condition between segments.

It imports nothing that proves. `docs/soundness.md` has the statement that it establishes.
"""

from __future__ import annotations

from dataclasses import dataclass

from zisk.field import quintic
from zisk.field.koalabear import P
from zisk.prover.job_proof import JobProof, decode_job_proof
from zisk.prover.program_key import ProgramKey, decode_key, digest_bytes
from zisk.prover.statement import check_claims, derive_challenge
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.expression import Scope
from zisk.stark.key import VerifyingKey
from zisk.stark.parameters import parameters_for
from zisk.stark.proof import SegmentProof, decode
from zisk.stark.transcript_order import CheckedWork, JobChallenge, SegmentTranscript
from zisk.stark.verify import VerifiedSegment, check_segment, term_value
from zisk.vm.memory_map import HALTED
from zisk.vm.tables.frame import TICKS_PER_STEP


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a valid proof shows.

    Attributes:
        digest: the program digest, 36 bytes.
        exit_code: a0 at the halt, 64 bits; guests that do not set it leave anything there.
        outputs: the 64 public 32-bit words.
        segments: core segments of the run.
        steps: micro-operations executed, over all segments.
    """

    digest: bytes
    exit_code: int
    outputs: tuple[int, ...]
    segments: int
    steps: int
    security: int
    log_size: int


def verify(proof: bytes, key: bytes) -> Outcome:
    """Verify a job's proof under a program's key.

    Raises:
        VerificationError: the proof is refused, and why.
    """
    return verify_job(decode_job_proof(proof), decode_key(key))


def verify_job(proof: JobProof, key: ProgramKey) -> Outcome:
    """Verify a decoded job proof; see `verify`."""
    if (proof.level, proof.log_size) != (key.level, key.log_size):
        raise VerificationError(
            Rejection.KEY,
            f"the proof has size {proof.log_size} and security {proof.level}, "
            f"the key {key.log_size} and {key.level}",
        )
    if proof.program != key.digest:
        raise VerificationError(
            Rejection.KEY,
            f"the proof is for program {digest_bytes(proof.program).hex()}, "
            f"the key for {digest_bytes(key.digest).hex()}",
        )
    check_claims(proof.claims)
    if len(proof.segments) != proof.claims.segments:
        raise VerificationError(
            Rejection.STATEMENT, f"{len(proof.segments)} segments where {proof.claims.segments} are claimed"
        )
    if proof.claims.edges < len(key.chunks):
        raise VerificationError(Rejection.STATEMENT, "a chunk of the program's initial words is skipped")
    keys: list[VerifyingKey] = []
    decoded: list[SegmentProof] = []
    for position, data in enumerate(proof.segments):
        keys.append(_key_at(key, proof, position))
        decoded.append(decode(data, keys[-1]))
    challenge = _challenge(proof, key, keys, decoded)
    total, steps = quintic.ZERO, 0
    for position, (segment, one) in enumerate(zip(decoded, keys, strict=True)):
        verified = check_segment(segment, one, key.digest, challenge)
        steps += _check_place(verified, proof, position)
        total = quintic.add(total, verified.global_sum)
    _check_global_sum(total, challenge.bus, proof, key)
    return Outcome(
        digest_bytes(key.digest),
        proof.claims.exit_code,
        proof.claims.outputs,
        proof.claims.core,
        steps,
        key.level,
        key.log_size,
    )


def _key_at(key: ProgramKey, proof: JobProof, position: int) -> VerifyingKey:
    core = proof.claims.core
    return key.core_key if position < core else key.edges_key(position - core)


def _challenge(
    proof: JobProof, key: ProgramKey, keys: list[VerifyingKey], decoded: list[SegmentProof]
) -> JobChallenge:
    """Recompute every leaf from the proofs themselves, and from the leaves the challenge."""
    leaves, weight = [], 0
    for segment, one in zip(decoded, keys, strict=True):
        if not one.heights_allowed(segment.log_heights):
            raise VerificationError(Rejection.SHAPE, f"{one.kind.name}: heights are not allowed")
        transcript = SegmentTranscript(one, CheckedWork(()))
        leaves.append(
            transcript.commit_main(key.digest, segment.log_heights, segment.publics, segment.main_cap)
        )
        weight += one.kind.weight(segment.log_heights)
    bits = parameters_for(key.level).global_grinding_bits
    if len(proof.nonces) != (1 if bits else 0) or any(nonce >= P for nonce in proof.nonces):
        raise VerificationError(Rejection.PROOF_OF_WORK, "the global challenge has another number of nonces")
    return derive_challenge(
        program_digest=key.digest,
        level=key.level,
        log_size=key.log_size,
        grinding_bits=bits,
        claims=proof.claims,
        units=proof.units,
        leaves=leaves,
        weight=weight,
        work=CheckedWork(proof.nonces),
    )


def _check_place(segment: VerifiedSegment, proof: JobProof, position: int) -> int:
    """Check that a segment stands where its number says; returns the steps that it executed."""
    core = proof.claims.core
    number = position + 1 if position < core else position - core + 1
    if segment.publics["index"] != number:
        raise VerificationError(
            Rejection.STATEMENT, f"segment {segment.publics['index']} stands at place {number}"
        )
    if position >= core:
        return 0
    ticks = segment.publics["end_ts"] - 1
    if segment.publics["pc_in"] == HALTED or ticks < TICKS_PER_STEP:
        raise VerificationError(Rejection.STATEMENT, f"core segment {number} executes nothing")
    return ticks // TICKS_PER_STEP


def _check_global_sum(total: quintic.Element, bus: BusChallenge, proof: JobProof, key: ProgramKey) -> None:
    for term in proof.claims.terms(key.entry):
        total = quintic.add(total, term_value(term, {Scope.GLOBAL: bus}))
    if total != quintic.ZERO:
        raise VerificationError(
            Rejection.BUS, "the segments do not join up to one run with these public values"
        )
