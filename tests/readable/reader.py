"""Reading bytes: little-endian words, elements, digests (docs/format.md)."""

from __future__ import annotations

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
        return int.from_bytes(self.bytes(4), "little")

    def element(self) -> int:
        """An element of F."""
        value = self.word()
        if value >= P:
            raise RefusedError(f"{self._what} holds {value}, which is not below p")
        return value

    def words(self, count: int) -> list[int]:
        """Numbers of 32 bits."""
        return [self.word() for _ in range(self._bounded(count, 1))]

    def elements(self, count: int) -> list[int]:
        """Elements of F."""
        return [self.element() for _ in range(self._bounded(count, 1))]

    def extensions(self, count: int) -> list[K]:
        """Elements of K."""
        return [K(self.elements(DEGREE)) for _ in range(self._bounded(count, DEGREE))]

    def digests(self, count: int) -> list[Digest]:
        """Digests."""
        return [tuple(self.elements(DIGEST)) for _ in range(self._bounded(count, DIGEST))]

    def end(self) -> None:
        """Refuse what is left over."""
        if self._place != len(self._data):
            raise RefusedError(f"{self._what} has {len(self._data) - self._place} bytes after its end")

    def _bounded(self, count: int, words: int) -> int:
        """A number of items, each of so many words, that can still be there."""
        if 4 * words * count > len(self._data) - self._place:
            raise RefusedError(f"{self._what} ends too early")
        return count
