"""Inputs of guests, read from below one folder and from nowhere else."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from zisk.cluster.errors import InputError
from zisk.printable import printable

__all__ = ["DEFAULT_INPUT_BYTES", "check_input_size", "read_input"]

DEFAULT_INPUT_BYTES = 1 << 30
"""Largest input of a guest unless a setting says otherwise."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

_WITHOUT_WAITING = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""A pipe that took the place of a file is opened at once, and found out."""


def read_input(
    folder: Path, name: str, setting: str, *, most: int = DEFAULT_INPUT_BYTES, size_setting: str = ""
) -> bytes:
    """The content of the file `name`, a regular one of at most `most` bytes in `folder` or below it.

    `name` is a path relative to the folder, or an absolute one that leads into it; `file://` before it is
    allowed.
    Links are followed first, so that none leads out of the folder.
    `setting` is what the user changes to choose another folder, `size_setting` to allow larger inputs.

    Raises:
        InputError: the path leads out of the folder, or the file is none, is too large, or cannot be read.

    """
    base = folder.resolve()
    shown = printable(name)
    try:
        path = (base / name.removeprefix("file://")).resolve()
    except (ValueError, OSError, RuntimeError):  # the last for links that lead round, before Python 3.13
        raise InputError(f"input {shown} can be no path; name a file below {base}") from None
    if not path.is_relative_to(base):
        raise InputError(
            f"input {shown} lies outside {base}, the only folder that inputs are read from; "
            f"move it there, choose another folder with {setting}, or send it inline with --direct-inputs"
        )
    try:
        _check_kind(shown, os.stat(path))
        with open(os.open(path, _WITHOUT_WAITING), "rb", buffering=0) as file:
            found = os.fstat(file.fileno())
            _check_kind(shown, found)
            check_input_size(f"input {shown}", found.st_size, most, size_setting)
            return _whole(shown, file.read, found.st_size)
    except FileNotFoundError:
        raise InputError(
            f"there is no input {printable(str(path))}; copy it there, or send it with --direct-inputs"
        ) from None
    except OSError as error:
        raise InputError(f"input {shown} cannot be read: {error.strerror}; check its permissions") from error


def check_input_size(what: str, size: int, most: int, setting: str) -> None:
    """Refuse an input that is too large, before any of it is read.

    Raises:
        InputError: it is; `what` names it, and `setting` allows larger ones.

    """
    if size > most:
        raise InputError(f"{what} has {size:,} bytes, at most {most:,} are taken; raise {setting}")


def _check_kind(shown: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = next((kind for is_one, kind in _KINDS if is_one(found.st_mode)), "something else")
        raise InputError(f"input {shown} cannot be read: it is {kind}; name a regular file")


def _whole(shown: str, read: Callable[[int], bytes | None], size: int) -> bytes:
    """All bytes of a file of that size."""
    parts: list[bytes] = []
    left = size + 1
    while left and (part := read(left)):
        parts.append(part)
        left -= len(part)
    if left != 1:
        raise InputError(f"input {shown} changes while it is read; send it again when it is whole")
    return b"".join(parts)
