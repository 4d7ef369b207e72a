"""What a job's proof says before the proofs in it, whatever its form."""

from __future__ import annotations

from dataclasses import dataclass

from zisk.choices import MAXIMAL_UNITS
from zisk.proof_format.statement import Claims, read_claims, write_claims
from zisk.proof_format.words import Reader, Writer
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import Digest

MAXIMAL_NONCES = 1


@dataclass(frozen=True, slots=True)
class JobHeader:
    """Which job a proof is of, and what it claims.

    Attributes:
        program: the program digest that the proof is for.
        level, log_size: the security level, and log2 of the steps of a segment.
        units: how many units the contribution tree has.
        nonces: of the global challenge.
    """

    program: Digest
    level: int
    log_size: int
    units: int
    claims: Claims
    nonces: tuple[int, ...]


def write_header(writer: Writer, header: JobHeader) -> None:
    """Append a header."""
    writer.digest(header.program)
    writer.u32(header.level, header.log_size, header.units)
    write_claims(writer, header.claims)
    writer.u32(len(header.nonces), *header.nonces)


def read_header(reader: Reader) -> tuple[Digest, int, int, int, Claims, tuple[int, ...]]:
    """Take the fields of a header; that they fit a key is checked where one is at hand.

    Raises:
        VerificationError: there are more nonces or units than a job can have.
    """
    program = reader.digest()
    level, log_size, units = reader.u32s(3)
    claims = read_claims(reader)
    nonces = reader.u32()
    if nonces > MAXIMAL_NONCES or not 1 <= units <= MAXIMAL_UNITS:
        raise VerificationError(Rejection.FORMAT, "the numbers of nonces or units are out of range")
    return program, level, log_size, units, claims, reader.u32s(nonces)
