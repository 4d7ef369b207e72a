"""`zisk-coordinator prove`: submit a proof to a running coordinator, wait for it, save it."""

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from zisk.cli import arguments as flags
from zisk.cli.files import write_whole
from zisk.cli.inputs import read_input
from zisk.exit_codes import ExitCode

if TYPE_CHECKING:
    from zisk.cluster.launch import LaunchClient

_POLL_SECONDS = 0.2
"""Pause between questions about the job: short beside any proof, long beside a call."""


def add_prove_parser(commands: flags.Subparsers) -> None:
    """Add the command to the parser of `zisk-coordinator`."""
    parser = commands.add_parser(
        "prove",
        help="submit a proof to a running coordinator, wait for it, save it",
        description="Prove the program that the workers were started with on an input.",
    )
    parser.add_argument(
        "--inputs-uri",
        "--input",
        "--inputs",
        metavar="FILE",
        help="input: a file below the workers' --inputs-folder, or with -x one here (default: empty)",
    )
    parser.add_argument(
        "-c",
        "--compute-capacity",
        metavar="N",
        type=flags.positive,
        help="compute units of the job (default: what the coordinator is set to, 10, over what is connected)",
    )
    parser.add_argument(
        "-m",
        "--minimal-compute-capacity",
        metavar="N",
        type=flags.positive,
        help="start with as few as N connected units (default: all that were asked for)",
    )
    parser.add_argument(
        "-x", "--direct-inputs", action="store_true", help="read the input here and send it inline"
    )
    parser.add_argument(
        "--coordinator-url",
        metavar="URL",
        default="http://127.0.0.1:50051",
        help="the coordinator's worker port (default: %(default)s)",
    )
    parser.add_argument(
        "--data-id", metavar="NAME", help="your name for the job (default: that of the input)"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="where the proof goes (default: proof_JOB.bin)"
    )
    parser.add_argument(
        "--size", type=int, choices=flags.SIZES, help="segments hold 2^SIZE steps (default: 20)"
    )
    parser.add_argument(
        "--security", type=int, choices=flags.SECURITY_LEVELS, help="bits of proven soundness (default: 128)"
    )
    unused = parser.add_argument_group("accepted and unused")
    unused.add_argument("--hints-uri", metavar="URI", help="precompile hints")
    unused.add_argument("--stream-hints", action="store_true", help="stream hints")
    unused.add_argument("--simulated-node", metavar="N", help="simulated node")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Submit, wait, save."""
    from zisk.cluster.launch import Launch, LaunchClient

    for name in ("hints_uri", "stream_hints", "simulated_node"):
        if getattr(arguments, name):
            print(f"note: --{name.replace('_', '-')} changes nothing in this version", file=sys.stderr)
    name = arguments.inputs_uri
    inline = arguments.direct_inputs and name is not None
    launch = Launch(
        input_path=None if inline else name,
        input_data=read_input(name) if inline else None,
        capacity=arguments.compute_capacity,
        minimal_capacity=arguments.minimal_compute_capacity,
        data_id=arguments.data_id or (Path(name).name if name else ""),
        log_size=arguments.size or 0,
        security=arguments.security or 0,
    )
    with LaunchClient(arguments.coordinator_url) as client:
        job_id = client.launch(launch)
        started = time.monotonic()
        try:
            _follow(client, job_id)
        except KeyboardInterrupt:
            print(f"\njob {job_id} goes on; the coordinator keeps its proof", file=sys.stderr)
            raise
        path = write_whole(arguments.output or f"proof_{job_id}.bin", client.proof(job_id), what="proof")
    print(f"{path}  ({path.stat().st_size:,} bytes, {time.monotonic() - started:.1f} s)")
    return ExitCode.OK


def _follow(client: "LaunchClient", job_id: str) -> None:
    """Show on standard error where the job stands, until it is over: one line, or one line a phase."""
    live = sys.stderr.isatty()
    shown = ""
    while not (standing := client.standing(job_id)).over:
        line = f"job {job_id}: {standing.state}, workers {', '.join(standing.workers)}"
        if live:
            print(f"\r\x1b[K{line}, {standing.share:.0%}", end="", file=sys.stderr, flush=True)
        elif line != shown:
            print(line, file=sys.stderr, flush=True)
        shown = line
        time.sleep(_POLL_SECONDS)
    if live:
        print("\r\x1b[K", end="", file=sys.stderr)
    print(f"job {job_id}: {standing.state}", file=sys.stderr)
