"""`zisk execute` and `zisk run`: run a guest without proving it."""

import argparse
import sys
import time
from typing import TYPE_CHECKING

from zisk.choices import LOG_SIZES
from zisk.cli import arguments, inputs, outputs
from zisk.cli.exits import check_exit
from zisk.cli.progress import command_progress
from zisk.cli.reports import outputs_bytes, outputs_text, print_report, rate_text
from zisk.exit_codes import ExitCode

if TYPE_CHECKING:
    from zisk.vm.executor import Execution


def add_parser(subparsers: arguments.Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "execute",
        aliases=["run"],
        help="run a guest without proving it",
        description="Run a guest without proving it, and report cycles, exit code and public outputs.",
    )
    arguments.add_elf(parser)
    arguments.add_inputs(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write the 256 bytes of public outputs here")
    arguments.add_max_steps(parser)
    arguments.add_expect_exit(parser)
    arguments.add_json(parser)
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> ExitCode:
    """Run the guest, show what it printed, and report."""
    elf = inputs.read_elf(parsed.elf)
    data = inputs.read_input(parsed.inputs)
    if parsed.output is not None:
        outputs.check_place(parsed.output, what="output")
    from zisk.verifier.outcome import exit_text

    start = time.perf_counter()
    execution = _execute(elf, data, parsed.max_steps)
    seconds = time.perf_counter() - start
    if parsed.output is not None:
        outputs.write_output(parsed.output, outputs_bytes(execution.outputs), what="output")
    print_report(
        {
            "cycles": execution.cycles,
            "steps": execution.steps,
            "exit_code": execution.exit_code,
            "outputs": list(execution.outputs),
            "uart": execution.uart.decode("utf-8", "replace"),
            "seconds": round(seconds, 6),
        },
        [
            ("cycles", f"{execution.cycles:,}"),
            ("steps", f"{execution.steps:,}"),
            ("speed", rate_text(execution.cycles, seconds, "cycles")),
            ("exit code", exit_text(execution.exit_code)),
            ("outputs", outputs_text(execution.outputs)),
        ],
        as_json=parsed.json,
    )
    return check_exit(execution.exit_code, parsed.expect_exit)


def _execute(elf: bytes, data: bytes, max_steps: int) -> "Execution":
    """Run the guest to its end; what it printed is shown whether that end is good or bad."""
    from zisk.vm.executor import Run
    from zisk.vm.program import load_program

    guest = load_program(elf, max(LOG_SIZES))
    printed = bytearray()
    try:
        with command_progress() as progress:
            running = Run(guest, data, max_steps=max_steps, progress=progress)
            printed = running.uart
            for _ in running:
                pass
    finally:
        sys.stderr.write(printed.decode("utf-8", "replace"))
        sys.stderr.flush()
    assert running.result is not None
    return running.result
