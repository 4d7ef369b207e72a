"""`zisk-worker`: prove what a coordinator asks for.

Nothing heavy is imported before the command line is understood.
"""

import argparse
import asyncio
import os
import signal
import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from zisk.cli import program
from zisk.cli.arguments import OneLineParser
from zisk.cli.signals import SignalBox
from zisk.cluster.settings import Settings, add_flags, resolve
from zisk.cluster.worker.settings import FILE_VARIABLES, PREFIX, SETTINGS, WorkerOptions, configured
from zisk.exit_codes import ExitCode
from zisk.version import __version__


def build_parser() -> OneLineParser:
    """The parser of the command line."""
    parser = OneLineParser(
        prog="zisk-worker",
        description="Prove what a coordinator asks for.",
        epilog="Settings: defaults < TOML file < environment < flags.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"zisk-worker {__version__}")
    parser.add_argument("--config", metavar="FILE", help="TOML file")
    add_flags(parser, SETTINGS)
    parser.set_defaults(run=work)
    return parser


def read_settings(arguments: argparse.Namespace) -> Settings:
    """Every setting, from the file, the environment and the flags."""
    variables = (os.environ.get(variable, "") for variable in FILE_VARIABLES)
    path = arguments.config or next(filter(None, variables), "")
    return resolve(SETTINGS, PREFIX, file=Path(path) if path else None, arguments=arguments)


def work(arguments: argparse.Namespace) -> ExitCode:
    """Work until a signal says to end."""
    from zisk.cli.inputs import read_elf
    from zisk.cluster.engines.thread import leave
    from zisk.cluster.logs import start_logging
    from zisk.sdk.arguments import elf_of
    from zisk.sdk.requirements import require_proving

    require_proving("a worker", "work on a machine that has it")
    settings = read_settings(arguments)
    options, logs = configured(settings)
    start_logging(logs)
    elf = elf_of(read_elf(options.elf)) if options.elf else None
    named = replace(options, worker_id=options.worker_id or str(uuid.uuid4()))
    code = asyncio.run(_work(named, elf, settings.notices()))
    leave(code)
    return code


async def _work(options: WorkerOptions, elf: bytes | None, notices: Sequence[str]) -> ExitCode:
    import logging

    from zisk.cluster.engines.local import LocalEngine
    from zisk.cluster.worker.shell import WorkerShell

    log = logging.getLogger("zisk.worker")
    for notice in notices:
        log.warning("%s", notice)
    shell = WorkerShell(options, LocalEngine(options.threads or None), elf)
    working = asyncio.create_task(shell.run())
    signals = SignalBox()
    first = asyncio.create_task(signals.wait())
    await asyncio.wait({working, first}, return_when=asyncio.FIRST_COMPLETED)
    if not first.done():
        working.result()
    grace = options.shutdown_seconds
    log.info("stopping: the task at hand has %g s; a second signal ends it at once", grace)
    leaving = asyncio.create_task(shell.leave(grace))
    again = asyncio.create_task(signals.wait())
    await asyncio.wait({leaving, again}, return_when=asyncio.FIRST_COMPLETED)
    if leaving.done() and not leaving.result():
        log.warning("the task at hand did not end within %g s; others go on with what is kept of it", grace)
    for task in (leaving, again, working):
        task.cancel()
    await asyncio.wait({working})
    log.info("stopped")
    return ExitCode.INTERRUPTED if first.result() == signal.SIGINT else ExitCode.OK


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the worker and return its exit code."""
    return program.run(build_parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
