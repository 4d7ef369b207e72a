"""What a worker delivers of a job when it folds: proofs of subtrees, as values and as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zisk.proof_format.words import Reader, Writer
from zisk.prover.errors import UnitProofError
from zisk.prover.fold_tree import Span
from zisk.recursion.interface import Interface
from zisk.recursion.shapes import INNER_LOG_HEIGHTS, inner_kind
from zisk.stark.errors import VerificationError
from zisk.stark.key import VerifyingKey
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import SegmentProof, decode, encode, proof_shape

PARTS_MAGIC = b"pzP1"
PART_MAGIC = b"pzQ1"


@dataclass(frozen=True, slots=True)
class FoldedPart:
    """The proof of a leaf or node.

    Attributes:
        span: the subtree.
        key: what it is verified under.
    """

    span: Span
    key: VerifyingKey
    proof: SegmentProof

    @property
    def interface(self) -> Interface[int]:
        """What it says."""
        return Interface.of_publics(self.proof.publics)


def encode_part(part: FoldedPart) -> bytes:
    """One part of a job, to be kept."""
    writer = Writer(PART_MAGIC)
    _write_part(writer, part)
    return writer.finish()


def decode_part(data: bytes, parameters: SecurityParameters) -> FoldedPart:
    """Read one part; `parameters` are those of leaves and nodes.

    Raises:
        UnitProofError: the bytes are no part of a job.
    """
    reader = Reader(data, PART_MAGIC, lambda why: UnitProofError(f"this is no folded part: {why}"))
    try:
        part = _read_part(reader, parameters)
    except VerificationError as error:
        raise UnitProofError(f"this is no folded part: {error}") from error
    reader.end()
    return part


def encode_parts(unit: int, parts: Sequence[FoldedPart]) -> bytes:
    """Parts of a job that a unit delivers."""
    writer = Writer(PARTS_MAGIC)
    writer.u32(unit, len(parts))
    for part in parts:
        _write_part(writer, part)
    return writer.finish()


def decode_parts(data: bytes, parameters: SecurityParameters) -> tuple[int, list[FoldedPart]]:
    """A unit and the parts that it delivers; `parameters` are those of leaves and nodes.

    Raises:
        UnitProofError: the bytes are no parts of a job.
    """
    reader = Reader(data, PARTS_MAGIC, lambda why: UnitProofError(f"these are no folded parts: {why}"))
    unit, parts = reader.u32(), []
    for _ in range(reader.count(4 * proof_shape(inner_kind(), parameters).fixed)):
        try:
            parts.append(_read_part(reader, parameters))
        except VerificationError as error:
            raise UnitProofError(f"unit {unit} delivers a part that is malformed: {error}") from error
    reader.end()
    return unit, parts


def _write_part(writer: Writer, part: FoldedPart) -> None:
    writer.u32(*part.span)
    for digest in part.key.cap:
        writer.digest(digest)
    writer.block(encode(part.proof))


def _read_part(reader: Reader[bytes], parameters: SecurityParameters) -> FoldedPart:
    start, end = reader.u32s(2)
    cap = tuple(reader.digest() for _ in range(1 << parameters.cap_log))
    key = VerifyingKey(inner_kind(), parameters, cap, INNER_LOG_HEIGHTS)
    return FoldedPart((start, end), key, decode(reader.block(), key))
