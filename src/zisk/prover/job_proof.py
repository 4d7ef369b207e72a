"""Containers of proofs: what one unit delivers, and the whole job's composite proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from zisk.prover.errors import UnitProofError
from zisk.prover.job_header import JobHeader, read_header, write_header
from zisk.prover.program_key import ProgramKey
from zisk.prover.statement import MAXIMAL_SEGMENTS, GlobalChallenge
from zisk.prover.units import segments_of_units
from zisk.prover.words import DIGEST_LENGTH, Data, Reader, Writer
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION

UNIT_MAGIC = b"pzU1"
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


def encode_unit_proof(unit: int, segments: Sequence[bytes]) -> bytes:
    """The proofs of a unit's segments, in job-wide order."""
    writer = Writer(UNIT_MAGIC)
    writer.u32(unit, len(segments))
    for segment in segments:
        writer.block(segment)
    return writer.finish()


def decode_unit_proof(data: bytes) -> tuple[int, list[bytes]]:
    """A unit and the proofs of its segments.

    Raises:
        UnitProofError: the bytes are no unit proof.
    """
    reader = Reader(data, UNIT_MAGIC, lambda why: UnitProofError(f"this is no unit proof: {why}"))
    unit = reader.u32()
    segments = [reader.block() for _ in range(reader.count(4))]
    reader.end()
    return unit, segments


def unit_segments(unit: int, positions: Sequence[int], data: bytes) -> dict[int, bytes]:
    """The segment proofs that a unit delivers, by position in the job-wide order; `positions` are the unit's.

    Raises:
        UnitProofError: the bytes are no unit proof, of another unit, or have another number of segments.
    """
    labelled, found = decode_unit_proof(data)
    if labelled != unit or len(found) != len(positions):
        raise UnitProofError(
            f"the proof of unit {unit} is of unit {labelled}, with {len(found)} of {len(positions)} segments"
        )
    return dict(zip(positions, found, strict=True))


def assemble_job(key: ProgramKey, challenge: GlobalChallenge, unit_proofs: Mapping[int, bytes]) -> bytes:
    """Put the unit proofs of a job together.

    Raises:
        UnitProofError: a unit is missing, mislabelled, or has another number of segments.
    """
    shares = segments_of_units(challenge.claims.segments, challenge.units)
    segments: dict[int, bytes] = {}
    for unit, positions in enumerate(shares):
        if unit not in unit_proofs:
            raise UnitProofError(f"the proof of unit {unit} is missing")
        segments.update(unit_segments(unit, positions, unit_proofs[unit]))
    ordered = tuple(segments[position] for position in range(challenge.claims.segments))
    return encode_job_proof(
        JobProof(
            key.digest,
            key.level,
            key.log_size,
            challenge.units,
            challenge.claims,
            challenge.nonces,
            ordered,
        )
    )


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
