"""Rows of fifteen elements of F, under all the names that they have elsewhere in a circuit.

A row holds e[0..14] and has slots for the whole as a block, for e[0..4], e[5..9], e[10..14] as elements of K,
and for each e[k] as a wire in F. So it packs a block of wires, unpacks one, splits an element of K into
coefficients or makes one of them, and states of a wire that it is in F. The slots say the same columns, so
nothing is left to state: the table has no constraint of its own.

A row may also be digest number `place` of a Merkle cap: it answers lookups of (cap, place, e[0..8]), `count`
of them. That count is free, as on the table side of every lookup: no two rows have the same (cap, place), so
what is looked up there is this row's digest. Rows that are no digest have cap 0, which nobody looks up.

Columns: 16 main, 40 preprocessed, 10 of LogUp (twenty fractions).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field.quintic import DEGREE, element
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.recursion.buses import BLOCK, DIGEST, WIRE
from zisk.recursion.errors import CircuitError, WitnessError
from zisk.recursion.memory import Block, Memory, Wire
from zisk.recursion.wiring import Address, block_slot, wire_slot
from zisk.stark.air import Air, Builder, build_air

GROUPS = RATE // DEGREE
"""Elements of K in a row."""


@dataclass(frozen=True, slots=True)
class ElementsRow:
    """Fifteen elements of F.

    Attributes:
        number: its own number among the rows of this sort.
        wires: a wire in F for each of the first elements; the others have none.
        groups: a wire in K for each of the first groups of five.
        block: the whole as a block.
        cap, place: which digest of a cap it is; cap 0 if none.
        hinted: how many elements are hints, from the first.
    """

    number: int
    wires: tuple[Wire, ...] = ()
    groups: tuple[Wire, ...] = ()
    block: Block | None = None
    cap: int = 0
    place: int = 0
    hinted: int = 0

    def run(self, memory: Memory) -> None:
        """Gather what is known under one name, and settle it under all others.

        Raises:
            WitnessError: two names disagree, or an element is known under none.
        """
        values = memory.take(self.hinted) if self.hinted else self._known(memory)
        for wire, value in zip(self.wires, values, strict=False):
            memory.settle(wire, element([value, *[0] * (DEGREE - 1)]))
        for group, wire in enumerate(self.groups):
            memory.settle(wire, element(values[DEGREE * group : DEGREE * (group + 1)]))
        if self.block is not None:
            memory.settle_block(self.block, values)
        if self.cap:
            memory.caps[self.cap, self.place] = values[:DIGEST_LENGTH]
        memory.elements[self.number] = values

    def _known(self, memory: Memory) -> list[int]:
        needed = max(len(self.wires), DEGREE * len(self.groups), DIGEST_LENGTH if self.cap else 0)
        block = [] if self.block is None else memory.blocks.get(self.block, [])
        if block and len(block) >= needed:
            return list(block)
        if len(self.wires) == needed and all(wire in memory.wires for wire in self.wires):
            return [memory.base(wire) for wire in self.wires]
        if DEGREE * len(self.groups) == needed and all(wire in memory.wires for wire in self.groups):
            return [value for wire in self.groups for value in memory.wires[wire]]
        raise WitnessError(f"{self} has unknown elements: record what determines them first")


def _define(b: Builder) -> None:
    values = b.columns("element", RATE)
    block_slot(b, "block", values)
    for group in range(GROUPS):
        wire_slot(b, f"group {group}", values[DEGREE * group : DEGREE * (group + 1)])
    for k, value in enumerate(values):
        wire_slot(b, f"element {k}", [value])
    cap, place = b.preprocessed("cap"), b.preprocessed("place")
    b.receive(DIGEST, [cap, place, *values[:DIGEST_LENGTH]], b.column("count"))


class ElementsChip:
    """The chip of `ElementsRow`."""

    air: Air = build_air("elements", _define)
    row_type = ElementsRow
    spare_rows = 0

    def arrange(self, rows: Sequence[ElementsRow]) -> list[ElementsRow]:
        """Rows stand as recorded.

        Raises:
            CircuitError: two rows are the same digest of a cap.
        """
        digests = [(row.cap, row.place) for row in rows if row.cap]
        if len(digests) != len(set(digests)):
            raise CircuitError("two rows are the same digest of a Merkle cap: number the caps apart")
        return list(rows)

    def addresses(self, row: ElementsRow) -> Sequence[Address]:
        """The block, three elements of K, fifteen of F."""
        block: Address = None if row.block is None else (BLOCK, row.block)
        groups = [(WIRE, wire) for wire in row.groups]
        wires = [(WIRE, wire) for wire in row.wires]
        return [block, *groups, *[None] * (GROUPS - len(groups)), *wires, *[None] * (RATE - len(wires))]

    def fixed(self, rows: Sequence[ElementsRow]) -> np.ndarray:
        """Cap and place."""
        return np.array([[row.cap for row in rows], [row.place for row in rows]], np.uint64)

    def fill(self, rows: Sequence[ElementsRow], height: int, memory: Memory) -> np.ndarray:
        """The elements; those that a block holds beyond the row's own are the block's."""
        columns = np.zeros((self.air.main_width, height), np.uint64)
        for number, row in enumerate(rows):
            values = memory.elements[row.number] if row.block is None else memory.blocks[row.block]
            columns[: len(values), number] = values
            columns[RATE, number] = memory.lookups.get((row.cap, row.place), 0)
        return columns
