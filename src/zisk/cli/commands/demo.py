"""`zisk demo`: a proof made by a small cluster of real processes on this machine, and its timeline."""

import argparse
import tempfile
import time
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from zisk.cli import arguments
from zisk.cli.demo.cluster import CAPACITY, WORKERS, Cluster, start_cluster
from zisk.cli.demo.events import spans_of, worker_events
from zisk.cli.demo.processes import Crew, polite_endings
from zisk.cli.demo.timeline import Span, timeline_lines
from zisk.cli.demo.watcher import PhaseWatcher
from zisk.cli.progress import command_progress
from zisk.cli.reports import outputs_text, print_report, rate_text, size_text
from zisk.exit_codes import ExitCode

if TYPE_CHECKING:
    from zisk.prover import Outcome
    from zisk.sdk import Proof

LOG_SIZE = 16
"""Small segments, so that the run of the demonstration has several for each worker."""

SECURITY = 128
"""Nothing less than the default."""

UNITS = CAPACITY * len(WORKERS)
"""Compute units of the job."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long it took, in seconds: from submission to proof, the verification, and all of it."""

    prove: float
    verify: float
    whole: float


def add_parser(subparsers: arguments.Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "demo",
        help="prove a SHA-256 guest with a coordinator and two workers on this machine",
        description="Start a coordinator and two workers on free ports of this machine, prove a SHA-256 "
        "guest with them, verify the proof, and draw who did what when. Nothing is left running.",
    )
    arguments.add_json(parser)
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> ExitCode:
    """Compile what is not compiled yet, start the processes, prove, verify, end them, report."""
    start = time.perf_counter()
    data = files("zisk") / "data"
    elf, guest_input = ((data / f"sha-hasher.{kind}").read_bytes() for kind in ("elf", "input"))
    with (
        polite_endings(),
        tempfile.TemporaryDirectory(prefix="zisk-demo-") as folder,
        command_progress() as progress,
    ):
        from zisk import prover
        from zisk.sdk import ProofForm, ProverClient
        from zisk.sdk.requirements import require_cluster

        require_cluster("the demonstration", "prove in this process: zisk prove")
        program = prover.setup(elf, log_size=LOG_SIZE, security=SECURITY, progress=progress)
        with Crew(Path(folder)) as crew:
            with progress.phase("start processes"):
                cluster = start_cluster(crew)
            with ProverClient.remote(cluster.url) as client:
                with progress.phase("register"):
                    guest = client.upload(elf)
                    client.setup(guest, log_size=LOG_SIZE, security=SECURITY, digest=program.digest)
                submitted = time.perf_counter()
                with PhaseWatcher(cluster.workers, progress):
                    proof = client.prove(
                        guest,
                        guest_input,
                        log_size=LOG_SIZE,
                        security=SECURITY,
                        form=ProofForm.FINAL,
                        compute_capacity=UNITS,
                        key=program.key,
                    )
                seconds = time.perf_counter() - submitted
            spans = _spans(cluster)
            with progress.phase("verify"):
                verifying = time.perf_counter()
                outcome = prover.verify(proof.data, program.key)
                verified = time.perf_counter() - verifying
            with progress.phase("end processes"):
                crew.end()
    times = Times(seconds, verified, time.perf_counter() - start)
    report(outcome, proof, spans, times, as_json=parsed.json)
    return ExitCode.OK


def _spans(cluster: Cluster) -> list[Span]:
    """The phases of each worker, as the logs tell them."""
    return spans_of({name: worker_events(member.lines) for name, member in cluster.workers.items()})


def report(outcome: "Outcome", proof: "Proof", spans: list[Span], times: Times, *, as_json: bool) -> None:
    """Print what was proved, by whom and how fast."""
    from zisk.proof_format.units import segments_of_units
    from zisk.verifier.outcome import exit_text

    steps, proof_bytes = proof.report.steps or 0, len(proof.data)
    shares = segments_of_units(outcome.segments + 1, UNITS)
    proved = {
        name: sum(len(shares[unit]) for unit in range(rank * CAPACITY, (rank + 1) * CAPACITY))
        for rank, name in enumerate(WORKERS)
    }
    print_report(
        {
            "verdict": "accepted",
            "digest": outcome.digest.hex(),
            "exit_code": outcome.exit_code,
            "outputs": list(outcome.outputs),
            "steps": steps,
            "segments": outcome.segments,
            "form": outcome.form,
            "security": outcome.security,
            "proof_bytes": proof_bytes,
            "seconds": {name: round(each, 3) for name, each in asdict(times).items()},
            "workers": [
                {
                    "worker": name,
                    "segments": proved[name],
                    "phases": [
                        {"phase": span.phase, "start": round(span.start, 3), "end": round(span.end, 3)}
                        for span in spans
                        if span.worker == name
                    ],
                }
                for name in WORKERS
            ],
        },
        [
            ("proved", f"{steps:,} steps of sha-hasher in {outcome.segments} core segments"),
            ("", f"in {times.prove:.1f} s on two workers, {rate_text(steps, times.prove, 'steps')}"),
            ("final proof", f"{proof_bytes:,} bytes ({size_text(proof_bytes)}), {outcome.security} bits"),
            ("verified", f"in {times.verify:.2f} s, under a key derived here"),
            ("digest", outcome.digest.hex()),
            ("exit code", exit_text(outcome.exit_code)),
            ("outputs", outputs_text(outcome.outputs)),
        ],
        as_json=as_json,
    )
    if not as_json:
        print()
        print("\n".join(timeline_lines(spans)))
        print()
        print("   ".join(f"{name}: {count} segments" for name, count in proved.items()))
        print(f"whole demonstration: {times.whole:.1f} s; nothing is left running")
