"""The container of a job's final proof: what the job claims, and one proof of one circuit."""

from __future__ import annotations

from dataclasses import dataclass

from zisk.prover.job_proof import MAXIMAL_NONCES
from zisk.prover.statement import MAXIMAL_UNITS, Claims, read_claims, write_claims
from zisk.prover.words import Reader, Writer
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION, Digest

FINAL_MAGIC = b"pzF1"


@dataclass(frozen=True, slots=True)
class FinalProof:
    """A final proof.

    Attributes:
        compressed: whether it is of the compressed form.
        program: the program digest that the proof is for.
        units: how many units the contribution tree has.
        nonces: of the global challenge.
        proof: the bytes of the last circuit's proof.
    """

    compressed: bool
    program: Digest
    level: int
    log_size: int
    units: int
    claims: Claims
    nonces: tuple[int, ...]
    proof: bytes


def encode_final_proof(final: FinalProof) -> bytes:
    """A final proof's canonical bytes."""
    writer = Writer(FINAL_MAGIC)
    writer.u32(FORMAT_VERSION, int(final.compressed))
    writer.digest(final.program)
    writer.u32(final.level, final.log_size, final.units)
    write_claims(writer, final.claims)
    writer.u32(len(final.nonces), *final.nonces)
    writer.block(final.proof)
    return writer.finish()


def decode_final_proof(data: bytes) -> FinalProof:
    """Read a final proof.

    Raises:
        VerificationError: the bytes are not the canonical encoding of a final proof of this version.
    """
    reader = Reader(
        data, FINAL_MAGIC, lambda why: VerificationError(Rejection.FORMAT, f"this is no final proof: {why}")
    )
    version, compressed = reader.u32s(2)
    if version != FORMAT_VERSION or compressed > 1:
        raise VerificationError(
            Rejection.FORMAT, f"format version {version} is not {FORMAT_VERSION}, or the form is none"
        )
    program = reader.digest()
    level, log_size, units = reader.u32s(3)
    claims = read_claims(reader)
    nonces = reader.u32()
    if nonces > MAXIMAL_NONCES or not 1 <= units <= MAXIMAL_UNITS:
        raise VerificationError(Rejection.FORMAT, "the numbers of nonces or units are out of range")
    found = reader.u32s(nonces)
    proof = reader.block()
    reader.end()
    return FinalProof(bool(compressed), program, level, log_size, units, claims, found, proof)
