"""How a command ends badly: one line that says cause and remedy, and an exit code from the one table."""

import errno

from zisk.errors import ErrorKind, ZiskError
from zisk.exit_codes import ExitCode
from zisk.printable import printable

DEPENDENCIES = {
    "aiohttp": "aiohttp",
    "alembic": "alembic",
    "blake3": "blake3",
    "google": "protobuf",
    "grpc": "grpcio",
    "grpc_health": "grpcio-health-checking",
    "grpc_reflection": "grpcio-reflection",
    "llvmlite": "llvmlite",
    "numba": "numba",
    "numpy": "numpy",
    "rich": "rich",
    "sqlalchemy": "sqlalchemy",
}
"""What this package imports of others, and the package that installs it: the one that a user has to name."""


class CommandError(ZiskError):
    """A failure that a command found by itself; the text is one line with cause and remedy."""

    def __init__(self, kind: ErrorKind, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def explain(error: BaseException) -> tuple[ExitCode, str] | None:
    """The exit code and the one line for an expected failure; None for a defect of this package."""
    if isinstance(error, ZiskError):
        return None if error.kind is ErrorKind.DEFECT else (error.kind.exit_code, _one_line(str(error)))
    if isinstance(error, ImportError) and (missing := (error.name or "").partition(".")[0]) in DEPENDENCIES:
        package = DEPENDENCIES[missing]
        return (
            ExitCode.HOST,
            f"this takes {package}, which cannot be imported here; install pyzisk with all it depends on",
        )
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED, "interrupted"
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return (
            ExitCode.HOST,
            "the machine has no memory left for this; choose a smaller --size, or a larger machine",
        )
    if isinstance(error, OSError):
        subject = f"{error.filename}: " if error.filename is not None else ""
        return ExitCode.HOST, _one_line(
            f"{subject}{error.strerror or error}; check free space and permissions, then try again"
        )
    return None


def _one_line(text: str) -> str:
    """The text with every run of white space, line breaks included, made one space, fit for a terminal."""
    return printable(" ".join(text.split()))
