"""`zisk-coordinator prove`: submit a proof to a running coordinator, wait for it, save it."""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zisk.choices import DEFAULT_LOG_SIZE, DEFAULT_SECURITY, LOG_SIZES, SECURITY_LEVELS
from zisk.cli import arguments as flags
from zisk.cli import verification
from zisk.cli.failures import CommandError
from zisk.cli.inputs import read_input
from zisk.cli.outputs import check_place, write_output
from zisk.cli.reports import outputs_text
from zisk.errors import ErrorKind
from zisk.exit_codes import ExitCode
from zisk.printable import printable

if TYPE_CHECKING:
    from zisk.cluster.launch_client import Launch, LaunchClient, Standing
    from zisk.proof_format.forms import ProofForm
    from zisk.verifier.outcome import Outcome
    from zisk.verifier.policy import Policy

_PAUSE_SECONDS = 0.2
"""Least time from one question about the job to the next, however much news there is."""

_LINE_SECONDS = 1
"""Time between two looks of the line on a terminal, and least time between lines that stay to be read."""

_WAIT_SECONDS = 30
"""How long one question waits for news where nothing is to be drawn meanwhile."""


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
        type=flags.text,
        metavar="FILE",
        help="input: a file below the workers' --inputs-folder, or with -x one here (default: empty)",
    )
    parser.add_argument(
        "-c",
        "--compute-capacity",
        metavar="N",
        type=flags.compute_units,
        help="compute units of the job (default: what the coordinator is set to, 10, over what is connected)",
    )
    parser.add_argument(
        "-m",
        "--minimal-compute-capacity",
        metavar="N",
        type=flags.compute_units,
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
        "--data-id",
        type=flags.text,
        metavar="NAME",
        help="your name for the job (default: that of the input)",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="where the proof goes (default: proof_JOB.bin)"
    )
    parser.add_argument(
        "--size", type=int, choices=LOG_SIZES, help="segments hold 2^SIZE steps (default: 20)"
    )
    parser.add_argument(
        "--security", type=int, choices=SECURITY_LEVELS, help="bits of proven soundness (default: 128)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--compressed-proofs",
        dest="form",
        action="store_const",
        const="compressed",
        help="make the final proof smaller, in more time (default: as the coordinator is set)",
    )
    form.add_argument(
        "--composite",
        dest="form",
        action="store_const",
        const="composite",
        help="fold nothing: the proof is those of all segments, and grows with the run",
    )
    check = parser.add_argument_group(
        "verification", "Without -v or -e the proof is saved as the coordinator gives it, unverified."
    )
    verification.add_key_sources(check, required=False)
    verification.add_expectations(check)
    unused = parser.add_argument_group("accepted and unused")
    unused.add_argument("--hints-uri", metavar="URI", help="precompile hints")
    unused.add_argument("--stream-hints", action="store_true", help="stream hints")
    unused.add_argument("--simulated-node", metavar="N", help="simulated node")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Look, submit, wait, verify where it is said against what, save."""
    for name in ("hints_uri", "stream_hints", "simulated_node"):
        if getattr(arguments, name):
            print(f"note: --{name.replace('_', '-')} changes nothing in this version", file=sys.stderr)
    trusted = verification.read_trusted(arguments)
    security = arguments.security or DEFAULT_SECURITY
    policy = verification.policy_of(arguments, security)
    if trusted is None and verification.expects(arguments):
        raise CommandError(
            ErrorKind.USAGE, "only a proof that is verified shows what is expected; add -e GUEST or -v KEY"
        )
    check_place(arguments.output or "proof_JOB.bin", what="proof")
    launch = _launch_of(arguments)
    if trusted is not None:
        log_size = arguments.size or DEFAULT_LOG_SIZE
        verification.check_trusted(trusted, policy, log_size=log_size, security=security)
    made = _made(arguments.coordinator_url, launch)
    output = arguments.output or f"proof_{made.job_id}.bin"
    outcome = None if trusted is None else _verified(made, launch, trusted, policy, output)
    path = write_output(output, made.proof, what="proof")
    _report(path, made, outcome)
    return ExitCode.OK


@dataclass(frozen=True, slots=True)
class _Made:
    """What came back of a job: its proof, of what form the coordinator says, and after how many seconds."""

    job_id: str
    proof: bytes
    form: "ProofForm"
    seconds: float


def _launch_of(arguments: argparse.Namespace) -> "Launch":
    """What the command line asks for."""
    from zisk.cluster.launch_client import Launch
    from zisk.cluster.protocol.fields import MOST_DATA_ID_LETTERS
    from zisk.proof_format.forms import ProofForm

    name = arguments.inputs_uri
    inline = arguments.direct_inputs and name is not None
    return Launch(
        input_path=None if inline else name,
        input_data=read_input(name) if inline else None,
        capacity=arguments.compute_capacity,
        minimal_capacity=arguments.minimal_compute_capacity,
        data_id=arguments.data_id or printable(Path(name or "").name)[:MOST_DATA_ID_LETTERS],
        log_size=arguments.size or 0,
        security=arguments.security or 0,
        form=ProofForm(arguments.form) if arguments.form is not None else None,
    )


def _made(url: str, launch: "Launch") -> _Made:
    """Submit a job, follow it to its end, and fetch its proof."""
    from zisk.cluster.launch_client import LaunchClient

    with LaunchClient(url) as client:
        job_id = client.launch(launch)
        started = time.monotonic()
        try:
            told = _follow(client, job_id)
        except KeyboardInterrupt:
            print(f"\njob {job_id} goes on; the coordinator keeps its proof", file=sys.stderr)
            raise
        proof = client.proof(job_id)
    return _Made(job_id, proof, told.form, time.monotonic() - started)


def _verified(
    made: _Made, launch: "Launch", trusted: "verification.Trusted", policy: "Policy", output: str
) -> "Outcome":
    """What the proof shows, which is what was asked for.

    A proof that cannot be verified on this host is kept beside where it was to go, and that is said: a job
    may have taken hours.
    """
    from zisk.sdk.verification import check_asked
    from zisk.stark.errors import VerificationError

    try:
        outcome = verification.verify(made.proof, trusted, policy)[0]
    except VerificationError:
        raise
    except BaseException:
        place = Path(output)
        folder = place.parent if place.is_file() or not place.exists() else Path()
        kept = write_output(
            str(folder / f"unverified_{made.job_id}.bin"), made.proof, what="unverified proof"
        )
        print(f"note: the proof is kept, not verified, in {kept}; see `zisk verify`", file=sys.stderr)
        raise
    check_asked(outcome, form=launch.form, log_size=launch.log_size or None)
    return outcome


def _report(path: Path, made: _Made, outcome: "Outcome | None") -> None:
    """Say what was saved, and what it shows where it was verified."""
    from zisk.verifier.outcome import exit_text

    size = len(made.proof)
    form = made.form if outcome is None else outcome.form
    print(f"{path}  ({form} proof, {size:,} bytes, {size / 1024:,.1f} KiB, {made.seconds:.1f} s)")
    if outcome is None:
        print(f"note: not verified; `zisk verify -p {path} -e GUEST.elf` does that", file=sys.stderr)
        return
    print(f"verified: program {outcome.digest.hex()}, {outcome.security} bits")
    print(f"exit code {exit_text(outcome.exit_code)}, outputs {outputs_text(outcome.outputs)}")
    print(f"trusted: {verification.trust_text(outcome)}")


def _follow(client: "LaunchClient", job_id: str) -> "Standing":
    """Show on standard error where the job stands, until it is over.

    On a terminal that is one line; elsewhere a line whenever there is news, but at most one a second.
    """
    live = sys.stderr.isatty()
    start = time.monotonic()
    shown, shown_at = "", 0.0
    wait = _LINE_SECONDS if live else _WAIT_SECONDS
    standing, asked = client.standing(job_id), start
    while not standing.over:
        line = printable(f"job {job_id}: {standing.state}, {_workers_text(standing)}, {standing.share:.0%}")
        if live:
            seconds = time.monotonic() - start
            print(f"\r\x1b[K{line}, {seconds:.0f} s", end="", file=sys.stderr, flush=True)
        elif line != shown and time.monotonic() - shown_at >= _LINE_SECONDS:
            print(line, file=sys.stderr, flush=True)
            shown, shown_at = line, time.monotonic()
        time.sleep(max(0.0, asked + _PAUSE_SECONDS - time.monotonic()))
        asked = time.monotonic()
        standing = client.standing(job_id, seen=standing.revision, wait_seconds=wait)
    if live:
        print("\r\x1b[K", end="", file=sys.stderr)
    print(f"job {job_id}: {printable(standing.state)}", file=sys.stderr)
    return standing


def _workers_text(standing: "Standing") -> str:
    """The workers of a job, and what they are at."""
    pairs = zip(standing.workers, standing.activities, strict=True)
    return "workers " + ", ".join(f"{name} ({activity})" if activity else name for name, activity in pairs)
