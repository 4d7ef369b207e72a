"""Payloads: bytes that travel inside a message when small, and as the name of an artifact when large.

The form on the wire is fixed here and written down in docs/wire.md.
Both forms begin with something the other cannot begin with, so a field says by itself which one it carries.

- A field of type `bytes` carries the bytes as they are, or MARK, the size (8 bytes) and the digest (32
  bytes).
  Bytes that happen to begin with MARK always go as an artifact.
- A field of type `repeated uint64` carries a header word and then the bytes, eight to a word, the last one
  filled with zeros. The header is the length in bytes; with its top bit set, four words of digest follow
  instead.

All integers are little-endian.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from blake3 import blake3

from zisk.cluster.errors import WireError
from zisk.cluster.protocol.limits import INLINE_BYTES

__all__ = ["DIGEST_BYTES", "MARK", "Inline", "Payload", "Stored", "digest_of", "from_field", "from_words"]

DIGEST_BYTES = 32
"""Length of a BLAKE3 digest."""

MARK = b"zisk.artifact.v1"
"""First bytes of a `bytes` field that names an artifact."""

_REFERENCE = struct.Struct("<16sQ32s")
_STORED_BIT = 1 << 63


def digest_of(data: bytes) -> bytes:
    """BLAKE3, 32 bytes: the name of an artifact, and in hexadecimal a program's `hash_id`."""
    return blake3(data).digest()


@dataclass(frozen=True, slots=True)
class Inline:
    """Bytes that are here."""

    data: bytes

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    @property
    def fits(self) -> bool:
        """Whether it may travel inside a message."""
        return len(self.data) <= INLINE_BYTES and not self.data.startswith(MARK)

    def to_field(self) -> bytes:
        """The value of a `bytes` field."""
        if not self.fits:
            raise ValueError("a payload that does not fit is stored first")
        return self.data

    def to_words(self) -> list[int]:
        """The value of a `repeated uint64` field."""
        padded = self.data + bytes(-len(self.data) % 8)
        return [len(self.data), *struct.unpack(f"<{len(padded) // 8}Q", padded)]


@dataclass(frozen=True, slots=True)
class Stored:
    """The name of an artifact: its digest and its size in bytes."""

    digest: bytes
    size: int

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Name `data`, wherever it is stored."""
        return cls(digest_of(data), len(data))

    def to_field(self) -> bytes:
        """The value of a `bytes` field."""
        return _REFERENCE.pack(MARK, self.size, self.digest)

    def to_words(self) -> list[int]:
        """The value of a `repeated uint64` field."""
        return [_STORED_BIT | self.size, *struct.unpack("<4Q", self.digest)]


Payload = Inline | Stored


def from_field(field: bytes, *, any_size: bool = False) -> Payload:
    """Read a `bytes` field.

    With `any_size` they may be as many as a message holds: there are peers that know nothing of artifacts.

    Raises:
        WireError: it begins like the name of an artifact and is none, or has more bytes than travel so.

    """
    if not field.startswith(MARK):
        if not any_size and len(field) > INLINE_BYTES:
            raise WireError(f"{len(field)} bytes go as an artifact: a message carries {INLINE_BYTES} at most")
        return Inline(field)
    if len(field) != _REFERENCE.size:
        raise WireError(f"the name of an artifact has {_REFERENCE.size} bytes, not {len(field)}")
    _, size, digest = _REFERENCE.unpack(field)
    return Stored(digest, size)


def from_words(words: Sequence[int]) -> Payload:
    """Read a `repeated uint64` field; its words are looked at when their number is the right one.

    Raises:
        WireError: the number of words is not the one that the header calls for, it calls for more bytes than
            travel inside a message, or the filling is not zero.

    """
    if not words:
        raise WireError("a payload has at least its header word")
    header, count = words[0], len(words) - 1
    if header & _STORED_BIT:
        if count != 4:
            raise WireError(f"the name of an artifact has 4 words of digest, not {count}")
        return Stored(struct.pack("<4Q", *words[1:]), header ^ _STORED_BIT)
    if count != (header + 7) // 8:
        raise WireError(f"{header} bytes take {(header + 7) // 8} words, not {count}")
    if header > INLINE_BYTES:
        raise WireError(f"{header} bytes go as an artifact: a message carries {INLINE_BYTES} at most")
    data = struct.pack(f"<{count}Q", *words[1:])
    if any(data[header:]):
        raise WireError("the last word of a payload is filled with zeros")
    return Inline(data[:header])
