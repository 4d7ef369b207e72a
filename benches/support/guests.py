"""Guests to measure with, and inputs that make them run for a wanted number of cycles."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

from zisk.vm.executor import execute
from zisk.vm.program import Program, load_program

EXAMPLES = Path(__file__).parents[2] / "examples"


def _number(amount: int) -> bytes:
    return struct.pack("<QQ", 8, amount)


def _numbers(amount: int) -> bytes:
    """Pseudo-random signed numbers, from a generator as simple as it is old."""
    values, state = [], 1
    for _ in range(amount):
        state = (1_103_515_245 * state + 12_345) % 2**31
        values.append(state - 2**30)
    content = struct.pack(f"<{amount}i", *values)
    return struct.pack("<Q", len(content)) + content + bytes(-len(content) % 8)


WALKED_PAIRS = 1 << 18
"""Pairs of words of the table that `memory-walk` walks over: 4 MiB."""


def _swaps(amount: int) -> bytes:
    return struct.pack("<QQQ", 16, WALKED_PAIRS, amount)


INPUTS: dict[str, tuple[Callable[[int], bytes], int]] = {
    "sha-hasher": (_number, 2**40),
    "fibonacci": (_number, 2**40),
    "sort": (_numbers, 2**16),
    "memory-walk": (_swaps, 2**40),
}
"""For each guest what makes an input of an amount of work, and the largest amount that it takes."""


def read_guest(name: str) -> bytes:
    """The ELF of a committed guest."""
    return (EXAMPLES / name / f"{name}.elf").read_bytes()


def input_for(name: str, cycles: int) -> tuple[bytes, int]:
    """The input of the most work within `cycles`, and the cycles that it takes.

    Takes at least one unit of work, and no more than the guest accepts.
    """
    guest = load_program(read_guest(name))
    make, most = INPUTS[name]
    low, high = 1, 2
    while high < most and _cycles(guest, make(high)) <= cycles:
        low, high = high, min(2 * high, most)
    while high - low > max(1, low >> 7):
        middle = (low + high) // 2
        low, high = (middle, high) if _cycles(guest, make(middle)) <= cycles else (low, middle)
    return make(low), _cycles(guest, make(low))


def _cycles(guest: Program, data: bytes) -> int:
    return execute(guest, data).cycles
