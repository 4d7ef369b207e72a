"""The folder of a store on disk: private where it is made, refused on a network, held by one process."""

import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path

from zisk.cluster.errors import StoreError
from zisk.errors import ErrorKind
from zisk.printable import printable

__all__ = ["FolderLock", "network_disk_of"]

_LOCK = "coordinator.lock"
_MOST_LOCK_BYTES = 512

_MOUNTS = Path("/proc/self/mountinfo")

_NETWORK_DISKS = (
    *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs2", "gpfs", "lustre", "ncpfs", "nfs", "nfs4"),
    *("ocfs2", "orangefs", "smb2", "smb3", "smbfs"),
)
"""Types of file systems whose files other machines may have open too."""

_OWN_FUSE = ("fuse.fuse-overlayfs", "fuse.mergerfs", "fuse.bindfs")
"""File systems of programs that only lay folders of this machine over each other."""


class FolderLock:
    """A folder that is held until it is let go, or this process has ended in whatever way.

    Its file stays: it names the last process that held the folder.
    """

    def __init__(self, folder: Path, holder: str) -> None:
        """Make the folder where it is not there, and hold it.

        Raises:
            StoreError: another process holds it, it is on a network, or cannot be written.

        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _refuse_network(folder)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file: int | None = os.open(folder / _LOCK, flags, 0o600)
        except OSError as error:
            raise StoreError(
                ErrorKind.HOST,
                f"jobs cannot be kept in {folder}: {error.strerror or error}; "
                "make it a folder that this user may write, or name another with --state-dir",
            ) from error
        try:
            _take(self._file, folder)
            _sign(self._file, folder, holder)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let go of it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def network_disk_of(folder: Path, mounts: str) -> str | None:
    """The type of the file system that a folder is on, where that is one of a network.

    `mounts` is what Linux says in /proc/self/mountinfo; the last mount on a place is the one that counts.
    """
    place, found = folder.resolve(), ("", Path("/"))
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        mounted = Path(before.split(" ")[4].encode().decode("unicode_escape"))
        if place.is_relative_to(mounted) and mounted.is_relative_to(found[1]):
            found = (after.split(" ")[0], mounted)
    kind = found[0]
    is_fuse = kind == "fuse" or (kind.startswith("fuse.") and kind not in _OWN_FUSE)
    return kind if kind in _NETWORK_DISKS or is_fuse else None


def _refuse_network(folder: Path) -> None:
    if _MOUNTS.exists() and (kind := network_disk_of(folder, _MOUNTS.read_text(errors="replace"))):
        raise StoreError(
            ErrorKind.HOST,
            f"jobs cannot be kept in {folder}, which is on {kind}: SQLite needs a disk of this machine; "
            "name a folder on one with --state-dir, or a database server as state.url",
        )


def _take(file: int, folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        who = os.pread(file, _MOST_LOCK_BYTES, 0).decode(errors="replace").strip()
        raise StoreError(
            ErrorKind.HOST,
            f"folder {folder} is held by another coordinator, {printable(who) or 'which is starting'}; "
            "end that one, or give this one a folder of its own with --state-dir",
        ) from None


def _sign(file: int, folder: Path, holder: str) -> None:
    """Say in the file who holds the folder, for whoever is refused."""
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    text = f"process {os.getpid()} since {since} ({printable(holder, 256)})\n"
    try:
        os.ftruncate(file, 0)
        os.pwrite(file, text.encode(errors="replace"), 0)
    except OSError as error:
        raise StoreError(
            ErrorKind.HOST,
            f"jobs cannot be kept in {folder}: {error.strerror or error}; make room there, "
            "or name another folder with --state-dir",
        ) from error
