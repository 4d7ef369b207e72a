"""How a command ends badly: one line that says cause and remedy, and an exit code from the one table."""

import importlib
import sys

from zisk.exit_codes import ExitCode

_FAMILIES: tuple[tuple[str, str, ExitCode], ...] = (
    ("zisk.vm.errors", "StepLimitError", ExitCode.STEP_LIMIT),
    ("zisk.vm.errors", "GuestFault", ExitCode.GUEST_FAULT),
    ("zisk.vm.errors", "GuestError", ExitCode.BAD_FILE),
    ("zisk.stark.errors", "VerificationError", ExitCode.REFUSED),
    ("zisk.prover.errors", "JobTooLargeError", ExitCode.BAD_FILE),
    ("zisk.prover.errors", "ProverError", ExitCode.JOB_FAILED),
)
"""Error classes by home and name, the most special first, and the code each ends with.

They are looked up among the modules already imported: an error that was raised has its module loaded.
"""


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
    cluster = sys.modules.get("zisk.cluster.errors")
    if cluster is not None and isinstance(error, cluster.ClusterError):
        return error.exit_code, _one_line(str(error))
    for home, name, code in _FAMILIES:
        module = sys.modules.get(home)
        family = getattr(module, name, None) if module is not None else None
        if family is not None and isinstance(error, family):
            return code, _one_line(str(error))
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


def families() -> list[tuple[type[BaseException], ExitCode]]:
    """The error classes of the table, imported, in the order in which they are tried."""
    return [(getattr(importlib.import_module(home), name), code) for home, name, code in _FAMILIES]


def _one_line(text: str) -> str:
    """The text with every run of white space, line breaks included, made one space."""
    return " ".join(text.split())
