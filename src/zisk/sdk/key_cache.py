"""A cache of verifying keys by guest, so that whoever verifies against an ELF sets up only once.

An entry is named by the hash of the guest, by size and security, and by all files of this package: other code
never finds a key that it would not have derived itself. The whole package counts, because most of it takes
part in deriving a key, and a key is soon derived anew.
Where keys are kept, and from whom they are taken, is up to `zisk.cache_folder`.
"""

import hashlib
from functools import cache
from pathlib import Path

import zisk
from zisk import cache_folder


def load(elf: bytes, log_size: int, security: int) -> bytes | None:
    """The key of a guest, or None where none is kept."""
    return cache_folder.load(_kind(), _name(elf, log_size, security))


def store(elf: bytes, log_size: int, security: int, key: bytes) -> None:
    """Keep a key; where the cache cannot be written it is derived again next time."""
    cache_folder.keep(_kind(), _name(elf, log_size, security), key)


def _kind() -> str:
    """The kind of the keys that this code derives."""
    return f"keys-{_package_digest(Path(zisk.__file__).parent)}"


def _name(elf: bytes, log_size: int, security: int) -> str:
    """The name of a guest's key."""
    return f"{hashlib.sha256(elf).hexdigest()}-{log_size}-{security}.vk"


@cache
def _package_digest(package: Path) -> str:
    """A digest of names and contents of all files of a package, other than what Python compiles them to."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file() and path.parent.name != "__pycache__":
            digest.update(path.relative_to(package).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
