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
    engine = LocalEngine(options.threads or None)
    received: list[int] = []
    working = asyncio.create_task(WorkerShell(options, engine, elf).run())
    loop = asyncio.get_running_loop()

    def end(number: int) -> None:
        received.append(number)
        working.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end, number)
    await asyncio.wait({working})
    if not received:
        working.result()
    log.info("stopped")
    return ExitCode.INTERRUPTED if received == [signal.SIGINT] else ExitCode.OK


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the worker and return its exit code."""
    return program.run(build_parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
