"""The rows of what a job's execution came to: as its proof shows it, and as it is told to clients."""

import struct
from enum import StrEnum
from typing import NamedTuple

from zisk.cluster.scheduling.jobs import Job, ProofSummary
from zisk.cluster.store.values import TableRows
from zisk.cluster.tasks import Execution

__all__ = ["ExecutionRow", "Source", "restore", "rows_of"]


class Source(StrEnum):
    """Who says so."""

    PROOF = "proof"
    """The checked proof alone."""
    JOB = "job"
    """The job: what the proof does not show is what workers counted."""


class ExecutionRow(NamedTuple):
    """Columns of the table `executions`, whose key is the source; outputs are words of eight bytes."""

    steps: int | None
    cycles: int | None
    segments: int
    exit_code: int
    outputs: bytes
    seconds: float


def rows_of(job: Job) -> dict[tuple[str], ExecutionRow]:
    """The rows of a job's executions, where there are any."""
    shown = job.summary.execution if job.summary is not None else None
    told = {Source.PROOF.value: shown, Source.JOB.value: job.execution}
    return {(source,): _row_of(one) for source, one in told.items() if one is not None}


def restore(job: Job, rows: TableRows) -> None:
    """Give a job its executions; its key has been given to it before."""
    told = {source: _execution_of(ExecutionRow(*columns)) for (source,), columns in rows.items()}
    job.execution = told.get(Source.JOB.value)
    if (shown := told.get(Source.PROOF.value)) is not None:
        assert job.key is not None
        job.summary = ProofSummary(shown, job.key)


def _row_of(execution: Execution) -> ExecutionRow:
    return ExecutionRow(
        execution.steps,
        execution.cycles,
        execution.segments,
        execution.exit_code,
        struct.pack(f"<{len(execution.outputs)}Q", *execution.outputs),
        execution.seconds,
    )


def _execution_of(row: ExecutionRow) -> Execution:
    outputs = struct.unpack(f"<{len(row.outputs) // 8}Q", row.outputs)
    return Execution(row.steps, row.cycles, row.segments, row.exit_code, outputs, row.seconds)
