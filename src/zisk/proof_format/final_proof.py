"""The container of a job's final proof: what the job claims, and one proof of one circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from zisk.proof_format.job_header import JobHeader, read_header, write_header
from zisk.proof_format.words import Data, Reader, Writer
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION

FINAL_MAGIC = b"pzF1"


@dataclass(frozen=True, slots=True)
class FinalProof(JobHeader, Generic[Data]):
    """A final proof.

    Attributes:
        compressed: whether it is of the compressed form.
        proof: the bytes of the last circuit's proof.
    """

    compressed: bool
    proof: Data


def encode_final_proof(final: FinalProof) -> bytes:
    """A final proof's canonical bytes."""
    writer = Writer(FINAL_MAGIC)
    writer.u32(FORMAT_VERSION, int(final.compressed))
    write_header(writer, final)
    writer.block(final.proof)
    return writer.finish()


def decode_final_proof(data: Data) -> FinalProof[Data]:
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
    header = read_header(reader)
    proof = reader.block()
    reader.end()
    return FinalProof(*header, bool(compressed), proof)
