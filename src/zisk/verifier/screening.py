"""What can be checked of a job's proof before a program's key is at hand.

Deriving a key takes set-up of the whole program. So whoever derives one for a proof from somebody else looks
at the proof first: what is refused here costs next to nothing. Nothing is accepted here.
"""

from __future__ import annotations

from zisk.choices import LOG_SIZES
from zisk.hash.sponge import DIGEST_LENGTH
from zisk.proof_format.containers import decode_proof
from zisk.proof_format.final_proof import FinalProof
from zisk.proof_format.job_header import JobHeader
from zisk.proof_format.job_proof import JobProof
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FREE_HEIGHT, VerifyingKey
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters, UnknownSecurityLevelError, parameters_for
from zisk.stark.proof import outline
from zisk.verifier.job_checks import check_header, check_segment_count
from zisk.verifier.verify_final import open_final
from zisk.vm.kinds import KINDS

_ANY_CAP = ((0,) * DIGEST_LENGTH,)
"""Stands for the cap of a key, of which only the shape of the proof is asked."""


def screen(proof: bytes) -> JobHeader:
    """Refuse a proof that no key makes valid; what it says of itself otherwise.

    A final proof is verified whole, but for which program it is of. Of a composite one, the form of every
    segment and its public values are checked: its segments can be verified under their keys alone.

    Raises:
        VerificationError: the proof is refused, and why.
    """
    decoded = decode_proof(memoryview(proof))
    check_parameters(decoded.level, decoded.log_size)
    check_header(decoded)
    if isinstance(decoded, FinalProof):
        open_final(decoded).check_proof()
    else:
        _screen_segments(decoded)
    return decoded


def check_parameters(level: int, log_size: int) -> None:
    """Check that a level and a size exist.

    Raises:
        VerificationError: they do not.
    """
    if log_size not in LOG_SIZES:
        raise VerificationError(Rejection.FORMAT, f"size {log_size} does not exist")
    try:
        parameters_for(level)
    except UnknownSecurityLevelError as error:
        raise VerificationError(Rejection.FORMAT, str(error)) from error


def any_key(kind: Kind, parameters: SecurityParameters) -> VerifyingKey:
    """A key that has the shape of every key of a kind, and is none."""
    return VerifyingKey(kind, parameters, _ANY_CAP, (FREE_HEIGHT,) * len(kind.tables))


def _screen_segments(proof: JobProof) -> None:
    check_segment_count(proof)
    parameters = parameters_for(proof.level)
    keys = {kind: any_key(kind.of_job(proof.log_size), parameters) for kind in KINDS}
    for position, data in enumerate(proof.segments):
        key = keys[proof.claims.located(position)[0]]
        known = outline(data, key)
        if not key.heights_allowed(known.log_heights):
            raise VerificationError(Rejection.SHAPE, f"{key.kind.name}: heights are not allowed")
        if unmet := key.kind.unmet(known.publics):
            raise VerificationError(Rejection.STATEMENT, f"{key.kind.name}: {unmet[0]}")
