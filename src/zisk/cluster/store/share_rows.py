"""The rows of a job's shares, and of the segments that are committed to in them."""

from typing import NamedTuple

from zisk.cluster.scheduling.jobs import Job, Share
from zisk.cluster.store.values import TableRows, losses_from, losses_to
from zisk.cluster.tasks import Committed

__all__ = ["CommitmentRow", "ShareRow", "commitments_of", "restore", "rows_of"]


class ShareRow(NamedTuple):
    """Columns of the table `shares`, whose key is the share's number.

    `worker` has or had it last; `delivered` is its place among those whose proofs are in.
    """

    first_unit: int
    units: int
    worker: str | None
    done: bool
    delivered: int | None
    lost: str


class CommitmentRow(NamedTuple):
    """Columns of the table `commitments`, whose key is a share's number and a segment's position."""

    commitment: bytes


def rows_of(job: Job) -> dict[tuple[int], ShareRow]:
    """The rows of a job's shares."""
    places = {number: place for place, number in enumerate(job.delivered)}
    return {(share.number,): _row_of(share, places.get(share.number)) for share in job.shares}


def commitments_of(job: Job) -> dict[tuple[int, int], tuple[bytes]]:
    """The rows of what is committed to in a job's shares; plain, since they are thousands."""
    return {
        (share.number, position): (committed.commitment,)
        for share in job.shares
        for position, committed in share.committed.items()
    }


def restore(
    job: Job,
    shares: TableRows,
    commitments: TableRows,
) -> None:
    """Give a job its shares, with what is committed to in them."""
    places: dict[int, int] = {}
    for (number,), columns in sorted(shares.items()):
        row = ShareRow(*columns)
        units = range(row.first_unit, row.first_unit + row.units)
        job.shares.append(Share(number, units, row.worker, done=bool(row.done), lost=losses_from(row.lost)))
        if row.delivered is not None:
            places[row.delivered] = number
    job.delivered = [places[place] for place in sorted(places)]
    for (number, position), (commitment,) in commitments.items():
        job.shares[number].committed[position] = Committed(position, commitment)


def _row_of(share: Share, place: int | None) -> ShareRow:
    units = share.units
    return ShareRow(units.start, len(units), share.worker, share.done, place, losses_to(share.lost))
