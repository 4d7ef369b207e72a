"""Writing the files that a command makes: looked at before the work, whole or not at all after it."""

import os
import stat
import tempfile
from pathlib import Path
from typing import NoReturn

from zisk.cli.failures import CommandError
from zisk.errors import ErrorKind
from zisk.whole_file import write_file


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

    It is written as `zisk.whole_file.write_file` does.
    Raises CommandError with HOST where it cannot be written.
    """
    _mode_of(path, what)
    target = Path(path)
    try:
        write_file(target, data)
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
