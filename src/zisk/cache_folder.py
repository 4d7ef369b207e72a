"""The folder of this package's caches: where it is, who decides what is found there, reading and writing.

Whoever decides what a cache holds decides what is trusted: kept keys are taken for right, and kept machine
code is run. So what others than this user and root may write or rename is refused. It is not read, the log
says so once, and a folder of this user's own among the temporary files serves instead.
That folder also takes what is new where the cache folder cannot be written, such as one of a read-only image.
`import zisk` imports this module, so it imports little itself.
"""

import os
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path

from zisk.printable import printable
from zisk.whole_file import replacing

__all__ = ["cache_folder", "is_private", "keep", "load", "make_private"]

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


def load(kind: str, name: str) -> bytes | None:
    """What was kept of a kind under a name; None where there is nothing that counts."""
    for folder in _folders(kind):
        with (
            suppress(OSError),
            open(os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file,
        ):
            if _is_trusted(os.fstat(file.fileno())):
                return file.read()
            _tell(folder / name)
    return None


def keep(kind: str, name: str, data: bytes) -> None:
    """Keep bytes of a kind under a name; where that cannot be, nothing is kept.

    A kind has a folder of its own, and is the name of that.
    """
    for folder in _folders(kind)[-1:]:
        with suppress(OSError):
            make_private(folder)
            if _counts(folder):
                with replacing(folder / name) as file:
                    file.write(data)


def make_private(folder: Path) -> None:
    """Make a folder in the cache folder, and that too, where they are missing: for this user alone.

    Raises:
        OSError: it cannot be made.
    """
    for each in (folder.parent, folder):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)


def is_private(folder: Path) -> bool:
    """Whether only root and the user of this process decide what a folder holds, and where its name leads.

    The folder, and every folder and link on the way to it, belongs to the user or to root, and nobody else
    may write there. On the way, others may do so where, as in /tmp, they may not rename what is not theirs
    (the sticky bit). There, a link is not followed.

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
    return _is_trusted(reached.stat())


def _folders(kind: str) -> list[Path]:
    """The folders to look in; new entries go to the last. None where there is no folder for caches."""
    import tempfile

    try:
        folder = cache_folder() / kind
    except FileNotFoundError:
        return []
    found = [folder] if _counts(folder.parent) and _counts(folder) else []
    if found and _is_writable(folder):
        return found
    own = Path(tempfile.gettempdir()) / f"zisk-{os.geteuid()}" / kind
    return [*found, own] if _counts(own.parent) and _counts(own) else found


def _counts(folder: Path) -> bool:
    """Whether what a folder holds may be used: it is private, or there is nothing."""
    try:
        if is_private(folder):
            return True
    except OSError:
        return True
    _tell(folder)
    return False


def _is_trusted(status: os.stat_result) -> bool:
    """Whether the user of this process or root owns a file or folder, and nobody else may write it."""
    return status.st_uid in {0, os.geteuid()} and not status.st_mode & _OTHERS_MAY_WRITE


def _is_writable(folder: Path) -> bool:
    """Whether a folder can be written; of one that is missing, whether the nearest above it can."""
    nearest = next(each for each in (folder, *folder.absolute().parents) if os.path.lexists(each))
    return os.access(nearest, os.W_OK | os.X_OK, effective_ids=True)


@cache
def _tell(path: Path) -> None:
    """Say once that a path is refused."""
    import logging

    logging.getLogger("zisk.cache").warning(
        "%s is refused as a cache: others than you and root may change what it holds; "
        "run chmod go-w on it and on the folders above it, or set ZISK_CACHE_DIR to a folder of your own",
        printable(str(path)),
    )
