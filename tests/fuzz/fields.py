"""Where the fields of an encoding are, and encodings in which some of them are changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from zisk.field.koalabear import P

LARGEST = 16 << 20
"""Repeats make no encoding longer than this, in bytes."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an encoding.

    Attributes:
        start, size: where it is, in bytes.
        number: whether it is a little-endian number, such as a count, a length, an index or an element.
    """

    start: int
    size: int
    number: bool

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + self.size


@dataclass(frozen=True, slots=True)
class Seed:
    """A valid encoding and its fields, in the order of their places; one may lie in another."""

    data: bytes
    fields: tuple[Field, ...]


def mutated(draw: Random, seeds: Sequence[Seed]) -> bytes:
    """One of the seeds with one to three changes.

    A change is made where the seed's fields are; one that moves them may make the next hit between them.
    """
    seed = draw.choice(seeds)
    data = bytearray(seed.data)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        draw.choice(_CHANGES)(draw, data, seed, draw.choice(seeds))
    return bytes(data)


Change = Callable[[Random, bytearray, Seed, Seed], None]
"""Changes bytes in place; the seed that they were, and another one to take parts from, are given."""


def boundary(draw: Random, size: int, now: int, length: int) -> int:
    """A number of `size` bytes where parsers go wrong: at a limit, or next to what it was."""
    top = (1 << 8 * size) - 1
    near = (now - 1, now + 1, 2 * now, now ^ 1, now + P, length, length // 4)
    limits = (0, 1, 2, 127, 128, 255, 256, 0x7FFF, 0xFFFF, 0x10000, P - 1, P, P + 1, 1 << 31, top // 2, top)
    return draw.choice((*near, *limits, 1 << draw.randrange(8 * size), draw.getrandbits(8 * size))) & top


def _number(draw: Random, data: bytearray, seed: Seed, _other: Seed) -> None:
    numbers = [field for field in seed.fields if field.number]
    if not numbers:
        return
    field = draw.choice(numbers[:40] if draw.random() < 0.5 else numbers)
    now = int.from_bytes(data[field.start : field.end], "little")
    data[field.start : field.end] = boundary(draw, field.size, now, len(data)).to_bytes(field.size, "little")


def _bit(draw: Random, data: bytearray, seed: Seed, _other: Seed) -> None:
    if data:
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)


def _noise(draw: Random, data: bytearray, seed: Seed, _other: Seed) -> None:
    field = draw.choice(seed.fields)
    part = data[field.start : field.end]
    place = field.start + draw.randrange(max(1, len(part)))
    data[place : min(field.end, place + 32)] = draw.randbytes(min(32, len(part)))


def _cut(draw: Random, data: bytearray, seed: Seed, _other: Seed) -> None:
    field = draw.choice(seed.fields)
    del data[draw.choice((field.start, field.end, field.start + 1, draw.randrange(len(data) + 1))) :]


def _drop(draw: Random, data: bytearray, seed: Seed, _other: Seed) -> None:
    first, last = _run(draw, seed)
    del data[first:last]


def _repeat(draw: Random, data: bytearray, seed: Seed, _other: Seed) -> None:
    first, last = _run(draw, seed)
    data[last:last] = data[first:last] * min(LARGEST // (1 + len(data)), draw.choice((1, 1, 2, 16)))


def _swap(draw: Random, data: bytearray, seed: Seed, _other: Seed) -> None:
    one = draw.choice(seed.fields)
    alike = [field for field in seed.fields if field.size == one.size]
    two = draw.choice(alike)
    a, b = data[one.start : one.end], data[two.start : two.end]
    data[one.start : one.end], data[two.start : two.end] = b, a


def _splice(draw: Random, data: bytearray, seed: Seed, other: Seed) -> None:
    place = draw.randrange(min(len(seed.fields), len(other.fields)))
    ours, theirs = seed.fields[place], other.fields[place]
    if draw.random() < 0.5:
        data[ours.start : ours.end] = other.data[theirs.start : theirs.end]
    else:
        data[ours.start :] = other.data[theirs.start :]


def _insert(draw: Random, data: bytearray, seed: Seed, _other: Seed) -> None:
    place = draw.choice(seed.fields).start
    data[place:place] = draw.choice((b"\0", b"\xff")) * draw.choice((1, 3, 4, 8, 36, 4_096))


def _run(draw: Random, seed: Seed) -> tuple[int, int]:
    """The places of one to four neighbours."""
    first = draw.randrange(len(seed.fields))
    last = min(len(seed.fields) - 1, first + draw.choice((0, 0, 1, 3)))
    return seed.fields[first].start, max(seed.fields[first].end, seed.fields[last].end)


_CHANGES: tuple[Change, ...] = (
    _number,
    _number,
    _number,
    _bit,
    _bit,
    _noise,
    _cut,
    _drop,
    _repeat,
    _swap,
    _splice,
    _insert,
)
