"""Reading and writing the containers of this layer: bounded, canonical, little-endian."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Generic, TypeVar

from zisk.field.koalabear import P
from zisk.stark.key import Digest

DIGEST_LENGTH = 9

Data = TypeVar("Data", bytes, memoryview)
"""Bytes, or a view of bytes."""


class Writer:
    """Appends numbers and byte strings."""

    def __init__(self, magic: bytes) -> None:
        self._parts = [magic]

    def u32(self, *values: int) -> None:
        """Append 32-bit words."""
        self._parts.append(struct.pack(f"<{len(values)}I", *values))

    def u64(self, *values: int) -> None:
        """Append 64-bit words."""
        self._parts.append(struct.pack(f"<{len(values)}Q", *values))

    def digest(self, digest: Digest) -> None:
        """Append nine elements."""
        self.u32(*digest)

    def block(self, content: bytes) -> None:
        """Append a length and the bytes."""
        self.u32(len(content))
        self._parts.append(content)

    def finish(self) -> bytes:
        """Everything appended so far."""
        return b"".join(self._parts)


class Reader(Generic[Data]):
    """Takes numbers off bytes; `refuse` makes the error for what does not fit.

    Off a view of bytes, byte strings are views too: nothing is copied.
    """

    def __init__(self, data: Data, magic: bytes, refuse: Callable[[str], Exception]) -> None:
        self._data, self._place, self._refuse = data, len(magic), refuse
        if data[: len(magic)] != magic:
            raise refuse("it does not start like one of this version")

    def u32(self) -> int:
        """The next 32-bit word."""
        return int(self._unpack("<I", 4)[0])

    def u32s(self, count: int) -> tuple[int, ...]:
        """The next 32-bit words."""
        return self._unpack(f"<{count}I", 4 * count)

    def u64(self) -> int:
        """The next 64-bit word."""
        return int(self._unpack("<Q", 8)[0])

    def digest(self) -> Digest:
        """The next nine elements."""
        elements = self.u32s(DIGEST_LENGTH)
        if max(elements) >= P:
            raise self._refuse("an element is not canonical")
        return elements

    def count(self, smallest: int) -> int:
        """The next word as a number of items of at least `smallest` bytes, which the rest can hold."""
        count = self.u32()
        if count * smallest > len(self._data) - self._place:
            raise self._refuse("it ends too early")
        return count

    def block(self) -> Data:
        """The next byte string."""
        length = self.count(1)
        self._place += length
        return self._data[self._place - length : self._place]

    def end(self) -> None:
        """Refuse bytes after the end."""
        if self._place != len(self._data):
            raise self._refuse("it has bytes after its end")

    def _unpack(self, form: str, length: int) -> tuple[int, ...]:
        if length > len(self._data) - self._place:
            raise self._refuse("it ends too early")
        self._place += length
        return struct.unpack_from(form, self._data, self._place - length)
