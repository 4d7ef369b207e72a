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
from pathlib import Path
from typing import TYPE_CHECKING

from zisk.cli import program
from zisk.cli.arguments import OneLineParser
from zisk.cluster.errors import ConfigurationError
from zisk.cluster.settings import Settings, add_flags, resolve
from zisk.cluster.worker.settings import FILE_VARIABLES, PREFIX, SETTINGS
from zisk.exit_codes import ExitCode
from zisk.version import __version__

if TYPE_CHECKING:
    from zisk.cluster.worker.shell import WorkerOptions

_VERBOSITY = ("error", "warn", "info", "debug", "trace")
"""Levels by number of -v."""


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
    """Every setting, from the file, the environment and the flags.

    Raises:
        ConfigurationError: a value is out of bounds, or two flags exclude each other.

    """
    variables = (os.environ.get(variable, "") for variable in FILE_VARIABLES)
    path = arguments.config or next(filter(None, variables), "")
    settings = resolve(SETTINGS, PREFIX, file=Path(path) if path else None, arguments=arguments)
    if settings["worker.compute_capacity.compute_units"] < 1:
        raise ConfigurationError("the compute capacity is at least 1; change --compute-capacity")
    if settings["asm"] and settings["emulator"]:
        raise ConfigurationError("--asm and --emulator exclude each other; give one of them")
    return settings


def work(arguments: argparse.Namespace) -> ExitCode:
    """Work until a signal says to end."""
    from zisk.cli.inputs import read_elf
    from zisk.cluster.engines.thread import leave
    from zisk.cluster.errors import InputError
    from zisk.cluster.logs import start_logging
    from zisk.cluster.worker.shell import WorkerOptions

    settings = read_settings(arguments)
    level = settings["logging.level"]
    if count := settings["verbose"]:
        level = _VERBOSITY[min(count, len(_VERBOSITY) - 1)]
    start_logging(level, settings["logging.format"], settings["logging.file_path"])
    folder = Path(settings["worker.inputs_folder"])
    if not folder.is_dir():
        raise InputError(f"inputs folder {folder} does not exist; create it, or change --inputs-folder")
    options = WorkerOptions(
        worker_id=settings["worker.worker_id"] or str(uuid.uuid4()),
        capacity=settings["worker.compute_capacity.compute_units"],
        coordinator_url=settings["coordinator.url"],
        inputs_folder=folder,
        elf=read_elf(settings["elf"]) if settings["elf"] else None,
        reconnect_seconds=settings["connection.reconnect_interval_seconds"],
        heartbeat_timeout=settings["connection.heartbeat_timeout_seconds"],
    )
    code = asyncio.run(_work(options, settings))
    leave(code)
    return code


async def _work(options: "WorkerOptions", settings: Settings) -> ExitCode:
    import logging

    from zisk.cluster.engines.local import LocalEngine
    from zisk.cluster.worker.shell import WorkerShell

    log = logging.getLogger("zisk.worker")
    for notice in settings.notices():
        log.warning("%s", notice)
    engine = LocalEngine(settings["number-threads-witness"] or None)
    received: list[int] = []
    working = asyncio.create_task(WorkerShell(options, engine).run())
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
