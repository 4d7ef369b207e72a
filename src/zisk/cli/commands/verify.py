"""`zisk verify`: check a proof against a key, or against the guest that the key is derived from."""

import argparse
import time

from zisk.cli import arguments, files, inputs, keys
from zisk.cli.exits import check_exit
from zisk.cli.progress import command_progress
from zisk.cli.reports import outputs_text, print_report
from zisk.exit_codes import ExitCode


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
    arguments.add_size(parser)
    arguments.add_security(parser)
    arguments.add_expect_exit(parser)
    arguments.add_json(parser)
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> ExitCode:
    """Verify, and report what was proved; a refusal is an error with its own exit code."""
    proof = files.read_bounded(parsed.proof, what="proof", limit=files.PROOF_LIMIT)
    if parsed.vk is not None:
        key = files.read_bounded(parsed.vk, what="key", limit=files.KEY_LIMIT)
    else:
        key = _derived_key(inputs.read_elf(parsed.elf), parsed.size, parsed.security)
    from zisk import prover

    start = time.perf_counter()
    try:
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
            "digest": outcome.digest.hex(),
            "exit_code": outcome.exit_code,
            "outputs": list(outcome.outputs),
            "segments": outcome.segments,
            "seconds": round(seconds, 3),
        },
        [
            ("verdict", "accepted" if accepted else "refused"),
            ("digest", outcome.digest.hex()),
            ("exit code", str(outcome.exit_code)),
            ("outputs", outputs_text(outcome.outputs)),
            ("segments", str(outcome.segments)),
            ("verified", f"in {seconds:.2f} s"),
            (
                "trust",
                "the key as given" if parsed.vk is not None else "the guest alone; its key was derived here",
            ),
        ],
        as_json=parsed.json,
    )
    return check_exit(outcome.exit_code, parsed.expect_exit)


def _derived_key(elf: bytes, log_size: int, security: int) -> bytes:
    """The key of a guest, from the cache or by set-up."""
    key = keys.load(elf, log_size, security)
    if key is None:
        from zisk import prover

        with command_progress() as progress:
            key = prover.setup(elf, log_size=log_size, security=security, progress=progress).key
        keys.store(elf, log_size, security, key)
    return key
