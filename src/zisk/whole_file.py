"""Writing a file whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["replacing"]


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
