"""Reading bytes: little-endian words, elements, digests (docs/format.md)."""

from __future__ import annotations

import struct

from tests.readable.field import DEGREE, K, P
from tests.readable.poseidon2 import DIGEST, Digest


class RefusedError(Exception):
    """The bytes prove nothing; the text says why."""


class Reader:
    """Takes bytes from the front; refuses what is not there or not canonical."""

    def __init__(self, data: bytes, magic: bytes, what: str) -> None:
        self._data, self._place, self._what = data, 0, what
        if self.bytes(len(magic)) != magic:
            raise RefusedError(f"{what} does not start with {magic!r}")

    def bytes(self, count: int) -> bytes:
        """The next bytes."""
        if count > len(self._data) - self._place:
            raise RefusedError(f"{self._what} ends too early")
        self._place += count
        return self._data[self._place - count : self._place]

    def word(self) -> int:
        """A number of 32 bits."""
        return self.words(1)[0]

    def words(self, count: int) -> list[int]:
        """Numbers of 32 bits."""
        return list(struct.unpack(f"<{count}I", self.bytes(4 * count)))

    def elements(self, count: int) -> list[int]:
        """Elements of F."""
        values = self.words(count)
        if max(values, default=0) >= P:
            raise RefusedError(f"{self._what} holds {max(values)}, which is not below p")
        return values

    def extensions(self, count: int) -> list[K]:
        """Elements of K."""
        return [K(part) for part in self._groups(count, DEGREE)]

    def digests(self, count: int) -> list[Digest]:
        """Digests."""
        return self._groups(count, DIGEST)

    def end(self) -> None:
        """Refuse what is left over."""
        if self._place != len(self._data):
            raise RefusedError(f"{self._what} has {len(self._data) - self._place} bytes after its end")

    def _groups(self, count: int, length: int) -> list[tuple[int, ...]]:
        values = self.elements(count * length)
        return [tuple(values[start : start + length]) for start in range(0, len(values), length)]
