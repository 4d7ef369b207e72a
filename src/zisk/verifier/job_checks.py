"""What every form of a job's proof is checked for: it is for the key, and its claims are what is proved."""

from __future__ import annotations

from zisk.choices import MAXIMAL_UNITS
from zisk.field import quintic
from zisk.field.koalabear import P
from zisk.field.quintic import Element
from zisk.proof_format.job_header import JobHeader
from zisk.proof_format.job_proof import JobProof
from zisk.proof_format.program_key import ProgramKey, chunks_of, digest_bytes
from zisk.proof_format.statement import check_claims
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.expression import Scope
from zisk.stark.parameters import parameters_for
from zisk.stark.transcript_order import CheckedWork
from zisk.stark.verify import term_value
from zisk.vm.kinds import KINDS


def check_statement(proof: JobHeader, key: ProgramKey) -> None:
    """Check that a proof is for a key's program, size and level, and that its claims are possible.

    Raises:
        VerificationError: it is not.
    """
    if (proof.level, proof.log_size) != (key.level, key.log_size):
        raise VerificationError(
            Rejection.KEY,
            f"the proof has size {proof.log_size} and security {proof.level}, "
            f"the key {key.log_size} and {key.level}; "
            f"derive it with --size {proof.log_size} --security {proof.level}",
        )
    if proof.program != key.digest:
        raise VerificationError(
            Rejection.KEY,
            f"the proof is for program {digest_bytes(proof.program).hex()}, "
            f"the key for {digest_bytes(key.digest).hex()}",
        )
    check_header(proof)
    if any(proof.claims.count(kind) < chunks_of(kind, key.chunks) for kind in KINDS):
        raise VerificationError(Rejection.STATEMENT, "a chunk of the program's initial words is skipped")


def check_header(proof: JobHeader) -> None:
    """Check that what a proof claims is possible, for whatever program.

    Raises:
        VerificationError: it is not.
    """
    check_claims(proof.claims)
    if not 1 <= proof.units <= MAXIMAL_UNITS:
        raise VerificationError(Rejection.STATEMENT, f"no job has {proof.units} units")


def check_segment_count(proof: JobProof) -> None:
    """Check that a composite proof has as many segments as it claims.

    Raises:
        VerificationError: it has more or fewer.
    """
    if len(proof.segments) != proof.claims.segments:
        raise VerificationError(
            Rejection.STATEMENT, f"{len(proof.segments)} segments where {proof.claims.segments} are claimed"
        )


def checked_work(proof: JobHeader) -> CheckedWork:
    """The nonces of the global challenge, as many as the proof's level asks for.

    Raises:
        VerificationError: there are more or fewer, or one is not canonical.
    """
    expected = 1 if parameters_for(proof.level).global_grinding_bits else 0
    if len(proof.nonces) != expected or any(nonce >= P for nonce in proof.nonces):
        raise VerificationError(Rejection.PROOF_OF_WORK, "the global challenge has another number of nonces")
    return CheckedWork(proof.nonces)


def check_total(total: Element, bus: BusChallenge, proof: JobHeader, key: ProgramKey) -> None:
    """Check that what all segments leave on the global buses is what the claims say.

    Raises:
        VerificationError: it is not.
    """
    for term in proof.claims.terms(key.entry):
        total = quintic.add(total, term_value(term, {Scope.GLOBAL: bus}))
    if total != quintic.ZERO:
        raise VerificationError(
            Rejection.BUS, "the segments do not join up to one run with these public values"
        )
