"""A cache of verifying keys by guest, so that whoever verifies against an ELF sets up only once.

An entry is named by the hash of the guest, by size and security, and by the text of the code that derives
keys: other code never finds a key that it would not have derived itself.
Whoever may write the cache folder, or rename it, decides which keys are trusted: keys that other code left
need but the name of ours. So an entry counts only where it and its folder belong to the user of this process,
and nobody but that user and root may write them, the cache folder, or any folder on the way there.
"""

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

import zisk
from zisk.cache_folder import cache_folder, is_ours, is_private, write_private

_DERIVING = ("kernels", "field", "hash", "stark", "recursion", "vm", "prover")
"""Packages whose text decides what a key is."""


def load(elf: bytes, log_size: int, security: int) -> bytes | None:
    """The key of a guest, or None where this user has not derived it before."""
    try:
        place = _place(elf, log_size, security)
        if not is_private(place.parent):
            return None
        with open(os.open(place, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            return file.read() if is_ours(os.fstat(file.fileno())) else None
    except OSError:
        return None


def store(elf: bytes, log_size: int, security: int, key: bytes) -> None:
    """Keep a key; where the cache cannot be written it is derived again next time."""
    with suppress(OSError):
        write_private(_place(elf, log_size, security), key)


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
