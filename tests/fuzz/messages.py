"""Messages of the wire with changes that know fields, lengths and nesting."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
LARGEST = 1 << 20
"""Repeats make no message longer than this, in bytes."""

_LIMITS = (0, 1, 63, 64, 65, 127, 128, 4_095, 4_096, 4_097, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
_FAR = ((1 << 63) - 1, 1 << 63, (1 << 63) + 8, (1 << 64) - 1)

Node = tuple[int, int, "int | bytes | list[Node]"]
"""A field: its number, its wire type, and a number, bytes, or the fields of a message."""


def mutated_message(draw: Random, seeds: Sequence[bytes]) -> bytes:
    """One of the messages with one to three changes of its tree, or of its bytes."""
    nodes = parse(draw.choice(seeds), 4) or []
    for _ in range(draw.choice((1, 1, 2, 3))):
        _change(draw, nodes, draw.choice(seeds))
    data = bytearray(serialize(nodes))
    if data and draw.random() < 0.15:
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    if draw.random() < 0.05:
        del data[draw.randrange(len(data) + 1) :]
    return bytes(data)


def parse(data: bytes, depth: int) -> list[Node] | None:
    """The fields of a message; None for bytes that are none."""
    nodes: list[Node] = []
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, kind = tag >> 3, tag & 7
        if place < 0 or not number:
            return None
        if kind == _VARINT:
            value, place = _varint(data, place)
            if place < 0:
                return None
            nodes.append((number, kind, value))
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(kind)
        if kind == _BYTES:
            size, place = _varint(data, place)
        if size is None or place < 0 or place + size > len(data):
            return None
        content = data[place : place + size]
        place += size
        inner = parse(content, depth - 1) if kind == _BYTES and depth and content else None
        nodes.append((number, kind, content if inner is None else inner))
    return nodes


def serialize(nodes: Sequence[Node]) -> bytes:
    """The bytes of fields."""
    out = bytearray()
    for number, kind, value in nodes:
        out += _encoded(number << 3 | kind)
        if isinstance(value, int):
            out += _encoded(value)
            continue
        content = value if isinstance(value, bytes) else serialize(value)
        if kind == _BYTES:
            out += _encoded(len(content))
        out += content
    return bytes(out)


def _change(draw: Random, nodes: list[Node], other: bytes) -> None:
    """Change a field, somewhere in the tree."""
    where = nodes
    while where:
        deeper = [value for _, _, value in where if isinstance(value, list) and value]
        if not deeper or draw.random() < 0.3:
            break
        where = draw.choice(deeper)
    if not where:
        where.append((draw.randrange(1, 1_010), _VARINT, draw.choice(_LIMITS)))
        return
    place = draw.randrange(len(where))
    number, kind, value = where[place]
    match draw.randrange(7):
        case 0:
            del where[place]
        case 1:
            room = LARGEST // max(1, len(serialize(nodes)))
            where[place:place] = [where[place]] * min(room, draw.choice((1, 2, 70, 5_000)))
        case 2:
            where[place] = (
                draw.choice((number + 1, draw.randrange(1, 20), draw.randrange(1_000, 1_010))),
                kind,
                value,
            )
        case 3:
            where.append(draw.choice(parse(other, 4) or [(1, _VARINT, 1)]))
        case 4:
            packed = b"".join(_encoded(draw.choice(_LIMITS)) for _ in range(draw.choice((1, 2, 5, 100))))
            where[place] = (number, _BYTES, packed)
        case 5:
            where[place] = (number, _VARINT, draw.choice(_LIMITS + _FAR))
        case _ if isinstance(value, int):
            where[place] = (number, kind, draw.choice((*_LIMITS, *_FAR, value + 1, max(0, value - 1))))
        case _ if isinstance(value, bytes) and value:
            changed = bytearray(value)
            changed[draw.randrange(len(changed))] = draw.randrange(256)
            cut = draw.randrange(len(changed) + 1) if kind == _BYTES and draw.random() < 0.3 else len(changed)
            where[place] = (number, kind, bytes(changed[:cut]))
        case _:
            where.reverse()


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number and the place after it; place -1 where there is none."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            return 0, -1
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if not byte & 128:
            return value & ((1 << 64) - 1), place
    return 0, -1


def _encoded(value: int) -> bytes:
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
