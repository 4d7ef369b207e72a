"""What `zisk cluster` shows people of the messages that a coordinator answers with."""

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING

from zisk.cli.cluster_tables import (
    instant_text,
    print_pairs,
    print_table,
    short_ids,
    since_text,
    span_text,
)
from zisk.cli.reports import size_text
from zisk.printable import printable

if TYPE_CHECKING:
    from zisk.cluster.protocol.generated import cluster_pb2 as wire

_PROGRAM_LETTERS = 8
"""Letters of a program's hash_id that are shown."""


def show_status(status: "wire.Status") -> None:
    """Print how a cluster is."""
    workers, jobs = status.workers, status.jobs
    reasons = "; ".join(status.reasons)
    print_pairs(
        [
            ("coordinator", f"{status.name} {status.version}, up for {since_text(status.started_at)}"),
            ("health", f"{status.health}: {reasons}" if reasons else status.health),
            (
                "workers",
                f"{workers.idle} idle, {workers.computing} computing, {workers.recovering} recovering, "
                f"{workers.draining} draining, {workers.quarantined} in quarantine",
            ),
            ("capacity", f"{status.capacity} compute units, {status.idle_capacity} of them idle"),
            (
                "jobs",
                f"{jobs.queued} queued, {jobs.running} running, {jobs.completed} completed, "
                f"{jobs.failed} failed, {jobs.cancelled} cancelled",
            ),
            ("artifacts", size_text(int(status.artifact_bytes))),
        ]
    )


def show_jobs(jobs: "Iterable[wire.Job]") -> None:
    """Print a line for each job."""
    listed = list(jobs)
    names = short_ids(job.job_id for job in listed)
    print_table(
        ("JOB", "NAME", "KIND", "STATE", "PHASE", "DONE", "WORKERS", "SUBMITTED", "TOOK"),
        [
            (
                names[job.job_id],
                job.name,
                job.kind,
                job.state,
                job.phase,
                f"{job.progress:.0%}" if job.HasField("started_at") else "",
                ",".join(job.workers),
                f"{since_text(job.submitted_at)} ago",
                took_text(job),
            )
            for job in listed
        ],
    )


def show_job(job: "wire.Job") -> None:
    """Print a job with its shares and what was tried."""
    print_pairs(_about(job))
    if job.shares:
        print()
        print_table(
            ("UNITS", "WORKER", "STATE", "DONE", "AT", "CONTRIBUTED", "KEPT"),
            [_share(share) for share in job.shares],
        )
    attempts = [
        *((_units(share), attempt) for share in job.shares for attempt in share.attempts),
        *(("aggregation", attempt) for attempt in job.aggregation.attempts),
    ]
    if attempts:
        print()
        print_table(
            ("WORK", "WORKER", "END", "PHASE", "REASON"),
            [
                (work, each.worker, each.end, each.reason.phase, each.reason.message)
                for work, each in attempts
            ],
        )


def show_explanation(explanation: "wire.Explanation") -> None:
    """Print what a job waits for."""
    print(f"job {printable(explanation.job_id)} is {printable(explanation.state.lower())}")
    print_pairs(
        (each.subject, each.text + (f" (for {since_text(each.since)})" if each.HasField("since") else ""))
        for each in explanation.reasons
    )


def show_workers(workers: "Iterable[wire.Worker]") -> None:
    """Print a line for each worker."""
    listed = list(workers)
    jobs = short_ids(worker.job_id for worker in listed if worker.job_id)
    print_table(
        ("WORKER", "STATE", "UNITS", "PROGRAM", "JOB", "TASK", "AT", "HEARD", "FAILED"),
        [
            (
                worker.worker_id,
                worker.state,
                str(worker.capacity),
                worker.program[:_PROGRAM_LETTERS],
                jobs.get(worker.job_id, ""),
                worker.task,
                worker.activity,
                f"{span_text(worker.silent_seconds)} ago",
                f"{worker.failures}: {worker.last_failure}" if worker.failures else "0",
            )
            for worker in listed
        ],
    )


def event_text(event: "wire.Event") -> str:
    """An event as a line."""
    job = f"job {event.job_id}" if event.job_id else ""
    worker = f"worker {event.worker_id}" if event.worker_id else ""
    return "  ".join(filter(None, (instant_text(event.at), job, worker, event.text)))


def standing_text(job: "wire.Job") -> str:
    """Where a job stands, in a line."""
    if job.HasField("position"):
        return f"{job.state}, number {job.position} in the queue"
    if job.state != "Running":
        return job.state
    crew = {share.worker: share.activity for share in job.shares if share.worker and share.state != "done"}
    if job.aggregation.worker:
        crew[job.aggregation.worker] = job.aggregation.activity
    workers = [f"{name} ({activity})" if activity else name for name, activity in crew.items()]
    at = f", workers {', '.join(workers)}" if workers else ", on no worker"
    return f"{job.state} ({job.phase}){at}, {job.progress:.0%}"


def took_text(job: "wire.Job") -> str:
    """How long a job has run or ran."""
    if not job.HasField("started_at"):
        return ""
    return (
        span_text(job.ended_at - job.started_at) if job.HasField("ended_at") else since_text(job.started_at)
    )


def _about(job: "wire.Job") -> "Iterable[tuple[str, str]]":
    """What is said of a job as a whole."""
    instants = chain(
        [("submitted", job.submitted_at)],
        [("started", job.started_at)] if job.HasField("started_at") else [],
        [("ended", job.ended_at)] if job.HasField("ended_at") else [],
    )
    return [
        ("job", job.job_id),
        ("name", job.name),
        ("kind", f"{job.kind}, {job.form}" if job.form else job.kind),
        ("program", job.program),
        ("shape", f"{job.units} units, size {job.log_size}, {job.security} bits"),
        ("state", standing_text(job)),
        *((label, f"{instant_text(at)} ({since_text(at)} ago)") for label, at in instants),
        ("took", took_text(job)),
        ("failure", f"{job.failure.kind}: {job.failure.message}" if job.HasField("failure") else ""),
        ("aggregation", _aggregation(job)),
    ]


def _aggregation(job: "wire.Job") -> str:
    made = job.aggregation
    if not job.HasField("aggregation"):
        return ""
    at = f", {made.activity}" if made.activity else ""
    kept = f", {made.pieces_kept} pieces kept" if made.pieces_kept else ""
    return f"worker {made.worker or 'none'}, {made.merged} of {made.shares} shares taken in{at}{kept}"


def _share(share: "wire.Share") -> tuple[str, ...]:
    kept = [(share.segments_kept, "segments"), (share.pieces_kept, "pieces")]
    return (
        _units(share),
        share.worker,
        share.state,
        f"{share.progress:.0%}",
        share.activity,
        "yes" if share.contributed else "no",
        ", ".join(f"{count} {what}" for count, what in kept if count),
    )


def _units(share: "wire.Share") -> str:
    return f"{share.first_unit} to {share.end_unit - 1}" if share.end_unit > share.first_unit else "all"
