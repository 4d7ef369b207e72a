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

import numpy as np

from zisk.field.quintic import DEGREE
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.kernels.circuit_layout import ELEMENTS, Elements
from zisk.recursion.buses import BLOCK, DIGEST, WIRE
from zisk.recursion.errors import CircuitError
from zisk.recursion.wiring import block_slot, wire_slot
from zisk.stark.air import Air, Builder, build_air

GROUPS = RATE // DEGREE
"""Elements of K in a row."""


def _define(b: Builder) -> None:
    values = b.columns("element", RATE)
    block_slot(b, "block", values)
    for group in range(GROUPS):
        wire_slot(b, f"group_{group}", values[DEGREE * group : DEGREE * (group + 1)])
    for k, value in enumerate(values):
        wire_slot(b, f"element_{k}", [value])
    cap, place = b.preprocessed("cap"), b.preprocessed("place")
    b.receive(DIGEST, [cap, place, *values[:DIGEST_LENGTH]], b.column("count"))


class ElementsChip:
    """The chip of `zisk.kernels.circuit_layout.Elements`."""

    air: Air = build_air("elements", _define)
    operation = ELEMENTS
    slots = (BLOCK, *(WIRE,) * (GROUPS + RATE))
    spare_rows = 0

    def arrange(self, records: np.ndarray) -> np.ndarray:
        """Rows stand as recorded.

        Raises:
            CircuitError: two rows are the same digest of a cap.
        """
        digests = records[records[:, Elements.CAP] > 0][:, [Elements.CAP, Elements.PLACE]]
        if len(np.unique(digests, axis=0)) < len(digests):
            raise CircuitError("two rows are the same digest of a Merkle cap: number the caps apart")
        return records

    def addresses(self, rows: np.ndarray) -> np.ndarray:
        """The block, three elements of K, fifteen of F."""
        return rows[:, Elements.BLOCK : Elements.CAP].T

    def fixed(self, rows: np.ndarray) -> np.ndarray:
        """Cap and place; a row that is no digest has place 0."""
        return rows[:, [Elements.CAP, Elements.PLACE]].T
