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

Columns: 5 main (all read at the next row), 13 preprocessed, 2 of LogUp (three fractions).
"""

from __future__ import annotations

import numpy as np

from zisk.field.koalabear import P, root_of_unity
from zisk.hash.transcript import MAX_BITS
from zisk.kernels import circuit_layout as layout
from zisk.kernels.circuit_layout import NONE, Bits
from zisk.recursion.buses import WIRE
from zisk.recursion.wiring import wire_slot
from zisk.stark.air import Air, Builder, build_air

BITS = 31
"""Binary digits of p - 1, and rows that a value takes."""

BIT = len(Bits)
"""The column of a row, after its record's, that says which bit it holds."""


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
    names = ("first", "last", "goes_on", "next_weight", "next_factor", "next_is_top", "next_starts_top")
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
    """The chip of `zisk.kernels.circuit_layout.Bits`: 31 rows for each record, which end in their bit."""

    air: Air = build_air("bits", _define)
    operation = layout.BITS
    slots = (WIRE,) * 3
    spare_rows = 0

    def arrange(self, records: np.ndarray) -> np.ndarray:
        """The rows of each value, one value after another."""
        places = np.tile(np.arange(BITS), len(records))
        return np.column_stack([np.repeat(records, BITS, axis=0), places])

    def addresses(self, rows: np.ndarray) -> np.ndarray:
        """The value on its first row; low and point on that of the last bit that they take in."""
        bit = rows[:, BIT]
        value = np.where(bit == 0, rows[:, Bits.VALUE], NONE)
        handed_out = np.where(bit == rows[:, Bits.BITS] - 1, rows[:, [Bits.LOW, Bits.POINT]].T, NONE)
        return np.vstack([value, handed_out])

    def fixed(self, rows: np.ndarray) -> np.ndarray:
        """First, last, and what the next row's bit does."""
        return _FLAGS[rows[:, BIT]].T


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


_FLAGS = np.array([_flags(bit) for bit in range(BITS)])
