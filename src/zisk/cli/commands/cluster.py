"""`zisk cluster`: what a running cluster is at, what its jobs wait for, and a hand on both."""

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from zisk.cli import arguments as flags
from zisk.cli.failures import CommandError
from zisk.cli.outputs import check_place, write_output
from zisk.cli.reports import print_report
from zisk.errors import ErrorKind
from zisk.exit_codes import ExitCode

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from zisk.cluster.cluster_client import ClusterClient
    from zisk.cluster.protocol.generated import cluster_pb2 as wire

DEFAULT_URL = "http://127.0.0.1:7000"

Answer = TypeVar("Answer", bound="Message")
Run = Callable[["ClusterClient", argparse.Namespace], ExitCode]


def add_parser(subparsers: flags.Subparsers) -> None:
    """Declare the command and those below it."""
    parser = subparsers.add_parser(
        "cluster",
        help="look at a running cluster, and take a hand in it",
        description="Ask a coordinator. Jobs and workers are named by their ids, or by how these begin.",
    )
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _command(below, "status", "workers, capacity, jobs and health, in numbers", _status)
    jobs = _command(below, "jobs", "list jobs in order of submission", _jobs)
    jobs.add_argument("--active", action="store_true", help="only those that wait or run")
    _job_command(below, "job", "a job: its shares, who is at what, what was tried", _job)
    _job_command(below, "watch", "follow a job until it is over", _watch)
    fetch = _job_command(below, "fetch", "save the proof of a completed job", _fetch)
    fetch.add_argument("-o", "--output", metavar="FILE", help="where it goes (default: proof_JOB.bin)")
    _job_command(below, "cancel", "end a job", _cancel)
    _job_command(below, "explain", "what a job waits for, and since when", _explain)
    _command(below, "workers", "list workers in order of registration", _workers)
    drain = _command(below, "drain", "let a worker end its task and give it no other", _drain)
    drain.add_argument("worker", type=flags.text, metavar="WORKER", help="its id, or how that alone begins")
    drain.add_argument("--undo", action="store_true", help="give it tasks again")
    events = _command(below, "events", "what has happened to jobs and workers", _events)
    events.add_argument("-f", "--follow", action="store_true", help="go on with what happens from now on")


def _command(below: flags.Subparsers, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    """Declare a command that asks a coordinator."""

    def ask(parsed: argparse.Namespace) -> ExitCode:
        from zisk.cluster.cluster_client import ClusterClient

        with ClusterClient(parsed.coordinator_url) as client:
            return run(client, parsed)

    parser = below.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    parser.add_argument(
        "--coordinator-url",
        metavar="URL",
        default=DEFAULT_URL,
        help="either gRPC port of the coordinator (default: %(default)s)",
    )
    flags.add_json(parser)
    parser.set_defaults(run=ask)
    return parser


def _job_command(below: flags.Subparsers, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    """Declare a command on one job."""
    parser = _command(below, name, summary, run)
    parser.add_argument("job", type=flags.text, metavar="JOB", help="its id, or how that alone begins")
    return parser


def _status(client: "ClusterClient", parsed: argparse.Namespace) -> ExitCode:
    from zisk.cli.cluster_reports import show_status

    return _show(client.status(), show_status, parsed)


def _jobs(client: "ClusterClient", parsed: argparse.Namespace) -> ExitCode:
    from zisk.cli.cluster_reports import show_jobs

    return _show(client.jobs(active_only=parsed.active), lambda listed: show_jobs(listed.jobs), parsed)


def _job(client: "ClusterClient", parsed: argparse.Namespace) -> ExitCode:
    from zisk.cli.cluster_reports import show_job

    return _show(client.job(parsed.job), show_job, parsed)


def _explain(client: "ClusterClient", parsed: argparse.Namespace) -> ExitCode:
    from zisk.cli.cluster_reports import show_explanation

    return _show(client.explanation(parsed.job), show_explanation, parsed)


def _workers(client: "ClusterClient", parsed: argparse.Namespace) -> ExitCode:
    from zisk.cli.cluster_reports import show_workers

    return _show(client.workers(), lambda listed: show_workers(listed.workers), parsed)


def _watch(client: "ClusterClient", parsed: argparse.Namespace) -> ExitCode:
    """Follow a job; the exit code is that of what became of it."""
    from zisk.cli.cluster_follow import follow_job
    from zisk.cluster.errors import failure_told

    try:
        job = follow_job(client, parsed.job, as_json=parsed.json)
    except KeyboardInterrupt:
        print(f"\nnote: job {parsed.job} goes on; zisk cluster cancel ends it", file=sys.stderr)
        return ExitCode.INTERRUPTED
    if job.state == "Failed":
        raise failure_told(job.job_id, job.failure.kind, job.failure.message)
    if job.state == "Cancelled":
        raise CommandError(ErrorKind.CANCELLED, f"job {job.job_id} was cancelled; submit it again")
    return ExitCode.OK


def _fetch(client: "ClusterClient", parsed: argparse.Namespace) -> ExitCode:
    """Save a proof as the coordinator gives it."""
    check_place(parsed.output or "proof_JOB.bin", what="proof")
    job_id, proof = client.proof(parsed.job)
    path = write_output(parsed.output or f"proof_{job_id}.bin", proof, what="proof")
    report = {"job_id": job_id, "proof": str(path), "proof_bytes": len(proof)}
    print_report(report, [(str(path), f"{len(proof):,} bytes")], as_json=parsed.json)
    print(f"note: not verified; `zisk verify -p {path} -e GUEST.elf` does that", file=sys.stderr)
    return ExitCode.OK


def _cancel(client: "ClusterClient", parsed: argparse.Namespace) -> ExitCode:
    def show(answer: "wire.CancelJobResponse") -> None:
        over = "cancelled" if answer.cancelled else f"was over already: {answer.state.lower()}"
        print(f"job {answer.job_id} {'is ' if answer.cancelled else ''}{over}")

    return _show(client.cancel(parsed.job), show, parsed)


def _drain(client: "ClusterClient", parsed: argparse.Namespace) -> ExitCode:
    def show(worker: "wire.Worker") -> None:
        if parsed.undo:
            print(f"worker {worker.worker_id} is given tasks again")
        elif worker.task:
            print(f"worker {worker.worker_id} ends its task, {worker.task}, and is given no other")
        else:
            print(f"worker {worker.worker_id} has no task and is given none")

    return _show(client.drain(parsed.worker, undo=parsed.undo), show, parsed)


def _events(client: "ClusterClient", parsed: argparse.Namespace) -> ExitCode:
    """Print a line for each event."""
    from zisk.cli.cluster_follow import follow_events
    from zisk.cli.cluster_reports import event_text
    from zisk.cli.cluster_tables import print_json
    from zisk.printable import printable

    for event in follow_events(client) if parsed.follow else client.events(after=None, follow=False):
        if parsed.json:
            print_json(event)
        else:
            print(printable(event_text(event)), flush=True)
    return ExitCode.OK


def _show(answer: Answer, show: Callable[[Answer], None], parsed: argparse.Namespace) -> ExitCode:
    """Print an answer, for people or as JSON."""
    from zisk.cli.cluster_tables import print_json

    if parsed.json:
        print_json(answer)
    else:
        show(answer)
    return ExitCode.OK
