"""How a command ends badly: one line that says cause and remedy, and an exit code from the one table."""

import importlib
import sys

from zisk.exit_codes import ExitCode
from zisk.printable import printable

_FAMILIES: tuple[tuple[str, str, ExitCode | None], ...] = (
    ("zisk.vm.errors", "StepLimitError", ExitCode.STEP_LIMIT),
    ("zisk.vm.errors", "GuestFault", ExitCode.GUEST_FAULT),
    ("zisk.vm.errors", "GuestError", ExitCode.BAD_FILE),
    ("zisk.stark.errors", "VerificationError", ExitCode.REFUSED),
    ("zisk.prover.errors", "JobTooLargeError", ExitCode.BAD_FILE),
    ("zisk.prover.errors", "ProverError", ExitCode.JOB_FAILED),
    ("zisk.cluster.errors", "ClusterError", None),
)
"""Error classes by home and name, the most special first, and the code each ends with.

None stands for the error's own `exit_code`.
They are looked up among the modules already imported: an error that was raised has its module loaded.
"""


DEPENDENCIES = (
    "aiohttp",
    "blake3",
    "google",
    "grpc",
    "grpc_health",
    "grpc_reflection",
    "llvmlite",
    "numba",
    "numpy",
    "rich",
)
"""Packages of others that this one imports: where one is missing, the installation is to be mended."""


class CommandError(Exception):
    """A failure that a command found by itself.

    `code` is what the shell sees; the text is one line with cause and remedy.
    """

    def __init__(self, code: ExitCode, text: str) -> None:
        super().__init__(text)
        self.code = code


def explain(error: BaseException) -> tuple[ExitCode, str] | None:
    """The exit code and the one line for an expected failure; None for a defect of this package."""
    if isinstance(error, CommandError):
        return error.code, _one_line(str(error))
    for home, name, code in _FAMILIES:
        module = sys.modules.get(home)
        if module is not None and isinstance(error, getattr(module, name)):
            return code or getattr(error, "exit_code", ExitCode.JOB_FAILED), _one_line(str(error))
    if isinstance(error, ImportError) and (missing := (error.name or "").partition(".")[0]) in DEPENDENCIES:
        return (
            ExitCode.HOST,
            f"this takes {missing}, which cannot be imported here; install pyzisk with all it depends on",
        )
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED, "interrupted"
    if isinstance(error, MemoryError):
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


def families() -> list[type[BaseException]]:
    """The error classes of the table, imported."""
    return [getattr(importlib.import_module(home), name) for home, name, _ in _FAMILIES]


def _one_line(text: str) -> str:
    """The text with every run of white space, line breaks included, made one space, fit for a terminal."""
    return printable(" ".join(text.split()))
