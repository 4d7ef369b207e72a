"""Writes small static ELF files, for the machine under test and for qemu alike."""

from __future__ import annotations

import struct
from dataclasses import dataclass

CODE_ADDRESS = 0x8000_0000
DATA_ADDRESS = 0xA003_0000


@dataclass(frozen=True)
class Part:
    """One section, which is also one loaded segment."""

    name: str
    address: int
    content: bytes
    flags: int
    kind: int = 1
    size: int | None = None


WRITE, ALLOCATE, EXECUTE = 1, 2, 4
PAGE = 0x1000


def code_part(content: bytes, address: int = CODE_ADDRESS) -> Part:
    """Executable section."""
    return Part(".text", address, content, ALLOCATE | EXECUTE)


def data_part(content: bytes, address: int = DATA_ADDRESS) -> Part:
    """Writable section."""
    return Part(".data", address, content, ALLOCATE | WRITE)


def write_elf(parts: list[Part], entry: int = CODE_ADDRESS) -> bytes:
    """ELF file with the given sections; file offsets agree with addresses modulo the page size."""
    names = b"\0" + b"".join(part.name.encode() + b"\0" for part in parts) + b".shstrtab\0"
    body = bytearray(64 + 56 * len(parts))
    segments, sections, name_offset = bytearray(), bytearray(64), 1
    for part in parts:
        size = len(part.content) if part.size is None else part.size
        body += bytes((part.address - len(body)) % PAGE)
        offset = len(body)
        body += part.content
        permissions = 4 | (2 if part.flags & WRITE else 0) | (1 if part.flags & EXECUTE else 0)
        segments += struct.pack(
            "<IIQQQQQQ", 1, permissions, offset, part.address, part.address, len(part.content), size, PAGE
        )
        sections += struct.pack(
            "<IIQQQQIIQQ", name_offset, part.kind, part.flags, part.address, offset, size, 0, 0, 8, 0
        )
        name_offset += len(part.name) + 1
    sections += struct.pack("<IIQQQQIIQQ", name_offset, 3, 0, 0, len(body), len(names), 0, 0, 1, 0)
    body += names
    body += bytes(-len(body) % 8)
    count = len(parts)
    header = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header += struct.pack(
        "<HHIQQQIHHHHHH", 2, 243, 1, entry, 64, len(body), 0, 64, 56, count, 64, count + 2, count + 1
    )
    body[:64] = header
    body[64 : 64 + len(segments)] = segments
    return bytes(body + sections)
