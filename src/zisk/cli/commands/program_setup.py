"""`zisk program-setup`: derive the verifying key of a guest."""

import argparse
import sys
from pathlib import Path

from zisk.cli import arguments, inputs, outputs
from zisk.cli.progress import command_progress
from zisk.cli.reports import print_report
from zisk.exit_codes import ExitCode


def add_parser(subparsers: arguments.Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "program-setup",
        help="derive the verifying key of a guest",
        description="Derive the verifying key of a guest. Whoever holds it can verify without the guest.",
    )
    arguments.add_elf(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write the key (default: GUEST.vk)")
    arguments.add_size(parser)
    arguments.add_security(parser)
    arguments.add_compute_capacity(parser)
    arguments.add_json(parser)
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> ExitCode:
    """Derive the key, write it, and report its digest."""
    elf = inputs.read_elf(parsed.elf)
    if parsed.compute_capacity is not None:
        print("zisk: note: a key does not depend on --compute-capacity", file=sys.stderr)
    target = parsed.output if parsed.output is not None else Path(parsed.elf).stem + ".vk"
    outputs.check_place(target, what="key")
    from zisk import prover
    from zisk.sdk import key_cache

    with command_progress() as progress:
        program = prover.setup(elf, log_size=parsed.size, security=parsed.security, progress=progress)
    key_cache.store(elf, parsed.size, parsed.security, program.key)
    outputs.write_output(target, program.key, what="key")
    print_report(
        {
            "digest": program.digest.hex(),
            "elf_hash": program.elf_hash,
            "size": parsed.size,
            "security": parsed.security,
            "key": target,
            "key_bytes": len(program.key),
        },
        [
            ("digest", program.digest.hex()),
            ("guest", program.elf_hash),
            ("size", f"2^{parsed.size} steps a segment"),
            ("security", f"{parsed.security} bits"),
            ("key", f"{target} ({len(program.key):,} bytes)"),
        ],
        as_json=parsed.json,
    )
    return ExitCode.OK
