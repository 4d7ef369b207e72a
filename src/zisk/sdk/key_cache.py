"""A cache of verifying keys by guest, so that whoever verifies against an ELF sets up only once.

An entry is named by the hash of the guest, by size and security, and by the text of the code that derives
keys: other code never finds a key that it would not have derived itself.
Whoever may write the cache folder decides which keys are trusted. So an entry counts only where it and its
folder belong to the user of this process and nobody else may write them.
"""

import hashlib
import os
import stat
import tempfile
from functools import cache
from pathlib import Path

import zisk

_DERIVING = ("kernels", "field", "hash", "stark", "recursion", "vm", "prover")
"""Packages whose text decides what a key is."""


def load(elf: bytes, log_size: int, security: int) -> bytes | None:
    """The key of a guest, or None where this user has not derived it before."""
    place = _place(elf, log_size, security)
    try:
        return place.read_bytes() if _is_ours(place.parent) and _is_ours(place) else None
    except OSError:
        return None


def store(elf: bytes, log_size: int, security: int, key: bytes) -> None:
    """Keep a key; where the cache cannot be written it is derived again next time."""
    place = _place(elf, log_size, security)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(key)
        os.replace(file.name, place)
    except OSError:
        return


def cache_folder() -> Path:
    """The folder of this package's caches: $ZISK_CACHE_DIR, $XDG_CACHE_HOME/zisk or ~/.cache/zisk."""
    if named := os.environ.get("ZISK_CACHE_DIR"):
        return Path(named)
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return Path(shared) / "zisk"
    return Path.home() / ".cache" / "zisk"


def _is_ours(path: Path) -> bool:
    """Whether this process's user owns a file or folder, and nobody else may write it."""
    status = path.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _place(elf: bytes, log_size: int, security: int) -> Path:
    """Where the key of a guest is kept."""
    guest = hashlib.sha256(elf).hexdigest()
    return cache_folder() / f"keys-{_code_digest()}" / f"{guest}-{log_size}-{security}.vk"


@cache
def _code_digest() -> str:
    """A digest of the text of the packages that derive keys."""
    root = Path(zisk.__file__).parent
    digest = hashlib.sha256()
    for package in _DERIVING:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
