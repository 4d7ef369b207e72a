"""The Horner chip: sums of an opened row, weighted with powers of a challenge, fifteen elements a row.

For the elements v_0, v_1, ... of a chain of blocks a chain of rows computes two sums over powers of g: `all`,
the sum of g^k v_k, and `some`, the same over a subset, the columns that are opened at the next row too. A row
holds one block and the sums from there on:

    all = sum over k < 15 of kept_k g^k v_k + goes_on g^15 all',

and `some` likewise with `chosen` in place of `kept`; so the first row of a chain has the totals. Which
elements are kept and chosen is preprocessed: the last block of a leaf ends in elements of the sponge's state.

The challenge is one of two (a circuit may check two proofs), chosen by a preprocessed flag. They are public
values of the kind, so their powers cost no columns. Nothing makes them right here: the circuit states that
the wires `Circuit.challenges` are what its transcript draws.

Both statements read the next row, so they do not hold on the last one: `spare_rows` keeps it padding.

Columns: 25 main (10 read at the next row), 38 preprocessed, 2 of LogUp (three fractions).
"""

from __future__ import annotations

import numpy as np

from zisk.field.quintic import DEGREE
from zisk.hash.sponge import RATE
from zisk.kernels import circuit_layout as layout
from zisk.kernels.circuit_layout import Horner
from zisk.recursion.buses import BLOCK, WIRE
from zisk.recursion.extension import Vector, equal, product, total
from zisk.recursion.wiring import block_slot, wire_slot
from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import Expression

CHALLENGES = 2
"""Challenges that a circuit has: one for each proof that it may check."""


def challenge_names() -> tuple[str, ...]:
    """The public values that hold the coefficients of the challenges."""
    return tuple(f"challenge_{which}[{k}]" for which in range(CHALLENGES) for k in range(DEGREE))


def _define(b: Builder) -> None:
    values = b.columns("value", RATE)
    every, some = b.columns("all", DEGREE), b.columns("some", DEGREE)
    block_slot(b, "block", values)
    wire_slot(b, "all", every)
    wire_slot(b, "some", some)
    goes_on, second = b.preprocessed("goes_on"), b.preprocessed("second_challenge")
    powers = _powers(b, second)
    for name, sums in (("kept", every), ("chosen", some)):
        weights = [b.preprocessed(f"{name}[{k}]") * values[k] for k in range(RATE)]
        terms = [[one * coefficient for coefficient in powers[k]] for k, one in enumerate(weights)]
        below = product([goes_on * one.next for one in sums], powers[RATE])
        for k, difference in enumerate(equal(sums, total(*terms, below))):
            b.zero_on_transition(f"sum of what is {name}, coefficient {k}", difference)


def _powers(b: Builder, second: Expression) -> list[Vector]:
    """The powers 0 to 15 of the challenge that `second` selects."""
    names = challenge_names()
    selected: list[list[Vector]] = []
    for which in range(CHALLENGES):
        base = [b.public(name) for name in names[DEGREE * which : DEGREE * (which + 1)]]
        powers: list[Vector] = [[1, 0, 0, 0, 0], base]
        while len(powers) <= RATE:
            powers.append(product(powers[-1], base))
        selected.append(powers)
    first, other = selected
    return [
        [x + second * (y - x) for x, y in zip(power, alternative, strict=True)]
        for power, alternative in zip(first, other, strict=True)
    ]


class HornerChip:
    """The chip of `zisk.kernels.circuit_layout.Horner`; a row of its table is one block of one chain."""

    air: Air = build_air("horner", _define)
    operation = layout.HORNER
    slots = (BLOCK, WIRE, WIRE)
    spare_rows = 1

    def arrange(self, records: np.ndarray) -> np.ndarray:
        """Rows stand as recorded: the blocks of each chain, one chain after another."""
        return records

    def addresses(self, rows: np.ndarray) -> np.ndarray:
        """The block; on the first row of a chain its two sums."""
        return rows[:, [Horner.BLOCK, Horner.EVERY, Horner.SOME]].T

    def fixed(self, rows: np.ndarray) -> np.ndarray:
        """Goes on, second challenge, what is kept, what is chosen."""
        places = np.arange(RATE)
        masks = [rows[:, [mask]] >> places & 1 for mask in (Horner.KEPT, Horner.CHOSEN)]
        return np.hstack([rows[:, [Horner.GOES_ON, Horner.WHICH]], *masks]).T
