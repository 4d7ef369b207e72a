"""The rows of what has happened to a job: its events, and who failed at a part of it."""

from collections.abc import Iterable
from typing import NamedTuple

from zisk.cluster.scheduling.jobs import Failure, Happening, Job, JobEvent
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.store.values import WHOLE_JOB, FailureColumns, Row, TableRows, failure_of

__all__ = ["EventRow", "FailureRow", "events_of", "failures_of", "restore"]


class EventRow(NamedTuple):
    """Columns of the table `events`, whose key is the sequence number."""

    happening: str
    at: float
    phase: str | None


class FailureRow(NamedTuple):
    """Columns of the table `failures`, whose key is a share and the place in the order of failing."""

    worker: str
    kind: str
    message: str
    phase: str | None
    limit_seconds: float | None


def events_of(job: Job, wall_offset: float) -> dict[tuple[int], EventRow]:
    """The rows of a job's events."""
    return {
        (number,): EventRow(
            event.happening.value,
            event.at + wall_offset,
            event.phase.value if event.phase is not None else None,
        )
        for number, event in enumerate(job.events)
    }


def failures_of(job: Job) -> dict[tuple[int, int], FailureRow]:
    """The rows of the workers that failed at a share of a job, or at its aggregation."""
    parts = [(WHOLE_JOB, job.unfit), *((share.number, share.failed) for share in job.shares)]
    return {
        (number, place): _row_of(worker, failure)
        for number, failed in parts
        for place, (worker, failure) in enumerate(failed.items())
    }


def restore(
    job: Job,
    failures: TableRows,
    events: TableRows,
    wall_offset: float,
) -> None:
    """Give a job its events, and who failed at what; shares have been given to it before."""
    job.events = [_event_of(EventRow(*columns), wall_offset) for columns in _in_order(events)]
    for (number, _), (worker, *columns) in sorted(failures.items()):
        failed = job.unfit if number == WHOLE_JOB else job.shares[number].failed
        failure = failure_of(FailureColumns(*columns))
        assert failure is not None
        failed[worker] = failure


def _row_of(worker: str, failure: Failure) -> FailureRow:
    phase = failure.phase.value if failure.phase is not None else None
    return FailureRow(worker, failure.kind.value, failure.message, phase, failure.limit_seconds)


def _event_of(row: EventRow, wall_offset: float) -> JobEvent:
    phase = Phase(row.phase) if row.phase is not None else None
    return JobEvent(Happening(row.happening), row.at - wall_offset, phase)


def _in_order(rows: TableRows) -> Iterable[Row]:
    return (columns for _, columns in sorted(rows.items()))
