"""Inputs of guests, read from below one folder and from nowhere else."""

from pathlib import Path

from zisk.cluster.errors import InputError
from zisk.printable import printable

__all__ = ["read_input"]


def read_input(folder: Path, name: str, setting: str) -> bytes:
    """The content of the file `name`, which lies in `folder` or below it.

    `name` is a path relative to the folder, or an absolute one that leads into it; `file://` before it is
    allowed.
    Links are followed first, so that none leads out of the folder.
    `setting` is what the user changes to choose another folder.

    Raises:
        InputError: the path leads out of the folder, or the file cannot be read.

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
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"there is no input {printable(str(path))}; copy it there, or send it with --direct-inputs"
        ) from None
    except OSError as error:
        raise InputError(f"input {shown} cannot be read: {error.strerror}; check its permissions") from error
