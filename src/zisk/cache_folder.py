"""The folder of this package's caches: where it is, whether it is this user's alone, and writing to it."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["cache_folder", "is_ours", "is_private", "make_private", "write_private"]

_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def cache_folder() -> Path:
    """$ZISK_CACHE_DIR, $XDG_CACHE_HOME/zisk or ~/.cache/zisk; nothing is made.

    Raises:
        FileNotFoundError: neither variable is set, and the user has no home folder.
    """
    if named := os.environ.get("ZISK_CACHE_DIR"):
        return Path(named)
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return Path(shared) / "zisk"
    try:
        return Path.home() / ".cache" / "zisk"
    except RuntimeError as error:
        raise FileNotFoundError(f"there is no folder for caches: {error} Set ZISK_CACHE_DIR") from error


def make_private(folder: Path) -> None:
    """Make a folder in the cache folder, and that too, where they are missing: for this user alone.

    Raises:
        OSError: it cannot be made.
    """
    for each in (folder.parent, folder):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)


def write_private(path: Path, data: bytes) -> None:
    """Write a file in a folder of the cache folder: whole, or not at all.

    Raises:
        OSError: it cannot be written.
    """
    make_private(path.parent)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def is_private(folder: Path) -> bool:
    """Whether only root and the user of this process decide what a folder holds, and where its name leads.

    The folder is the user's, and nobody else may write it. Every folder and link on the way to it belongs to
    the user or to root, and nobody else may write there either; or, as in /tmp, others may do so and may not
    rename what is not theirs (the sticky bit). There, a link is not followed.

    Raises:
        OSError: there is no such folder.
    """
    folder.stat()  # a loop of links is an error here
    trusted = {0, os.geteuid()}
    reached, left = Path("/"), list(folder.absolute().parts[:0:-1])
    while left:
        here, entry = reached.stat(), reached / left.pop()
        shared = bool(here.st_mode & _OTHERS_MAY_WRITE)
        if here.st_uid not in trusted or (shared and not here.st_mode & stat.S_ISVTX):
            return False
        if entry.name == "..":
            reached = reached.parent
            continue
        found = entry.lstat()
        if found.st_uid not in trusted:
            return False
        if not stat.S_ISLNK(found.st_mode):
            reached = entry
        elif shared:
            return False
        else:
            target = entry.readlink()
            reached = Path("/") if target.is_absolute() else reached
            left += target.parts[: 0 if target.is_absolute() else None : -1]
    return is_ours(reached.stat())


def is_ours(status: os.stat_result) -> bool:
    """Whether the user of this process owns a file or folder, and nobody else may write it."""
    return status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_MAY_WRITE
