"""Writing a file whole or not at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["replacing", "write_file"]

_NEW_MODE = 0o644
"""Permissions of a file that was not there before; one that was keeps its own."""

_PREFIX_LETTERS = 40
"""Of the target's name in that of the temporary file beside it, which is to stay short enough."""


@contextmanager
def replacing(target: Path, *, mode: int = 0o600, prefix: str = ".partial-") -> Iterator[BinaryIO]:
    """A new file that takes the target's place when the context ends well, and is gone otherwise.

    Until then it lies beside the target, under a name with that prefix. `mode` is its permissions, less those
    that the mask of this process takes away.

    Raises:
        OSError: it cannot be made or written, or the target cannot be replaced.
    """
    partial = target.with_name(prefix + os.urandom(8).hex())
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            yield file
        os.replace(partial, target)
    finally:
        with suppress(OSError):
            os.unlink(partial)


def write_file(target: Path, data: bytes) -> None:
    """Write a file of a user's: it is there whole or not at all, and keeps its permissions.

    What is not a regular file, such as a device, a pipe or a link, is written through and stays what it is.

    Raises:
        OSError: it cannot be written.
    """
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG | _NEW_MODE
    if stat.S_ISREG(mode):
        with replacing(target, prefix=f".{target.name[:_PREFIX_LETTERS]}.") as file:
            file.write(data)
            os.fchmod(file.fileno(), stat.S_IMODE(mode))
        return
    with open(target, "wb", buffering=0) as through:
        rest = memoryview(data)
        while rest:
            rest = rest[through.write(rest) :]
