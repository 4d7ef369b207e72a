"""The rows of a job's payloads: bytes where they are inline, else the name of an artifact."""

from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from zisk.cluster.protocol.payload import Inline, Payload, Stored
from zisk.cluster.scheduling.jobs import Job, Share
from zisk.cluster.store.values import WHOLE_JOB, TableRows
from zisk.cluster.tasks import InputPath, Piece

__all__ = ["PayloadRow", "Role", "restore", "rows_of"]


class Role(StrEnum):
    """What a payload is to its job, or to one of its shares."""

    INPUT = "input"
    KEY = "key"
    PROOF = "proof"
    CONTRIBUTION = "contribution"
    UNIT = "unit"
    """What a unit delivered, from that unit to the one after it."""
    PIECE = "piece"
    """A piece of a proof, from its first segment to the one after its last."""


class PayloadRow(NamedTuple):
    """Columns of the table `payloads`, whose key is a share, a role, and from where to where it goes.

    `content` is None where the payload is an artifact, `digest` where it is not.
    """

    size: int
    digest: bytes | None
    content: bytes | None


_Key = tuple[int, str, int, int]


def rows_of(job: Job) -> dict[_Key, PayloadRow]:
    """The rows of all payloads that a job has."""
    own: dict[str, Payload | None] = {
        Role.INPUT.value: None if isinstance(job.request.input, InputPath) else job.request.input,
        Role.KEY.value: Inline(job.key) if job.key is not None else None,
        Role.PROOF.value: job.proof,
    }
    rows = {(WHOLE_JOB, role, 0, 0): _row_of(one) for role, one in own.items() if one is not None}
    rows |= _pieces(WHOLE_JOB, job.pieces)
    for share in job.shares:
        rows |= _of_share(share)
    return rows


def restore(job: Job, rows: TableRows) -> None:
    """Give a job and its shares their payloads; shares have been given to it before."""
    proofs: dict[int, list[tuple[int, Payload]]] = {number: [] for number in job.delivered}
    for (number, role, start, end), columns in sorted(rows.items()):
        payload = _payload_of(PayloadRow(*columns))
        match Role(role):
            case Role.INPUT:
                job.request = replace(job.request, input=payload)
            case Role.KEY:
                assert isinstance(payload, Inline)
                job.key = payload.data
            case Role.PROOF:
                job.proof = payload
            case Role.CONTRIBUTION:
                job.shares[number].contribution = payload
            case Role.UNIT:
                proofs[number].append((start, payload))
            case Role.PIECE:
                pieces = job.pieces if number == WHOLE_JOB else job.shares[number].pieces
                pieces.append(Piece(start, end, payload))
    for number, delivered in proofs.items():
        job.shares[number].proofs = tuple(delivered)


def _of_share(share: Share) -> dict[_Key, PayloadRow]:
    number = share.number
    rows = _pieces(number, share.pieces)
    if share.contribution is not None:
        rows[number, Role.CONTRIBUTION.value, 0, 0] = _row_of(share.contribution)
    for unit, proof in share.proofs or ():
        rows[number, Role.UNIT.value, unit, unit + 1] = _row_of(proof)
    return rows


def _pieces(number: int, pieces: list[Piece]) -> dict[_Key, PayloadRow]:
    role = Role.PIECE.value
    return {(number, role, piece.start, piece.end): _row_of(piece.proof) for piece in pieces}


def _row_of(payload: Payload) -> PayloadRow:
    if isinstance(payload, Stored):
        return PayloadRow(payload.size, payload.digest, None)
    return PayloadRow(payload.size, None, payload.data)


def _payload_of(row: PayloadRow) -> Payload:
    if row.digest is not None:
        return Stored(row.digest, row.size)
    assert row.content is not None
    return Inline(row.content)
