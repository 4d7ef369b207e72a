"""Guests whose code stands at given addresses, such as the ends of the code region."""

from __future__ import annotations

from tests.vm import encoder
from tests.vm.guest_elf import ALLOCATE, EXECUTE, Part, write_elf
from tests.vm.semantics import signed

FIRST, END = 0x8000_0000, 0x8800_0000
"""First address of the code region and the one past its last."""

Pieces = dict[int, list[int] | bytes]
"""Instructions, or bytes that are to be executed, by the address where they start."""


def constant(rd: int, value: int) -> list[int]:
    """Instructions that set rd to a 64-bit value."""
    value = signed(value)
    if -2048 <= value < 2048:
        return [encoder.immediate("addi", rd, 0, value)]
    low = signed(value, 12)
    shift = encoder.immediate("slli", rd, rd, 12)
    return [*constant(rd, (value - low) >> 12), shift, encoder.immediate("addi", rd, rd, low)]


def jump_to(address: int) -> list[int]:
    """Jump to any address; x31 is used."""
    return [*constant(31, address), encoder.immediate("jalr", 0, 31, 0)]


def halt_with(register: int) -> list[int]:
    """Halt with a register as the exit code."""
    return [
        encoder.immediate("addi", 10, register, 0),
        encoder.immediate("addi", 17, 0, 93),
        encoder.ECALL,
    ]


def compressed(kind: str, register: int) -> int:
    """c.jr or c.jalr."""
    return {"c.jr": 0x8002, "c.jalr": 0x9002}[kind] | register << 7


def compressed_jump(distance: int) -> int:
    """c.j by an even distance of -2048..2046 bytes."""
    d = distance
    bits = (d >> 11 & 1, d >> 4 & 1, d >> 8 & 3, d >> 10 & 1, d >> 6 & 1, d >> 7 & 1, d >> 1 & 7, d >> 5 & 1)
    places = (12, 11, 9, 8, 7, 6, 3, 2)
    return 0xA001 | sum(bit << place for bit, place in zip(bits, places, strict=True))


def guest(pieces: Pieces, entry: int, *parts: Part) -> bytes:
    """ELF file with an executable section for each piece, and other parts."""
    sections = [
        Part(
            f".text.{address:x}",
            address,
            piece if isinstance(piece, bytes) else encoder.assemble(piece),
            ALLOCATE | EXECUTE,
        )
        for address, piece in pieces.items()
    ]
    return write_elf([*sections, *parts], entry)
