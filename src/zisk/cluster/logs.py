"""Log lines of the two programs: pretty, compact or JSON, to standard error or a file per day."""

import json
import logging
import logging.handlers
import os
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from zisk.cluster.declared import setting
from zisk.cluster.errors import HostError
from zisk.printable import printable

__all__ = ["LEVELS", "LogOptions", "level_of", "start_logging"]

_OTHERS = ("aiohttp", "asyncio", "grpc", "py.warnings")
"""Logs of others that end up in ours: what nobody caught, warnings of Python among it."""


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What is logged, how a line looks, and where it goes."""

    level: str = setting(
        "logging.level",
        "info",
        "error, warn, info, debug, trace, or a filter (default: info)",
        "--log-level",
        environment=("RUST_LOG",),
    )
    format: str = setting(
        "logging.format", "pretty", "pretty, json or compact", choices=("pretty", "json", "compact")
    )
    file_path: str = setting("logging.file_path", "", "log file, turned over daily; empty: standard error")


LEVELS = {
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": logging.DEBUG,
    "off": logging.CRITICAL + 1,
}
"""Names of levels; Python knows nothing finer than debug."""


def level_of(name: str) -> int | None:
    """The level that a word, or a filter such as `zisk=debug,warn`, names; None for neither.

    Of a filter the entry for `zisk`, or else the one without a target, counts.
    """
    chosen = None
    for entry in name.lower().split(","):
        target, _, level = entry.strip().rpartition("=")
        if level in LEVELS and (target.startswith("zisk") or (not target and chosen is None)):
            chosen = LEVELS[level]
    return chosen


class _Formatter(logging.Formatter):
    """One line a record, with time in UTC; the lines of a traceback follow, each set off by a space."""

    def __init__(self, style: str) -> None:
        super().__init__()
        self._layout = style

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        at = at.replace("+00:00", "Z")
        level = "WARN" if record.levelno == logging.WARNING else record.levelname
        message = printable(record.getMessage())
        if record.exc_info:
            traceback = self.formatException(record.exc_info).split("\n")
            message = "\n ".join([message, *map(printable, traceback)])
        match self._layout:
            case "json":
                return json.dumps(
                    {"timestamp": at, "level": level, "target": record.name, "message": message}
                )
            case "compact":
                return f"{level} {message}"
            case _:
                return f"{at} {level:>5} {message}"


class _LogFile(logging.handlers.TimedRotatingFileHandler):
    """A file that is turned over daily; what it does not take goes to standard error, in the same form."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name it has in Python.
        """Let standard error have a line that the file did not take."""
        with suppress(OSError, ValueError, AttributeError):
            print(self.format(record), file=sys.stderr, flush=True)


def start_logging(options: LogOptions) -> None:
    """Send the package's log to standard error, or to the file that the options name.

    What others log from a warning up goes the same way, and so does what ends a thread.
    Lines of gRPC's C++ have another form, and say no more than the calls they are about: they are left out
    unless GRPC_VERBOSITY is set.

    Raises:
        HostError: the file cannot be written.

    """
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if options.file_path:
        try:
            Path(options.file_path).parent.mkdir(parents=True, exist_ok=True)
            handler = _LogFile(options.file_path, when="midnight", utc=True)
        except OSError as error:
            raise HostError(
                f"cannot write the log to {options.file_path}: {error.strerror}; change logging.file_path"
            ) from error
    handler.setFormatter(_Formatter(options.format))
    level = level_of(options.level) or logging.INFO
    _lead("zisk", handler, level)
    for name in _OTHERS:
        _lead(name, handler, max(level, logging.WARNING))
    logging.captureWarnings(True)
    threading.excepthook = _log_end_of_thread
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")


def _lead(name: str, handler: logging.Handler, level: int) -> None:
    """Let a log and those below it go to that handler alone."""
    logger = logging.getLogger(name)
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_type is SystemExit or ended.exc_value is None:
        return
    name = ended.thread.name if ended.thread is not None else "no name"
    logging.getLogger("zisk").error("thread %s ended", name, exc_info=ended.exc_value)
