"""The `zisk` command and its parser."""

from collections.abc import Sequence

from zisk.cli import program
from zisk.cli.arguments import OneLineParser
from zisk.cli.commands import cluster, demo, execute, inspect, program_setup, prove, setup, stats, verify
from zisk.version import __version__


def build_parser() -> OneLineParser:
    """The parser of the command line, every command included."""
    parser = OneLineParser(
        prog="zisk",
        description="Prove the execution of RISC-V programs, and verify such proofs.",
        epilog="A cluster is made of zisk-coordinator and zisk-worker; `zisk cluster` looks after it.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"zisk {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (demo, execute, program_setup, prove, verify, inspect, stats, setup, cluster):
        command.add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    return program.run(build_parser(), arguments)
