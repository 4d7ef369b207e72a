"""A job as rows and back: what outlives the coordinator, as an immutable picture that another thread writes.

Rows are plain values, by table and key; `tables.py` has the tables. Instants are seconds since 1970: what the
coordinator's clock shows, and `wall_offset`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from zisk.cluster.scheduling.jobs import Job, JobState, Share
from zisk.cluster.store import execution_rows, history_rows, job_row, payload_rows, share_rows
from zisk.cluster.store.values import TableRows

__all__ = ["Rows", "job_of", "rows_of"]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one job: of each table by key. Whoever has them changes nothing in them."""

    job_id: str
    tables: Mapping[str, TableRows]


def rows_of(job: Job, *, wall_offset: float) -> Rows:
    """The rows of a job as it is now: connections, leases and what the coordinator is at are left out."""
    return Rows(
        job.job_id,
        {
            "jobs": {(): job_row.row_of(job, wall_offset)},
            "shares": share_rows.rows_of(job),
            "commitments": share_rows.commitments_of(job),
            "payloads": payload_rows.rows_of(job),
            "executions": execution_rows.rows_of(job),
            "failures": history_rows.failures_of(job),
            "events": history_rows.events_of(job, wall_offset),
        },
    )


def job_of(rows: Rows, *, wall_offset: float) -> Job:
    """The job that rows are of, as nobody's: no worker has its shares, nobody aggregates or is at work.

    A running job with a proof is one whose proof has not been checked yet.
    """
    tables = rows.tables
    job = job_row.job_of(rows.job_id, job_row.JobRow(*tables["jobs"][()]), wall_offset)
    share_rows.restore(job, tables["shares"], tables["commitments"])
    payload_rows.restore(job, tables["payloads"])
    execution_rows.restore(job, tables["executions"])
    history_rows.restore(job, tables["failures"], tables["events"], wall_offset)
    for share in job.shares:
        if _is_open(job, share):
            share.worker = None
    return job


def _is_open(job: Job, share: Share) -> bool:
    """Whether a share is still to be done; what a job that is over leaves undone keeps who had it last."""
    return job.state is JobState.RUNNING and not share.done
