"""ELF files are read whole or refused by name; no bytes crash the reader."""

from __future__ import annotations

import struct
import time
import tracemalloc
from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vm.guest_elf import ALLOCATE, WRITE, Part, code_part, data_part, write_elf
from zisk.vm.elf import Section, read_elf
from zisk.vm.errors import (
    InvalidGuestError,
    MalformedElfError,
    NotAnElfError,
    SectionOutsideMapError,
    WrongElfClassError,
)

CODE = code_part(b"\x13\0\0\0\x73\0\0\0")
GOOD = write_elf([CODE, data_part(b"12345")])


def test_sections_are_sorted_and_whole() -> None:
    image = read_elf(write_elf([data_part(b"12345"), CODE]))
    assert image.entry == 0x8000_0000
    assert image.sections == (
        Section(".text", 0x8000_0000, CODE.content, True),
        Section(".data", 0xA003_0000, b"12345", False),
    )


def test_constructor_tables_are_loaded() -> None:
    tables = [
        Part(name, 0x8000_1000 + 64 * kind, bytes([kind] * 8), ALLOCATE, kind)
        for kind, name in ((14, ".init_array"), (15, ".fini_array"), (16, ".preinit_array"))
    ]
    assert [(s.name, s.content) for s in read_elf(write_elf([CODE, *tables])).sections[1:]] == [
        (".init_array", bytes([14] * 8)),
        (".fini_array", bytes([15] * 8)),
        (".preinit_array", bytes([16] * 8)),
    ]


def test_notes_and_sections_without_address_are_left_out() -> None:
    others = [
        Part(".note", 0x10, b"note", ALLOCATE, 7),
        Part(".debug", 0, b"debug", 0),
        Part(".bss", 0xA004_0000, b"", ALLOCATE | WRITE, 8, 4096),
    ]
    assert read_elf(write_elf([CODE, *others])).sections == read_elf(write_elf([CODE])).sections


def patched(offset: int, content: bytes) -> bytes:
    """The good file with some bytes replaced."""
    return GOOD[:offset] + content + GOOD[offset + len(content) :]


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (b"", NotAnElfError, "does not start with"),
        (b"#!/bin/sh\n", NotAnElfError, "does not start with"),
        (GOOD[:10], NotAnElfError, "ends after 10 bytes"),
        (GOOD[:63], NotAnElfError, "ends after 63 bytes"),
        (patched(4, b"\x01"), WrongElfClassError, "is 32-bit"),
        (patched(5, b"\x02"), WrongElfClassError, "is big-endian"),
        (patched(18, b"\x3e\x00"), WrongElfClassError, "for machine 62"),
        (patched(16, b"\x01\x00"), WrongElfClassError, "an object or core file"),
        (patched(40, bytes(8)), MalformedElfError, "no section table"),
        (patched(40, b"\xff" * 8), MalformedElfError, "leaves the file"),
        (patched(58, b"\x10\x00"), MalformedElfError, "section headers of 16 bytes"),
        (patched(60, b"\x00\x00"), MalformedElfError, "section table is empty"),
        (patched(60, b"\xff\xff"), MalformedElfError, "65535 entries"),
    ],
)
def test_damaged_headers_are_refused_by_name(data: bytes, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        read_elf(data)


@pytest.mark.parametrize(
    "part",
    [
        replace(CODE, address=0xA003_0000),
        replace(CODE, address=0x87FF_FFFC),
        data_part(b"1234", 0x8000_1000),
        data_part(b"1234", 0xA000_0100),
        data_part(b"1234", 0xA001_0000),
        data_part(b"12345678", 0xBFFF_FFFC),
        data_part(b"1234", 0xFFFF_FFFF_FFFF_FFFE),
        Part(".rodata", 0x1000, b"1234", ALLOCATE),
        Part(".bss", 0x8000_0000, b"", ALLOCATE | WRITE, 8, 64),
        Part(".bss", 0xA003_0000, b"", ALLOCATE | WRITE, 8, 1 << 40),
    ],
)
def test_sections_outside_the_map_are_refused(part: Part) -> None:
    with pytest.raises(SectionOutsideMapError) as refusal:
        read_elf(write_elf([part]))
    assert (refusal.value.section, refusal.value.address) == (part.name, part.address)


def test_overlapping_sections_are_refused() -> None:
    with pytest.raises(MalformedElfError, match=r"sections .text and .rodata overlap"):
        read_elf(write_elf([CODE, Part(".rodata", 0x8000_0004, b"1234", ALLOCATE)]))


def test_sections_that_share_their_bytes_make_no_copies_of_them() -> None:
    """Thousands of headers that name the same megabytes, in a file whose names never end."""
    content = b"n" * (8 << 20)
    elf = bytearray(write_elf([data_part(content)]))
    (table,) = struct.unpack_from("<Q", elf, 40)
    header = elf[table + 64 : table + 128]
    offset = len(elf)
    headers = elf[table : table + 64] + header * 60_000
    struct.pack_into("<Q", elf, 40, offset)
    struct.pack_into("<HH", elf, 60, 60_001, 1)
    start = time.process_time()
    tracemalloc.start()
    with pytest.raises(MalformedElfError, match="overlap"):
        read_elf(bytes(elf + headers))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150 << 20
    assert time.process_time() - start < 10


def test_code_at_an_odd_address_is_refused() -> None:
    with pytest.raises(MalformedElfError, match="odd address"):
        read_elf(write_elf([code_part(b"1234", 0x8000_0001)]))


DEMO = files("zisk.data").joinpath("sha-hasher.elf").read_bytes()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_random_bytes_never_crash(data: bytes, with_magic: bool) -> None:
    with pytest.raises(InvalidGuestError):
        read_elf(b"\x7fELF\x02\x01\x01" + data if with_magic else data)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_files_are_read_or_refused(choice: st.DataObject) -> None:
    """Header and section table are damaged more often than the bytes between them."""
    content = bytearray(DEMO)
    (table,) = struct.unpack_from("<Q", content, 40)
    places = st.one_of(
        st.integers(0, 63), st.integers(table, len(content) - 1), st.integers(0, len(content) - 1)
    )
    for place, value in choice.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=6)):
        content[place] = value
    try:
        image = read_elf(bytes(content))
    except InvalidGuestError:
        return
    assert sum(len(section.content) for section in image.sections) <= 8 * len(content)
