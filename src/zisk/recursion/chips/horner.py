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

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE, Element
from zisk.hash.sponge import RATE
from zisk.recursion.buses import BLOCK, WIRE
from zisk.recursion.extension import Vector, equal, product, total
from zisk.recursion.memory import Block, Memory, Wire
from zisk.recursion.wiring import Address, block_slot, wire_slot
from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import Expression

CHALLENGES = 2
"""Challenges that a circuit has: one for each proof that it may check."""


def challenge_names() -> tuple[str, ...]:
    """The public values that hold the coefficients of the challenges."""
    return tuple(f"challenge[{which}][{k}]" for which in range(CHALLENGES) for k in range(DEGREE))


@dataclass(frozen=True, slots=True)
class HornerSum:
    """Sums over a chain of blocks, one row for each.

    Attributes:
        number: its own number among the chains.
        challenge: the wire of g; `which` of the circuit's challenges it is.
        blocks: the elements.
        kept, chosen: for each block the places, 0 to 14, that count in either sum.
        every, some: the two sums.
    """

    number: int
    challenge: Wire
    which: int
    blocks: tuple[Block, ...]
    kept: tuple[frozenset[int], ...]
    chosen: tuple[frozenset[int], ...]
    every: Wire
    some: Wire

    def run(self, memory: Memory) -> None:
        """Settle both sums.

        Raises:
            WitnessError: one is known and different.
        """
        challenge = memory.wires[self.challenge]
        powers = [quintic.ONE]
        while len(powers) <= RATE:
            powers.append(quintic.mul(powers[-1], challenge))
        coefficients = list(zip(*powers[:RATE], strict=True))
        every, some = quintic.ZERO, quintic.ZERO
        rows = []
        for block, kept, chosen in zip(self.blocks[::-1], self.kept[::-1], self.chosen[::-1], strict=True):
            values = memory.blocks[block]
            every = quintic.add(quintic.mul(every, powers[RATE]), _weigh(values, coefficients, kept))
            some = quintic.add(quintic.mul(some, powers[RATE]), _weigh(values, coefficients, chosen))
            rows.append([*values, *every, *some])
        memory.settle(self.every, every)
        memory.settle(self.some, some)
        memory.sums[self.number] = rows[::-1]


def _weigh(values: Sequence[int], coefficients: Sequence[Sequence[int]], places: frozenset[int]) -> Element:
    """Sum of powers times values at some places; `coefficients` has those of each degree, by power."""
    chosen = [value if place in places else 0 for place, value in enumerate(values)]
    return quintic.element(sum(map(operator.mul, chosen, one)) % P for one in coefficients)


def _define(b: Builder) -> None:
    values = b.columns("value", RATE)
    every, some = b.columns("all", DEGREE), b.columns("some", DEGREE)
    block_slot(b, "block", values)
    wire_slot(b, "all", every)
    wire_slot(b, "some", some)
    goes_on, second = b.preprocessed("goes on"), b.preprocessed("second challenge")
    powers = _powers(b, second)
    for name, sums in (("kept", every), ("chosen", some)):
        weights = [b.preprocessed(f"{name} {k}") * values[k] for k in range(RATE)]
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


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a chain."""

    chain: HornerSum
    place: int

    @property
    def is_last(self) -> bool:
        return self.place == len(self.chain.blocks) - 1


class HornerChip:
    """The chip of `HornerSum`; a row of its table is one block of one chain."""

    air: Air = build_air("horner", _define)
    row_type = HornerSum
    spare_rows = 1

    def arrange(self, rows: Sequence[HornerSum]) -> list[_Row]:
        """The blocks of each chain, one chain after another."""
        return [_Row(chain, place) for chain in rows for place in range(len(chain.blocks))]

    def addresses(self, row: _Row) -> Sequence[Address]:
        """The block; on the first row of a chain its two sums."""
        chain = row.chain
        sums: Sequence[Address] = (
            [(WIRE, chain.every), (WIRE, chain.some)] if row.place == 0 else [None, None]
        )
        return [(BLOCK, chain.blocks[row.place]), *sums]

    def fixed(self, rows: Sequence[_Row]) -> np.ndarray:
        """Goes on, second challenge, what is kept, what is chosen."""
        columns = [
            [
                int(not row.is_last),
                row.chain.which,
                *(int(k in row.chain.kept[row.place]) for k in range(RATE)),
                *(int(k in row.chain.chosen[row.place]) for k in range(RATE)),
            ]
            for row in rows
        ]
        return np.array(columns, np.uint64).T

    def fill(self, rows: Sequence[_Row], height: int, memory: Memory) -> np.ndarray:
        """Values and sums; zeros on padding."""
        columns = np.zeros((self.air.main_width, height), np.uint64)
        for number, row in enumerate(rows):
            columns[:, number] = memory.sums[row.chain.number][row.place]
        return columns
