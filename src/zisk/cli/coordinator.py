"""`zisk-coordinator`: serve, submit a proof, or show the configuration.

Nothing heavy is imported before a command runs.
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from zisk.cli import program
from zisk.cli.arguments import OneLineParser
from zisk.cli.coordinator_prove import add_prove_parser
from zisk.cli.signals import SignalBox
from zisk.cluster.coordinator.settings import (
    CORE_FILE_KEY,
    FILE_VARIABLES,
    PREFIX,
    SETTINGS,
    Configuration,
    Rules,
    configured,
)
from zisk.cluster.declared import shown
from zisk.cluster.settings import Settings, add_flags, resolve
from zisk.exit_codes import ExitCode
from zisk.version import __version__


def build_parser() -> OneLineParser:
    """The parser of the command line."""
    parser = OneLineParser(
        prog="zisk-coordinator",
        description="Share proofs out over workers. Without a command: serve.",
        epilog="Settings: defaults < TOML file < environment < flags; `config show` prints them all.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"zisk-coordinator {__version__}")
    _add_serve_flags(parser)
    parser.set_defaults(run=serve)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    add_prove_parser(commands)
    config = commands.add_parser("config", help="show every setting and where it comes from")
    config.add_argument("action", choices=("show",))
    _add_serve_flags(config)
    config.set_defaults(run=show_config)
    return parser


def _add_serve_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS, help="TOML file")
    add_flags(parser, SETTINGS)


def read_settings(arguments: argparse.Namespace) -> Settings:
    """Every setting, from the file, the environment and the flags."""
    variables = (os.environ.get(variable, "") for variable in FILE_VARIABLES)
    path = getattr(arguments, "config", "") or next(filter(None, variables), "")
    return resolve(
        SETTINGS,
        PREFIX,
        file=Path(path) if path else None,
        core_file_key=CORE_FILE_KEY,
        arguments=arguments,
    )


def show_config(arguments: argparse.Namespace) -> ExitCode:
    """Print each value and where it came from."""
    settings = read_settings(arguments)
    endpoints = configured(settings).endpoints
    width = max(len(key) for key in settings.values)
    for key, value in settings.values.items():
        print(f"{key:<{width}}  {shown(value.value)}  ({value.source})")
    host, api, cluster = endpoints.host, endpoints.api_port, endpoints.cluster_port
    print(f"client API on {host}:{api}, workers on {host}:{cluster}")
    for notice in settings.notices():
        print(f"note: {notice}")
    return ExitCode.OK


def serve(arguments: argparse.Namespace) -> ExitCode:
    """Serve until a signal says to end."""
    from zisk.cluster.engines.thread import leave
    from zisk.cluster.logs import start_logging

    settings = read_settings(arguments)
    told = configured(settings)
    _require_folders(told.rules)
    start_logging(told.logs)
    with _artifacts_folder(told.rules) as artifacts:
        code = asyncio.run(_serve(told, artifacts, settings.notices()))
    leave(code)
    return code


def _require_folders(rules: Rules) -> None:
    """Refuse to start where what is to be kept cannot be."""
    from zisk.cluster.coordinator.folders import require_folder

    if rules.saved_in is not None:
        remedy = "choose another folder with --proofs-dir, or give --no-save-proofs"
        require_folder(rules.saved_in, "proofs cannot be saved", remedy)
    if rules.artifacts_dir:
        remedy = "make room there, or change server.artifacts_dir"
        require_folder(Path(rules.artifacts_dir), "large payloads cannot be kept", remedy)


def _artifacts_folder(rules: Rules) -> AbstractContextManager[Path]:
    """The folder for large payloads: the one that is set, or a temporary one."""
    from zisk.cluster.artifacts.temporary import temporary_folder

    return nullcontext(Path(rules.artifacts_dir)) if rules.artifacts_dir else temporary_folder()


async def _serve(told: Configuration, artifacts: Path, notices: Sequence[str]) -> ExitCode:
    import logging

    from zisk.cluster.artifacts.store import ArtifactStore
    from zisk.cluster.coordinator.server import serving
    from zisk.cluster.coordinator.shell import CoordinatorShell
    from zisk.cluster.engines.local import LocalEngine

    log = logging.getLogger("zisk.coordinator")
    for notice in notices:
        log.warning("%s", notice)
    if hosts := told.endpoints.open_to_others():
        log.warning(
            "listening on %s without TLS: whoever reaches it can submit jobs and register workers; "
            "let only machines you trust reach it",
            " and ".join(hosts),
        )
    store = ArtifactStore(artifacts, told.rules.max_artifact_bytes, told.rules.min_free_bytes)
    shell = CoordinatorShell(told.limits, told.rules, LocalEngine(), store)
    signals = SignalBox()
    async with serving(shell, told.endpoints) as taken:
        log.info(
            "coordinator ready: client API on %s:%d, workers on %s:%d, health on http://%s:%d/health",
            taken.host,
            taken.api_port,
            taken.host,
            taken.cluster_port,
            taken.metrics_host,
            taken.metrics_port,
        )
        received = await signals.wait()
        grace = told.rules.shutdown_seconds
        log.info("stopping: running jobs have %g s; a second signal ends them at once", grace)
        stopping = asyncio.create_task(shell.stop(grace))
        again = asyncio.create_task(signals.wait())
        await asyncio.wait({stopping, again}, return_when=asyncio.FIRST_COMPLETED)
        again.cancel()
        if not stopping.done():
            stopping.cancel()
            await shell.stop(0.0)
    log.info("stopped")
    return ExitCode.INTERRUPTED if received == signal.SIGINT else ExitCode.OK


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    return program.run(build_parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
