"""`zisk setup`: set up the circuits that fold a job, and check their keys against those that are shipped."""

import argparse
import time

from zisk.cli import arguments
from zisk.cli.progress import command_progress
from zisk.cli.reports import print_report
from zisk.exit_codes import ExitCode


def add_parser(subparsers: arguments.Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "setup",
        help="derive the keys of the folding circuits, and check those that are shipped",
        description="Set up every circuit that folds jobs of a security level, and check that its key is the "
        "one that this version ships. Proving does not need it: it sets up what it uses.",
    )
    arguments.add_security(parser)
    arguments.add_json(parser)
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> ExitCode:
    """Set up, compare and report; a key that is not shipped is a refusal."""
    from zisk.prover.circuit_setup import set_up_circuits

    start = time.perf_counter()
    with command_progress() as progress:
        found = set_up_circuits(parsed.security, progress=progress)
    seconds = time.perf_counter() - start
    agrees = all(one.is_shipped for one in found)
    print_report(
        {
            "verdict": "shipped" if agrees else "differs",
            "security": parsed.security,
            "circuits": [
                {"name": one.name, "digest": one.digest.hex(), "shipped": one.is_shipped} for one in found
            ],
            "seconds": round(seconds, 3),
        },
        [
            ("verdict", "all keys are those shipped" if agrees else "keys differ from those shipped"),
            ("security", f"{parsed.security} bits"),
            *((one.name, one.digest.hex() + ("" if one.is_shipped else ", not shipped")) for one in found),
            ("set up", f"in {seconds:.1f} s"),
        ],
        as_json=parsed.json,
    )
    return ExitCode.OK if agrees else ExitCode.REFUSED
