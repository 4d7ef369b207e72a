"""Reads the sections of a guest's ELF file, trusting none of its bytes.

Every offset and length is checked against the file before use, so damaged files end in a named error.
Source: ELF-64 Object File Format; the section rules of ZisK's loader.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise

from zisk.vm import memory_map
from zisk.vm.errors import (
    MalformedElfError,
    NotAnElfError,
    SectionOutsideMapError,
    WrongElfClassError,
)

_HEADER_SIZE = 64
_SECTION_HEADER = struct.Struct("<IIQQQQIIQQ")
_MACHINE_RISCV = 243
_EXECUTABLE_TYPES = (2, 3)
_PROGBITS, _NOBITS, _INIT_ARRAY, _FINI_ARRAY, _PREINIT_ARRAY = 1, 8, 14, 15, 16
_LOADED_TYPES = (_PROGBITS, _INIT_ARRAY, _FINI_ARRAY, _PREINIT_ARRAY)
_WRITE, _ALLOCATE, _EXECUTE, _THREAD_LOCAL = 1, 2, 4, 0x400
_MAXIMAL_SECTIONS = 65_536
_MAXIMAL_CONTENT = 256 << 20
_NAME_BYTES = 64
"""How much of a section's name is shown."""


@dataclass(frozen=True, slots=True)
class Section:
    """Bytes that the program has in memory when it starts."""

    name: str
    address: int
    content: bytes
    executable: bool


@dataclass(frozen=True, slots=True)
class ElfImage:
    """Entry address and sections, ascending by address, none overlapping another."""

    entry: int
    sections: tuple[Section, ...]


def read_elf(data: bytes) -> ElfImage:
    """Read a guest's ELF file.

    Loads allocated sections with an address: code, data, constants and the init and fini arrays.
    Sections of zeros are checked against the map only; their memory is zero anyway.
    Raises a subclass of `InvalidGuestError`.
    """
    _check_identity(data)
    entry, table_offset = struct.unpack_from("<Q8xQ", data, 24)
    entry_size, count, names_index = struct.unpack_from("<HHH", data, 58)
    if table_offset == 0:
        raise MalformedElfError("it has no section table (a stripped sstrip file?)")
    if entry_size != _SECTION_HEADER.size:
        raise MalformedElfError(f"section headers of {entry_size} bytes, expected {_SECTION_HEADER.size}")
    headers = _section_headers(data, table_offset, count)
    names = _section_names(data, headers, names_index)
    places = [place for place in (_placed_section(data, header, names) for header in headers) if place]
    places.sort(key=lambda place: place.address)
    for lower, upper in pairwise(places):
        if lower.address + lower.size > upper.address:
            raise MalformedElfError(f"sections {lower.name} and {upper.name} overlap")
    # None overlaps another, so their copies are bounded by the map, whatever places of the file they share.
    return ElfImage(entry, tuple(place.section(data) for place in places))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a section lies in memory and in the file."""

    name: str
    address: int
    offset: int
    size: int
    executable: bool

    def section(self, data: bytes) -> Section:
        """The section with its content."""
        content = data[self.offset : self.offset + self.size]
        return Section(self.name, self.address, content, self.executable)


def _check_identity(data: bytes) -> None:
    """Refuse everything but 64-bit little-endian RISC-V executables."""
    if data[:4] != b"\x7fELF":
        raise NotAnElfError("it does not start with 0x7f 'ELF'")
    if len(data) < 20:
        raise NotAnElfError(f"it ends after {len(data)} bytes, inside the header")
    if data[4] != 2:
        raise WrongElfClassError("32-bit" if data[4] == 1 else f"of unknown class {data[4]}")
    if data[5] != 1:
        raise WrongElfClassError("big-endian" if data[5] == 2 else f"of unknown byte order {data[5]}")
    if len(data) < _HEADER_SIZE:
        raise NotAnElfError(f"it ends after {len(data)} bytes, inside the header")
    kind, machine = struct.unpack_from("<HH", data, 16)
    if machine != _MACHINE_RISCV:
        raise WrongElfClassError(f"for machine {machine}")
    if kind not in _EXECUTABLE_TYPES:
        raise WrongElfClassError("an object or core file" if kind in (1, 4) else f"of unknown type {kind}")


def _section_headers(data: bytes, offset: int, count: int) -> list[tuple[int, ...]]:
    """Rows of the section table."""
    if count == 0:
        raise MalformedElfError("its section table is empty")
    if count > _MAXIMAL_SECTIONS or offset + count * _SECTION_HEADER.size > len(data):
        raise MalformedElfError(f"a section table of {count} entries at {offset:#x} leaves the file")
    return [_SECTION_HEADER.unpack_from(data, offset + i * _SECTION_HEADER.size) for i in range(count)]


def _section_names(data: bytes, headers: list[tuple[int, ...]], index: int) -> bytes:
    """String table with the names of sections; empty when the file has none."""
    if index >= len(headers):
        return b""
    _, _, _, _, offset, size, *_ = headers[index]
    return data[offset : offset + size] if offset + size <= len(data) else b""


def _placed_section(data: bytes, header: tuple[int, ...], names: bytes) -> _Place | None:
    """Where the section is that a header describes, or None where it puts no bytes into memory."""
    name_offset, kind, flags, address, offset, size, *_ = header
    if not flags & _ALLOCATE or address == 0 or size == 0:
        return None
    shown = names[name_offset : name_offset + _NAME_BYTES].partition(b"\0")[0]
    name = shown.decode("ascii", "replace") or "(unnamed)"
    if kind == _NOBITS:
        if not flags & _THREAD_LOCAL:
            _check_range(name, address, size, memory_map.RAM_BASE, memory_map.RAM_SIZE, "RAM")
        return None
    if kind not in _LOADED_TYPES:
        return None
    if offset + size > len(data):
        raise MalformedElfError(f"section {name} leaves the file")
    if size > _MAXIMAL_CONTENT:
        raise MalformedElfError(f"section {name} has {size} bytes")
    executable = bool(flags & _EXECUTE)
    if executable:
        _check_range(name, address, size, memory_map.ROM_BASE, memory_map.ROM_SIZE, "ROM")
        if address % 2:
            raise MalformedElfError(f"executable section {name} starts at the odd address {address:#x}")
    elif flags & _WRITE or not memory_map.ROM_BASE <= address < memory_map.ROM_BASE + memory_map.ROM_SIZE:
        space = memory_map.RAM_BASE + memory_map.RAM_SIZE - memory_map.DATA_BASE
        _check_range(name, address, size, memory_map.DATA_BASE, space, "RAM")
    else:
        _check_range(name, address, size, memory_map.ROM_BASE, memory_map.ROM_SIZE, "ROM")
    return _Place(name, address, offset, size, executable)


def _check_range(name: str, address: int, size: int, base: int, space: int, label: str) -> None:
    """Refuse a section that leaves the space of `space` bytes at `base`."""
    if address < base or address + size > base + space:
        raise SectionOutsideMapError(name, address, size, f"{label}, {base:#x}..{base + space:#x}")
