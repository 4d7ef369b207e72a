"""`zisk verify`: check a proof against a key, or against the guest that the key is derived from."""

import argparse
from typing import TYPE_CHECKING

from zisk.choices import DEFAULT_SECURITY, SECURITY_LEVELS
from zisk.cli import arguments, files, verification
from zisk.cli.reports import outputs_text, print_report, size_text
from zisk.exit_codes import ExitCode

if TYPE_CHECKING:
    from zisk.prover import Outcome


def add_parser(subparsers: arguments.Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "verify",
        help="verify a proof",
        description="Verify a proof. It holds for the program whose key it is verified under: with -e the "
        "key is derived from the guest, with -v it is trusted as it is, with -v and --expect-digest the "
        "digest is trusted, and the key may come from anyone.",
    )
    parser.add_argument("-p", "--proof", metavar="FILE", required=True, help="the proof")
    verification.add_key_sources(parser, required=True)
    parser.add_argument(
        "--min-security",
        type=int,
        choices=SECURITY_LEVELS,
        default=DEFAULT_SECURITY,
        help="refuse a proof of fewer bits (default: %(default)s)",
    )
    verification.add_expectations(parser)
    arguments.add_json(parser)
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> ExitCode:
    """Verify, and report what was proved; a refusal is an error with its own exit code."""
    from zisk.proof_format.containers import COMMON_MAGIC
    from zisk.stark.errors import VerificationError
    from zisk.verifier.outcome import exit_text

    policy = verification.policy_of(parsed, parsed.min_security)
    proof = files.read_bounded(parsed.proof, what="proof", limit=files.PROOF_LIMIT, magic=COMMON_MAGIC)
    trusted = verification.read_trusted(parsed)
    assert trusted is not None
    try:
        outcome, seconds = verification.verify(proof, trusted, policy)
    except VerificationError as error:
        if parsed.json:
            print_report({"verdict": "refused", "reason": str(error)}, [], as_json=True)
        raise
    print_report(
        {
            "verdict": "accepted",
            "form": outcome.form,
            "digest": outcome.digest.hex(),
            "exit_code": outcome.exit_code,
            "outputs": list(outcome.outputs),
            "segments": outcome.segments,
            "steps": outcome.steps,
            "size": outcome.log_size,
            "security": outcome.security,
            "key_origin": outcome.key_origin,
            "seconds": round(seconds, 3),
        },
        [
            ("verdict", "accepted"),
            ("form", f"{outcome.form} proof of {size_text(len(proof))}"),
            ("digest", outcome.digest.hex()),
            ("exit code", exit_text(outcome.exit_code)),
            ("outputs", outputs_text(outcome.outputs)),
            ("segments", _segments_text(outcome)),
            ("security", f"{outcome.security} bits"),
            ("verified", f"in {seconds:.2f} s"),
            ("trust", verification.trust_text(outcome)),
        ],
        as_json=parsed.json,
    )
    return ExitCode.OK


def _segments_text(outcome: "Outcome") -> str:
    """How many core segments of which size, and of how many steps where the proof shows it."""
    shown = "" if outcome.steps is None else f", {outcome.steps:,} in all"
    return f"{outcome.segments} of up to 2^{outcome.log_size} steps{shown}"
