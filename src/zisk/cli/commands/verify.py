"""`zisk verify`: check a proof against a key, or against the guest that the key is derived from."""

import argparse
import time
from typing import TYPE_CHECKING

from zisk.cli import arguments, files, inputs, keys
from zisk.cli.exits import check_exit
from zisk.cli.failures import CommandError
from zisk.cli.progress import command_progress
from zisk.cli.reports import outputs_text, print_report, size_text
from zisk.exit_codes import ExitCode

if TYPE_CHECKING:
    from zisk.prover import Outcome


def add_parser(subparsers: arguments.Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "verify",
        help="verify a proof",
        description="Verify a proof. With -v the key is trusted as it is; -e derives it from the guest.",
    )
    parser.add_argument("-p", "--proof", metavar="FILE", required=True, help="the proof")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("-v", "--vk", metavar="FILE", help="verifying key, from `zisk program-setup`")
    source.add_argument("-e", "--elf", metavar="FILE", help="guest program; its key is derived once and kept")
    arguments.add_expect_exit(parser)
    arguments.add_json(parser)
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> ExitCode:
    """Verify, and report what was proved; a refusal is an error with its own exit code."""
    from zisk.prover.containers import COMMON_MAGIC
    from zisk.prover.program_key import largest_key

    proof = files.read_bounded(parsed.proof, what="proof", limit=files.PROOF_LIMIT, magic=COMMON_MAGIC)
    given = files.read_bounded(parsed.vk, what="key", limit=largest_key()) if parsed.vk is not None else None
    from zisk import prover

    try:
        key = given if given is not None else _derived_key(inputs.read_elf(parsed.elf), proof)
        start = time.perf_counter()
        outcome = prover.verify(proof, key)
    except prover.VerificationError as error:
        if parsed.json:
            print_report({"verdict": "refused", "reason": str(error)}, [], as_json=True)
        raise
    seconds = time.perf_counter() - start
    accepted = parsed.expect_exit is None or outcome.exit_code == parsed.expect_exit
    print_report(
        {
            "verdict": "accepted" if accepted else "refused",
            "form": outcome.form,
            "digest": outcome.digest.hex(),
            "exit_code": outcome.exit_code,
            "outputs": list(outcome.outputs),
            "segments": outcome.segments,
            "steps": outcome.steps,
            "size": outcome.log_size,
            "security": outcome.security,
            "seconds": round(seconds, 3),
        },
        [
            ("verdict", "accepted" if accepted else "refused"),
            ("form", f"{outcome.form} proof of {size_text(len(proof))}"),
            ("digest", outcome.digest.hex()),
            ("exit code", str(outcome.exit_code)),
            ("outputs", outputs_text(outcome.outputs)),
            ("segments", _segments_text(outcome)),
            ("security", f"{outcome.security} bits"),
            ("verified", f"in {seconds:.2f} s"),
            (
                "trust",
                "the key as given" if given is not None else "the guest alone; its key was derived here",
            ),
        ],
        as_json=parsed.json,
    )
    return check_exit(outcome.exit_code, parsed.expect_exit)


def _segments_text(outcome: "Outcome") -> str:
    """How many core segments, and of how many steps where the proof shows it."""
    shown = "" if outcome.steps is None else f" for {outcome.steps:,} steps"
    return f"{outcome.segments}{shown}"


def _derived_key(elf: bytes, proof: bytes) -> bytes:
    """The key of a guest for the size and security of a proof, from the cache or by set-up.

    Nothing is set up for a proof that no key makes valid.
    Raises VerificationError for such a proof.
    """
    from zisk import prover
    from zisk.prover.containers import decode_proof
    from zisk.prover.screening import screen

    decoded = decode_proof(proof)
    if decoded.log_size not in arguments.SIZES or decoded.level not in arguments.SECURITY_LEVELS:
        raise CommandError(ExitCode.REFUSED, "proof refused: no proof has the size or security that it names")
    key = keys.load(elf, decoded.log_size, decoded.level)
    if key is None:
        screen(proof)
        with command_progress() as progress:
            key = prover.setup(elf, log_size=decoded.log_size, security=decoded.level, progress=progress).key
        keys.store(elf, decoded.log_size, decoded.level, key)
    return key
