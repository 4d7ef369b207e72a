"""The container of a job's composite proof: every segment's proof, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from zisk.proof_format.job_header import JobHeader, read_header, write_header
from zisk.proof_format.statement import MAXIMAL_SEGMENTS
from zisk.proof_format.words import DIGEST_LENGTH, Data, Reader, Writer
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION

JOB_MAGIC = b"pzJ1"

SMALLEST_SEGMENT = 3 * (4 * DIGEST_LENGTH << 7)
"""Bytes that a segment proof has more of, whatever its kind, size and level: three caps of 2^7 digests."""


@dataclass(frozen=True, slots=True)
class JobProof(JobHeader, Generic[Data]):
    """A composite proof: what the job claims, and every segment's proof, in job-wide order.

    Attributes:
        segments: the bytes of each segment proof.
    """

    segments: tuple[Data, ...]


def encode_job_proof(proof: JobProof) -> bytes:
    """A job proof's canonical bytes."""
    writer = Writer(JOB_MAGIC)
    writer.u32(FORMAT_VERSION)
    write_header(writer, proof)
    writer.u32(len(proof.segments))
    for segment in proof.segments:
        writer.block(segment)
    return writer.finish()


def decode_job_proof(data: Data) -> JobProof[Data]:
    """Read a job proof.

    Raises:
        VerificationError: the bytes are not the canonical encoding of a job proof of this version.
    """
    reader = Reader(
        data, JOB_MAGIC, lambda why: VerificationError(Rejection.FORMAT, f"this is no job proof: {why}")
    )
    version = reader.u32()
    if version != FORMAT_VERSION:
        raise VerificationError(Rejection.FORMAT, f"format version {version} is not {FORMAT_VERSION}")
    header = read_header(reader)
    count = reader.count(SMALLEST_SEGMENT)
    if count > MAXIMAL_SEGMENTS:
        raise VerificationError(Rejection.FORMAT, f"{count} segments are more than a job may have")
    segments = tuple(reader.block() for _ in range(count))
    reader.end()
    return JobProof(*header, segments)
