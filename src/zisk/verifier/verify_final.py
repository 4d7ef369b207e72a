"""Verification of a final proof: one proof of one circuit, and what the job claims beside it.

The circuit's public values are those of the whole job's subtree: which program, global challenge and allowed
keys its segments were verified with, and what they leave. Whether these are the right ones is checked here.
"""

from __future__ import annotations

from dataclasses import dataclass

from zisk.field import quintic
from zisk.proof_format.final_proof import FinalProof
from zisk.proof_format.forms import ProofForm
from zisk.proof_format.program_key import ProgramKey, digest_bytes
from zisk.proof_format.statement import derive_challenge
from zisk.recursion.interface import NO_JOB, NO_PROGRAM, Interface
from zisk.recursion.shipped import shipped_keys
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import Digest, VerifyingKey
from zisk.stark.parameters import parameters_for
from zisk.stark.proof import SegmentProof, decode
from zisk.stark.transcript_order import JobChallenge
from zisk.stark.verify import check_segment
from zisk.verifier.job_checks import check_statement, check_total, checked_work
from zisk.verifier.outcome import Outcome
from zisk.vm.kinds.core import KIND as CORE


@dataclass(frozen=True, slots=True)
class OpenedFinal:
    """A final proof whose circuit says that segments were verified for its claims: it may lie.

    Attributes:
        circuit: the key that the circuit's proof is verified under.
        said: the interface of the circuit.
        challenge: of the job.
    """

    circuit: VerifyingKey
    decoded: SegmentProof
    said: Interface[int]
    challenge: JobChallenge

    def check_proof(self) -> None:
        """Check the circuit's proof itself.

        Raises:
            VerificationError: it is refused, and why.
        """
        check_segment(self.decoded, self.circuit, NO_PROGRAM, NO_JOB)


def open_final(proof: FinalProof) -> OpenedFinal:
    """Take a final proof apart, and check what it says of its segments against its claims.

    Raises:
        VerificationError: the proof is refused, and why.
    """
    shipped = shipped_keys(proof.level)
    circuit = shipped.compressed if proof.compressed else shipped.final
    decoded = decode(proof.proof, circuit)
    said = Interface.of_publics(decoded.publics)
    return OpenedFinal(circuit, decoded, said, _check_interface(said, proof, shipped.root))


def verify_final(proof: FinalProof, key: ProgramKey) -> Outcome:
    """Verify a decoded final proof under a program's key.

    Raises:
        VerificationError: the proof is refused, and why.
    """
    check_statement(proof, key)
    opened = open_final(proof)
    check_total(quintic.element(opened.said.total), opened.challenge.bus, proof, key)
    opened.check_proof()
    return Outcome(
        form=ProofForm.COMPRESSED if proof.compressed else ProofForm.FINAL,
        digest=digest_bytes(key.digest),
        exit_code=proof.claims.exit_code,
        outputs=proof.claims.outputs,
        segments=proof.claims.count(CORE),
        steps=None,
        security=key.level,
        log_size=key.log_size,
    )


def _check_interface(said: Interface[int], proof: FinalProof, keys: Digest) -> JobChallenge:
    """Check that the segments were verified for this program, with shipped circuits, under this challenge."""
    if said.program != proof.program:
        raise VerificationError(Rejection.KEY, "the segments were verified for another program")
    if said.keys != keys:
        raise VerificationError(
            Rejection.KEY, "the segments were verified by circuits that this version does not ship"
        )
    challenge = derive_challenge(
        program_digest=proof.program,
        level=proof.level,
        log_size=proof.log_size,
        grinding_bits=parameters_for(proof.level).global_grinding_bits,
        keys=keys,
        claims=proof.claims,
        units=proof.units,
        root=said.digest,
        count=said.count,
        weight=said.weight,
        work=checked_work(proof),
    )
    bus = BusChallenge(quintic.element(said.alpha), quintic.element(said.beta))
    if challenge != JobChallenge(said.binding, bus):
        raise VerificationError(
            Rejection.CHALLENGE, "the segments were verified under another global challenge"
        )
    return challenge
