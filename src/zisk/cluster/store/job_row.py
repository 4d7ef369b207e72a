"""The row of a job: what was asked for, where it stands, since when."""

from typing import NamedTuple

from zisk.cluster.protocol.payload import Inline
from zisk.cluster.scheduling.jobs import Job, JobState
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.store.values import FailureColumns, failure_of, losses_from, losses_to, moved
from zisk.cluster.tasks import Counts, Demand, InputPath, JobKind, JobRequest
from zisk.proof_format.forms import ProofForm

__all__ = ["JobRow", "job_of", "row_of"]


class JobRow(NamedTuple):
    """Columns of the table `jobs`; payloads and executions have tables of their own."""

    kind: str
    hash_id: str
    input_path: str | None
    units: int
    minimum: int | None
    log_size: int
    security: int
    data_id: str
    form: str
    state: str
    phase: str | None
    submitted: float
    started: float | None
    phase_started: float | None
    ended: float | None
    challenge: bytes | None
    steps: int | None
    cycles: int | None
    lost: str
    failure_kind: str | None
    failure_message: str | None
    failure_phase: str | None
    failure_limit_seconds: float | None


def row_of(job: Job, wall_offset: float) -> JobRow:
    """The row of a job."""
    request, counts = job.request, job.counts
    return JobRow(
        request.kind.value,
        request.hash_id,
        request.input.path if isinstance(request.input, InputPath) else None,
        request.demand.units,
        request.demand.minimum,
        request.log_size,
        request.security,
        request.data_id,
        request.form.value,
        job.state.value,
        job.phase.value if job.phase is not None else None,
        job.submitted + wall_offset,
        moved(job.started, wall_offset),
        moved(job.phase_started, wall_offset),
        moved(job.ended, wall_offset),
        job.challenge,
        counts.steps if counts is not None else None,
        counts.cycles if counts is not None else None,
        losses_to(job.lost),
        *FailureColumns.of(job.failure),
    )


def job_of(job_id: str, row: JobRow, wall_offset: float) -> Job:
    """The job of a row, as far as this tells; an input that is a payload is yet to come."""
    return Job(
        job_id,
        _request_of(row),
        row.submitted - wall_offset,
        JobState(row.state),
        Phase(row.phase) if row.phase is not None else None,
        moved(row.started, -wall_offset),
        moved(row.phase_started, -wall_offset),
        moved(row.ended, -wall_offset),
        challenge=row.challenge,
        lost=losses_from(row.lost),
        counts=Counts(row.steps, row.cycles) if row.steps is not None and row.cycles is not None else None,
        failure=failure_of(
            FailureColumns(
                row.failure_kind, row.failure_message, row.failure_phase, row.failure_limit_seconds
            )
        ),
    )


def _request_of(row: JobRow) -> JobRequest:
    return JobRequest(
        JobKind(row.kind),
        row.hash_id,
        InputPath(row.input_path) if row.input_path is not None else Inline(b""),
        Demand(row.units, row.minimum),
        row.log_size,
        row.security,
        row.data_id,
        ProofForm(row.form),
    )
