"""What phase one says of one segment, as a value and as bytes: told as it is committed, for who goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zisk.proof_format.words import Reader, Writer
from zisk.prover.errors import ContributionError
from zisk.stark.key import Digest
from zisk.stark.kind import WEIGHT_LIMIT

COMMITMENT_MAGIC = b"pzD1"


@dataclass(frozen=True, slots=True)
class SegmentCommitment:
    """A segment's digest in the job's contribution tree, and its weight."""

    leaf: Digest
    weight: int


OnCommit = Callable[[int, SegmentCommitment], None]
"""Told of each segment by its position in the job-wide order, as soon as it is committed."""


def encode_commitment(commitment: SegmentCommitment) -> bytes:
    """A commitment's canonical bytes."""
    writer = Writer(COMMITMENT_MAGIC)
    writer.digest(commitment.leaf)
    writer.u32(commitment.weight)
    return writer.finish()


def decode_commitment(data: bytes) -> SegmentCommitment:
    """Read a commitment.

    Raises:
        ContributionError: the bytes are no commitment.
    """
    reader = Reader(
        data, COMMITMENT_MAGIC, lambda why: ContributionError(f"this is no commitment to a segment: {why}")
    )
    leaf, weight = reader.digest(), reader.u32()
    reader.end()
    if weight >= WEIGHT_LIMIT:
        raise ContributionError(f"no segment has weight {weight}: a whole job's is below {WEIGHT_LIMIT}")
    return SegmentCommitment(leaf, weight)
