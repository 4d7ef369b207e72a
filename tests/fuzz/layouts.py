"""Fields of valid encodings: those that a container's reader takes, those that a proof's shape gives."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from tests.attacks.hostile import regions
from tests.fuzz.fields import Field, Seed
from zisk.proof_format import words
from zisk.stark.key import VerifyingKey
from zisk.stark.proof import DIGEST_LENGTH, proof_shape


def container_seed(
    data: bytes, read: Callable[[bytes], object], inside: Callable[[int], VerifyingKey] | None = None
) -> Seed:
    """A container with the fields that its reader takes off it.

    `inside` gives the key of each segment proof in it, by its number.
    """
    blocks: list[Field] = []
    with _watched() as fields:
        read(data)
    own = [field for field in fields if field.end <= len(data)]
    if inside is not None:
        blocks = [
            field for field in own if not field.number and data[field.start : field.start + 4] == b"pzS1"
        ]
    for number, block in enumerate(blocks):
        assert inside is not None
        own += proof_fields(data[block.start : block.end], inside(number), block.start)
    return Seed(data, tuple(sorted(own, key=lambda field: (field.start, -field.size))))


@contextmanager
def _watched() -> Iterator[list[Field]]:
    """Every field that a reader of containers takes inside."""
    found: list[Field] = []
    unpack, block = words.Reader._unpack, words.Reader.block

    def unpacked(reader: words.Reader, form: str, length: int) -> tuple[int, ...]:
        values = unpack(reader, form, length)
        size = 8 if form.endswith("Q") else 4
        found.extend(Field(start, size, True) for start in range(reader._place - length, reader._place, size))
        return values

    def taken(reader: words.Reader) -> object:
        content = block(reader)
        found.append(Field(reader._place - len(content), len(content), False))
        return content

    with patch.object(words.Reader, "_unpack", unpacked), patch.object(words.Reader, "block", taken):
        yield found


def proof_fields(data: bytes, key: VerifyingKey, offset: int = 0) -> list[Field]:
    """The fields of a segment proof that begins at an offset: parts, words of each, and all counts."""
    found, place = [Field(offset, 4, False)], offset + 4
    for name, (start, end) in regions(key).items():
        if name != "tree lengths":
            every = name in ("heights", "publics", "nonces")
            found += _part(place + 4 * start, end - start, every=every)
    place += 4 * proof_shape(key.kind, key.parameters).fixed
    for width in proof_shape(key.kind, key.parameters).opening_widths:
        rows, siblings = struct.unpack_from("<2I", data, place - offset)
        found += [Field(place, 4, True), Field(place + 4, 4, True)]
        place += 8
        for length in (rows * width, siblings * DIGEST_LENGTH):
            found += _part(place, length, every=False)
            place += 4 * length
    return found


def number_fields(start: int, *sizes: int) -> list[Field]:
    """Numbers one after another."""
    found = []
    for size in sizes:
        found.append(Field(start, size, True))
        start += size
    return found


def _part(start: int, words: int, *, every: bool) -> list[Field]:
    """A run of words as one field, and as numbers its first, middle and last word, or every one."""
    if not words:
        return []
    places = range(words) if every else sorted({0, words // 2, words - 1})
    return [Field(start, 4 * words, False), *(Field(start + 4 * place, 4, True) for place in places)]
