"""The container of what one unit delivers, and the composite proof that a job's units make up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zisk.proof_format.job_proof import JobProof, encode_job_proof
from zisk.proof_format.program_key import ProgramKey
from zisk.proof_format.statement import GlobalChallenge
from zisk.proof_format.units import segments_of_units
from zisk.proof_format.words import Reader, Writer
from zisk.prover.errors import UnitProofError

UNIT_MAGIC = b"pzU1"


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
