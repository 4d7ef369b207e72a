"""The bits chip: the canonical binary digits of an element of F, one a row, the lowest first.

A value takes 31 rows, j = 0 to 30. Row j holds bit j, `high`, the value without its bits 0 to j,
divided by 2^(j+1), and `low`, the number that its bits 0 to j make; from bit 24 on `low` keeps bits 0 to 23.
So 2 * high + bit on row 0 is the value, high = 2 * high' + bit' leads to the next row, and high = 0 on
row 30: the bits are those of an integer below 2^31 that is the value modulo p.

Canonical. p = 2^31 - 2^24 + 1, so the integers from p to 2^31 - 1 are those whose bits 24 to 30 are all one
and whose low 24 bits are not all zero. `ones` is on rows 24 to 30 the product of the bits from 24 on, and
row 30 states ones * low = 0. So the integer is below p: it is the one canonical form of the value.

Points. `point` is the product over i <= j, i < 24, of r_i^(bit i), where r_i is the root of unity of order
2^(i+1). Over a domain of 2^k points in bit-reversed order leaf number `low` of row k - 1 is shift * point.

Slots: the value on row 0; `low` and `point` on any row below 24. A proof of work states that `low` is zero on
the row of its last bit.

Columns: 5 main (all read at the next row), 10 preprocessed, 2 of LogUp (three fractions).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field.koalabear import P, root_of_unity
from zisk.field.quintic import from_base
from zisk.hash.transcript import MAX_BITS
from zisk.recursion.buses import WIRE
from zisk.recursion.errors import CircuitError
from zisk.recursion.memory import Memory, Wire
from zisk.recursion.wiring import Address, wire_slot
from zisk.stark.air import Air, Builder, build_air

BITS = 31
"""Binary digits of p - 1, and rows that a value takes."""


@dataclass(frozen=True, slots=True)
class BitRow:
    """Digit `bit` of a value.

    Attributes:
        value: the wire taken apart, the same on its 31 rows, which follow each other.
        low, point: wires of what the row holds, or None.
    """

    value: Wire
    bit: int
    low: Wire | None = None
    point: Wire | None = None

    def run(self, memory: Memory) -> None:
        """Settle what is derived from the bits up to this one.

        Raises:
            WitnessError: the value is not in F, or a derived wire is known and different.
        """
        low = memory.base(self.value) % (1 << min(self.bit + 1, MAX_BITS))
        if self.low is not None:
            memory.settle(self.low, from_base(low))
        if self.point is not None:
            memory.settle(self.point, from_base(point_of(low)))


def point_of(low: int) -> int:
    """The product of r_i^(bit i) over the bits of a number below 2^24."""
    point = 1
    for bit in range(MAX_BITS):
        if low >> bit & 1:
            point = point * root_of_unity(bit + 1) % P
    return point


def _define(b: Builder) -> None:
    bit = b.flag("bit")
    high, low, point, ones = (b.column(name) for name in ("high", "low", "point", "ones"))
    wire_slot(b, "value", [2 * high + bit])
    wire_slot(b, "low", [low])
    wire_slot(b, "point", [point])
    names = ("first", "last", "goes on", "next weight", "next factor", "next is top", "next starts top")
    first, last, goes_on, weight, factor, top, starts_top = (b.preprocessed(name) for name in names)
    b.zero("low starts with the first bit", first * (low - bit))
    b.zero("the point of the first bit is 1 or -1", first * (point - 1 + 2 * bit))
    b.zero("nothing is left above the last bit", last * high)
    b.zero("a value with all top bits has no low ones", last * ones * low)
    b.zero_on_transition("the bit above is the next", goes_on * (high - 2 * high.next - bit.next))
    b.zero_on_transition("low takes the next bit in", goes_on * (low.next - low) - weight * bit.next)
    grown = point.next - point
    b.zero_on_transition("the point takes the next bit in", goes_on * grown - factor * bit.next * point)
    b.zero_on_transition("bit 24 starts the product of top bits", starts_top * (ones.next - bit.next))
    b.zero_on_transition("the product goes on", top * (ones.next - ones * bit.next))


class BitsChip:
    """The chip of `BitRow`."""

    air: Air = build_air("bits", _define)
    row_type = BitRow
    spare_rows = 0

    def arrange(self, rows: Sequence[BitRow]) -> list[BitRow]:
        """Rows stand as recorded.

        Raises:
            CircuitError: the rows of a value are not all there in order, or hand out more than 24 bits.
        """
        for number, row in enumerate(rows):
            start = number - number % BITS
            if row.bit != number - start or row.value != rows[start].value:
                raise CircuitError(f"{row} is out of order: a value has {BITS} rows in a row")
            if row.bit >= MAX_BITS and (row.low is not None or row.point is not None):
                raise CircuitError(f"{row} hands out more than {MAX_BITS} bits")
        if len(rows) % BITS:
            raise CircuitError(f"the last value has {len(rows) % BITS} rows, not {BITS}")
        return list(rows)

    def addresses(self, row: BitRow) -> Sequence[Address]:
        """The value on its first row, low, point."""
        return [
            (WIRE, row.value) if row.bit == 0 else None,
            None if row.low is None else (WIRE, row.low),
            None if row.point is None else (WIRE, row.point),
        ]

    def fixed(self, rows: Sequence[BitRow]) -> np.ndarray:
        """First, last, and what the next row's bit does."""
        return np.array([_FLAGS[row.bit] for row in rows], np.uint64).T

    def fill(self, rows: Sequence[BitRow], height: int, memory: Memory) -> np.ndarray:
        """Bit, high, low, point and ones of each row."""
        columns = np.zeros((self.air.main_width, height), np.uint64)
        values = np.array([memory.base(row.value) for row in rows[::BITS]], np.int64)
        low, point, ones = np.zeros_like(values), np.ones_like(values), np.zeros_like(values)
        for place in range(BITS):
            bit = values >> place & 1
            if place < MAX_BITS:
                low = low + (bit << place)
                point = np.where(bit, point * root_of_unity(place + 1) % P, point)
            else:
                ones = bit * (ones if place > MAX_BITS else 1)
            columns[:, place : len(rows) : BITS] = [bit, values >> (place + 1), low, point, ones]
        return columns


def _flags(bit: int) -> list[int]:
    following = bit + 1
    goes_on, is_low = following < BITS, following < MAX_BITS
    return [
        int(bit == 0),
        int(not goes_on),
        int(goes_on),
        1 << following if is_low else 0,
        (root_of_unity(following + 1) - 1) % P if is_low else 0,
        int(goes_on and following > MAX_BITS),
        int(following == MAX_BITS),
    ]


_FLAGS = [_flags(bit) for bit in range(BITS)]
