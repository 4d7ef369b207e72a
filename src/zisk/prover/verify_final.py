"""Verification of a final proof: one proof of one circuit, and what the job claims beside it.

The circuit's public values are those of the whole job's subtree: which program, global challenge and allowed
keys its segments were verified with, and what they leave. Whether these are the right ones is checked here.
"""

from __future__ import annotations

from zisk.field import quintic
from zisk.prover.final_proof import FinalProof
from zisk.prover.forms import ProofForm
from zisk.prover.job_checks import check_statement, check_total, checked_work
from zisk.prover.outcome import Outcome
from zisk.prover.program_key import ProgramKey, digest_bytes
from zisk.prover.statement import derive_challenge
from zisk.recursion.interface import NO_JOB, NO_PROGRAM, Interface
from zisk.recursion.shipped import shipped_keys
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import Digest
from zisk.stark.parameters import parameters_for
from zisk.stark.proof import decode
from zisk.stark.transcript_order import JobChallenge
from zisk.stark.verify import check_segment


def verify_final(proof: FinalProof, key: ProgramKey) -> Outcome:
    """Verify a decoded final proof under a program's key.

    Raises:
        VerificationError: the proof is refused, and why.
    """
    check_statement(proof, key)
    shipped = shipped_keys(key.level)
    circuit = shipped.compressed if proof.compressed else shipped.final
    decoded = decode(proof.proof, circuit)
    said = Interface.of_publics(decoded.publics)
    challenge = _check_interface(said, proof, key, shipped.root)
    check_total(quintic.element(said.total), challenge.bus, proof, key)
    check_segment(decoded, circuit, NO_PROGRAM, NO_JOB)
    return Outcome(
        form=ProofForm.COMPRESSED if proof.compressed else ProofForm.FINAL,
        digest=digest_bytes(key.digest),
        exit_code=proof.claims.exit_code,
        outputs=proof.claims.outputs,
        segments=proof.claims.core,
        steps=None,
        security=key.level,
        log_size=key.log_size,
    )


def _check_interface(said: Interface[int], proof: FinalProof, key: ProgramKey, keys: Digest) -> JobChallenge:
    """Check that the segments were verified for this program, with shipped circuits, under this challenge."""
    if said.program != key.digest:
        raise VerificationError(Rejection.KEY, "the segments were verified for another program")
    if said.keys != keys:
        raise VerificationError(
            Rejection.KEY, "the segments were verified by circuits that this version does not ship"
        )
    challenge = derive_challenge(
        program_digest=key.digest,
        level=key.level,
        log_size=key.log_size,
        grinding_bits=parameters_for(key.level).global_grinding_bits,
        keys=keys,
        claims=proof.claims,
        units=proof.units,
        root=said.digest,
        count=said.count,
        weight=said.weight,
        work=checked_work(proof, key),
    )
    bus = BusChallenge(quintic.element(said.alpha), quintic.element(said.beta))
    if challenge != JobChallenge(said.binding, bus):
        raise VerificationError(
            Rejection.CHALLENGE, "the segments were verified under another global challenge"
        )
    return challenge
