"""Verification of a job's proof, whatever its form; of a composite one every segment, and what joins them.

It imports nothing that proves. `docs/soundness.md` has the statement that it establishes.
"""

from __future__ import annotations

from zisk.field import quintic
from zisk.proof_format.containers import decode_proof
from zisk.proof_format.final_proof import FinalProof
from zisk.proof_format.forms import ProofForm
from zisk.proof_format.job_proof import JobProof
from zisk.proof_format.program_key import ProgramKey, decode_key, digest_bytes
from zisk.proof_format.statement import derive_challenge
from zisk.proof_format.units import contribution_root
from zisk.recursion.shipped import shipped_keys
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import Digest, VerifyingKey
from zisk.stark.parameters import parameters_for
from zisk.stark.proof import Outline, outline
from zisk.stark.transcript_order import JobChallenge, leaf_digests
from zisk.stark.verify import VerifiedSegment, verify_segment
from zisk.verifier.job_checks import check_segment_count, check_statement, check_total, checked_work
from zisk.verifier.outcome import Outcome
from zisk.verifier.policy import DEFAULT_POLICY, Policy
from zisk.verifier.verify_final import verify_final
from zisk.vm.kinds.core import KIND as CORE


def verify(proof: bytes, key: bytes, policy: Policy = DEFAULT_POLICY) -> Outcome:
    """Verify a job's proof under a program's key, which is taken to be the right one.

    Raises:
        VerificationError: the proof is refused, and why.
    """
    decoded = decode_proof(memoryview(proof))
    policy.check_header(decoded)
    if isinstance(decoded, FinalProof):
        outcome = verify_final(decoded, decode_key(key))
    else:
        outcome = verify_job(decoded, decode_key(key))
    policy.check_outcome(outcome)
    return outcome


def verify_job(proof: JobProof, key: ProgramKey) -> Outcome:
    """Verify a decoded composite proof; see `verify`."""
    check_statement(proof, key)
    check_segment_count(proof)
    keys: list[VerifyingKey] = []
    outlines: list[Outline] = []
    for position, data in enumerate(proof.segments):
        keys.append(key.key_of(*proof.claims.located(position)))
        outlines.append(outline(data, keys[-1]))
    challenge = _challenge(proof, key, keys, outlines)
    total, steps = quintic.ZERO, 0
    for position, (data, one) in enumerate(zip(proof.segments, keys, strict=True)):
        verified = verify_segment(data, one, key.digest, challenge)
        steps += _check_place(verified, proof, position)
        total = quintic.add(total, verified.global_sum)
    check_total(total, challenge.bus, proof, key)
    return Outcome(
        form=ProofForm.COMPOSITE,
        digest=digest_bytes(key.digest),
        exit_code=proof.claims.exit_code,
        outputs=proof.claims.outputs,
        segments=proof.claims.count(CORE),
        steps=steps,
        security=key.level,
        log_size=key.log_size,
    )


def _challenge(
    proof: JobProof, key: ProgramKey, keys: list[VerifyingKey], outlines: list[Outline]
) -> JobChallenge:
    """Recompute every leaf from the proofs themselves, and from the leaves the challenge."""
    weight = 0
    for segment, one in zip(outlines, keys, strict=True):
        if not one.heights_allowed(segment.log_heights):
            raise VerificationError(Rejection.SHAPE, f"{one.kind.name}: heights are not allowed")
        weight += one.kind.weight(segment.log_heights)
    committed = [segment.committed for segment in outlines]
    leaves, start = list[Digest](), 0
    for count in proof.claims.counts:
        some = slice(start, start + count)
        leaves += leaf_digests(keys[some], key.digest, committed[some])
        start += count
    return derive_challenge(
        program_digest=key.digest,
        level=key.level,
        log_size=key.log_size,
        grinding_bits=parameters_for(key.level).global_grinding_bits,
        keys=shipped_keys(key.level).root,
        claims=proof.claims,
        units=proof.units,
        root=contribution_root(leaves, proof.units),
        count=len(leaves),
        weight=weight,
        work=checked_work(proof),
    )


def _check_place(segment: VerifiedSegment, proof: JobProof, position: int) -> int:
    """Check that a segment stands where its number says; returns the steps that it executed."""
    kind, place = proof.claims.located(position)
    number = place + 1
    if segment.publics["index"] != number:
        raise VerificationError(
            Rejection.STATEMENT, f"segment {segment.publics['index']} stands at place {number}"
        )
    if kind.steps is None:
        return 0
    steps = kind.steps(segment.publics)
    if steps < 1:
        raise VerificationError(Rejection.STATEMENT, f"{kind.name} segment {number} executes nothing")
    return steps
