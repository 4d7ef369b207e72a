"""A folder for artifacts that lasts as long as its coordinator; a killed one leaves it to the next."""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["temporary_folder"]

_PREFIX = "zisk-artifacts-"
_LOCK = ".lock"
"""A file in the folder that a living coordinator holds locked; the system lets go of it for a dead one."""


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder among the temporary files, gone when the context ends.

    Folders that coordinators of this user left behind when they were killed are deleted first.

    Raises:
        OSError: it cannot be made.

    """
    _delete_those_of_the_dead(Path(tempfile.gettempdir()))
    folder, lock = _made()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _made() -> tuple[Path, int]:
    """A new folder and its lock, which is held."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with contextlib.suppress(FileNotFoundError):  # Another one that starts has taken it for a dead one's.
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if _is_taken(lock) and (folder / _LOCK).exists():
                return folder, lock
            os.close(lock)


def _delete_those_of_the_dead(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if _is_own(folder):
                _delete_unless_alive(folder)


def _is_own(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _delete_unless_alive(folder: Path) -> None:
    """Delete a folder whose lock nobody holds; one without a lock is nobody's to delete."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if _is_taken(lock):
            shutil.rmtree(folder)
    finally:
        os.close(lock)


def _is_taken(lock: int) -> bool:
    """Whether this process has the lock now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
