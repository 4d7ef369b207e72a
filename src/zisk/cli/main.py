"""The `zisk` command: its parser, and the one place where failures become exit codes."""

import sys
from collections.abc import Sequence

from zisk.cli.arguments import OneLineParser
from zisk.cli.commands import demo, execute, inspect, program_setup, prove, setup, stats, verify
from zisk.cli.failures import explain
from zisk.cli.reports import escape_what_cannot_be_encoded
from zisk.exit_codes import ExitCode
from zisk.version import __version__


def build_parser() -> OneLineParser:
    """The parser of the command line, every command included."""
    parser = OneLineParser(
        prog="zisk",
        description="Prove the execution of RISC-V programs, and verify such proofs.",
        epilog="A cluster has commands of its own: zisk-coordinator and zisk-worker.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"zisk {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (demo, execute, program_setup, prove, verify, inspect, stats, setup):
        command.add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Expected failures end with one line on standard error.
    Anything else is a defect of this package and keeps its traceback, so that it can be reported.
    """
    escape_what_cannot_be_encoded()
    parsed = build_parser().parse_args(arguments)
    try:
        code: ExitCode = parsed.run(parsed)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader of a pipe has seen enough; keep the interpreter from complaining about it at its end.
        sys.stdout = None
        return ExitCode.OK
    except (Exception, KeyboardInterrupt) as error:
        explained = explain(error)
        if explained is None:
            raise
        code, line = explained
        print(f"zisk: error: {line}", file=sys.stderr)
        return code
