"""Shifting words: by whole limbs through one-hot moves, by the rest through a split of each limb.

A shift by 16 q + r moves q limbs; r < 16 bits of every limb cross over to its neighbour, upwards or
downwards. Each limb splits into the r bits that are `leaving` and the 16 - r that are `staying`:

    right: limb = staying 2^r + leaving,          result[j] = staying[j + q] + leaving[j + q + 1] 2^(16 - r)
    left:  limb = leaving 2^(16 - r) + staying,   result[j] = staying[j - q] 2^r + leaving[j - q - 1]

Columns: `left[q]` and `right[q]`, of which one is set; 2^r and 2^(16 - r); for each limb `leaving` and
`staying`. Limbs from beyond the word are 0, and to the right of an arithmetic shift 0xFFFF `fill`.

Why the result cannot be anything else:
- The lookup of the amount gives r = amount - 16 q, the q that is set, and both powers; amounts are below 64.
- `leaving` is range-checked below 2^r and `staying` below 2^(16 - r). So the split is an integer below
  2^16, cannot wrap modulo p, and a limb has one split. Both checks are needed: 2^15 times 65024 is -1
  modulo p.
- A result limb puts one staying part beside one leaving part, so it is below 2^16 as well.
- With r = 0, leaving is below 2^0, which is 0; at the top, fill (2^16 - 2^16) is 0 too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from zisk.stark.air import Builder
from zisk.stark.expression import Expression, lift
from zisk.vm.tables.buses import RANGE, SHIFT
from zisk.vm.tables.trace import LIMB_BITS, Trace, limb

LIMB = 1 << LIMB_BITS
ALL_ONES = LIMB - 1


class Moves(NamedTuple):
    """One-hot flags of a shift's direction and of the limbs it moves by, for words of as many limbs."""

    left: list[Expression]
    right: list[Expression]

    @property
    def is_left(self) -> Expression:
        """1 on rows that shift to the left."""
        return _sum(self.left)

    @property
    def is_right(self) -> Expression:
        """1 on rows that shift to the right."""
        return _sum(self.right)

    @property
    def quotient(self) -> Expression:
        """The limbs that the row moves by."""
        return _sum([(left + right) * q for q, (left, right) in enumerate(zip(*self, strict=True))])


def declare_moves(b: Builder, limbs: int, suffix: str = "") -> Moves:
    """Declare the flags for words of so many limbs; that only one is set is the caller's to state."""
    return Moves(*([b.flag(f"{side}{suffix}[{q}]") for q in range(limbs)] for side in ("left", "right")))


class Splits:
    """The powers and the split limbs of a table."""

    def __init__(
        self, b: Builder, limbs: int, amount: Expression, quotient: Expression, active: Expression
    ) -> None:
        """Declare and check `limbs` splits for shifts by `amount`, of which `quotient` are whole limbs."""
        self._builder = b
        self.low_power, self.high_power = b.column("low_power"), b.column("high_power")
        b.send(SHIFT, [amount, quotient, self.low_power, self.high_power], active)
        self.leaving, self.staying = b.columns("leaving", limbs), b.columns("staying", limbs)
        bits = amount - quotient * LIMB_BITS
        for leaving, staying in zip(self.leaving, self.staying, strict=True):
            b.send(RANGE, [bits, leaving], active)
            b.send(RANGE, [LIMB_BITS - bits, staying], active)

    def split(self, index: int, limb: Expression, *, is_left: Expression, is_right: Expression) -> None:
        """State that split `index` is one of `limb` on rows of either direction."""
        leaving, staying = self.leaving[index], self.staying[index]
        right = is_right * (staying * self.low_power + leaving - limb)
        left = is_left * (leaving * self.high_power + staying - limb)
        self._builder.zero(f"limb {index} is split", left + right)

    def shifted(self, moves: Moves, fill: Expression | int) -> list[Expression]:
        """The limbs of the result, of degree 3; 0 on rows where none of the moves is set."""
        limbs = len(moves.left)
        return [
            _sum([moves.left[q] * self._from_left(place - q) for q in range(limbs)])
            + _sum([moves.right[q] * self._from_right(place + q, limbs, lift(fill)) for q in range(limbs)])
            for place in range(limbs)
        ]

    def _from_left(self, place: int) -> Expression:
        if place < 0:
            return lift(0)
        entering = self.leaving[place - 1] if place else lift(0)
        return self.staying[place] * self.low_power + entering

    def _from_right(self, place: int, limbs: int, fill: Expression) -> Expression:
        if place >= limbs:
            return fill * ALL_ONES
        if place == limbs - 1:
            return self.staying[place] + fill * (LIMB - self.high_power)
        return self.staying[place] + self.leaving[place + 1] * self.high_power


def fill_moves(
    trace: Trace, amount: np.ndarray, rows: np.ndarray, is_left: np.ndarray, suffix: str = ""
) -> None:
    """Set the flags of moves on the rows where `rows` is true."""
    limbs = sum(name.startswith(f"left{suffix}[") for name in trace.air.main_names)
    for q in range(limbs):
        here = rows & (amount // LIMB_BITS == q)
        trace[f"left{suffix}[{q}]"] = here & is_left
        trace[f"right{suffix}[{q}]"] = here & ~is_left


def fill_splits(trace: Trace, words: np.ndarray, amount: np.ndarray, is_left: np.ndarray, limbs: int) -> None:
    """Set the powers and splits of the words' lowest `limbs` limbs."""
    rest = (amount % LIMB_BITS).astype(np.uint64)
    one = np.uint64(1)
    trace["low_power"] = one << rest
    trace["high_power"] = one << (LIMB_BITS - rest)
    cut = np.where(is_left, LIMB_BITS - rest, rest)
    for index in range(limbs):
        whole = limb(words, index)
        high, low = whole >> cut, whole & ((one << cut) - one)
        trace[f"leaving[{index}]"] = np.where(is_left, high, low)
        trace[f"staying[{index}]"] = np.where(is_left, low, high)


def _sum(terms: Sequence[Expression]) -> Expression:
    total = lift(0)
    for term in terms:
        total = total + term
    return total
