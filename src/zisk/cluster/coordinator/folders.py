"""Whether files can be kept in a folder, found out by keeping one."""

import shutil
import tempfile
from pathlib import Path

from zisk.cluster.errors import HostError

__all__ = ["free_in", "require_folder", "trouble_with"]

_PROBE = bytes(4096)
"""What is written to find out: on most disks less takes as much room."""


def require_folder(folder: Path, what: str, remedy: str) -> None:
    """Make a folder if it is not there, and make sure that files can be written in it.

    Raises:
        HostError: they cannot; `what` cannot be done then, and `remedy` says what else there is to do.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_in(folder)
    except OSError as error:
        raise HostError(f"{what} in {folder}: {error.strerror or error}; {remedy}") from error


def trouble_with(folder: Path, least_free: int) -> str:
    """Why no files should be kept in a folder; empty where they can, with `least_free` bytes to spare.

    Where the folder is not there, what it would be made in is looked at.
    """
    folder = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        _write_in(folder)
        free = free_in(folder)
    except OSError as error:
        return f"{folder} cannot be written: {error.strerror or error}"
    if free < least_free:
        return f"{free:,} bytes are free in {folder}, below the {least_free:,} of server.min_free_bytes"
    return ""


def free_in(folder: Path) -> int:
    """Bytes that are free on the disk of a folder."""
    return shutil.disk_usage(folder).free


def _write_in(folder: Path) -> None:
    """Write a file that has no name, so that nothing of it is left behind.

    Raises:
        OSError: it cannot be written.

    """
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(_PROBE)
