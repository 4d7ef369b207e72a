"""Writing the files that a command makes: looked at before the work, whole or not at all after it."""

import os
import stat
import tempfile
from pathlib import Path
from typing import NoReturn

from zisk.cli.failures import CommandError
from zisk.errors import ErrorKind
from zisk.whole_file import replacing

_NEW_MODE = 0o644
"""Permissions of a file that was not there before; one that was keeps its own."""

_PREFIX_LETTERS = 40
"""Of the target's name in that of the temporary file beside it, which is to stay short enough."""


def check_place(path: str, *, what: str) -> None:
    """Check that a file can be written at `path`, before the work whose result goes there.

    `what` names the file's role in messages, such as "proof". Whether there will be room is not looked at.
    Raises CommandError with HOST, saying what to do.
    """
    mode = _mode_of(path, what)
    try:
        if mode is None or stat.S_ISREG(mode):
            with tempfile.NamedTemporaryFile(dir=Path(path).parent):
                pass
        elif not os.access(path if os.path.exists(path) else _folder_behind(path), os.W_OK):
            _refuse(path, what, "it may not be written to")
    except OSError as error:
        _refuse(path, what, error.strerror)


def write_output(path: str, data: bytes, *, what: str) -> Path:
    """Write what a command made, and return its path.

    A file is there whole or not at all, and keeps its permissions. What is not a regular file, such as a
    device, a pipe or a link, is written through and stays what it is.
    Raises CommandError with HOST where it cannot be written.
    """
    mode, target = _mode_of(path, what), Path(path)
    try:
        if mode is None or stat.S_ISREG(mode):
            prefix = f".{target.name[:_PREFIX_LETTERS]}."
            with replacing(target, prefix=prefix) as file:
                file.write(data)
                os.fchmod(file.fileno(), _NEW_MODE if mode is None else stat.S_IMODE(mode))
        else:
            with open(target, "wb", buffering=0) as file:
                rest = memoryview(data)
                while rest:
                    rest = rest[file.write(rest) :]
    except OSError as error:
        _refuse(path, what, error.strerror)
    return target


def _mode_of(path: str, what: str) -> int | None:
    """What stands at a path, None where nothing does; a link is one, whatever it leads to.

    Raises CommandError with HOST for what nobody can write to.
    """
    if not os.path.basename(path):
        _refuse(path, what, "it names no file")
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        _refuse(path, what, error.strerror)
    try:
        reached = os.stat(path).st_mode
    except FileNotFoundError:
        reached = mode
    except OSError as error:
        _refuse(path, what, error.strerror)
    if stat.S_ISDIR(reached):
        _refuse(path, what, "it is a folder")
    if stat.S_ISSOCK(reached):
        _refuse(path, what, "it is a socket")
    return mode


def _folder_behind(link: str) -> str:
    """The folder of what a link leads to."""
    return os.path.dirname(os.path.realpath(link))


def _refuse(path: str, what: str, why: str | None) -> NoReturn:
    raise CommandError(
        ErrorKind.HOST, f"{what} {path}: cannot be written ({why}); choose another place with -o/--output"
    ) from None
