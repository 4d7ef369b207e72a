"""How places in tables are wired together: slots, and the multiplicities that make a bus carry equality.

A *slot* of a chip is a message that each of its rows puts on a bus, with an address and a multiplicity that
are preprocessed columns. Of the n slots that name one address, over all tables, the first sends n - 1 times
and the others receive once. So the bus cancels exactly if all n values agree: were some value v not that of
the sender, the message (address, v) would be received between 1 and n - 1 times and never sent, and n < p.
It does not matter which slot sends: a row does not write a wire and read others, it states that
its slots satisfy an equation. A value that no row determines is a free witness.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE
from zisk.recursion.buses import BLOCK, WIRE
from zisk.recursion.memory import Memory
from zisk.stark.air import Air, Builder, Bus
from zisk.stark.expression import Expression

COLUMNS_PER_SLOT = 2
"""A slot has an address and a multiplicity."""

Address = tuple[Bus, int] | None
"""What a slot of one row names; None where the row leaves it unused, with multiplicity 0."""


class Step(Protocol):
    """One thing that happens when a circuit is executed."""

    def run(self, memory: Memory) -> None:
        """Settle what follows from what the memory knows.

        Raises:
            WitnessError: the values contradict the step.
        """
        ...


class Chip(Protocol):
    """One sort of operation: its table, and how its rows are wired and filled.

    The preprocessed columns of `air` are those of its slots, in the order of `addresses`, then the
    fixed ones.
    """

    @property
    def air(self) -> Air:
        """The table."""
        ...

    @property
    def row_type(self) -> type:
        """The class of its rows, which are steps."""
        ...

    @property
    def spare_rows(self) -> int:
        """Rows of padding that the table needs at least: 1 if the last row must not be one that counts."""
        ...

    def arrange(self, rows: Sequence[Any]) -> list[Any]:
        """The recorded rows in the order of the table."""
        ...

    def addresses(self, row: Any) -> Sequence[Address]:
        """What each slot of a row names."""
        ...

    def fixed(self, rows: Sequence[Any]) -> np.ndarray:
        """The other preprocessed columns of arranged rows: uint64[count, rows], canonical."""
        ...

    def fill(self, rows: Sequence[Any], height: int, memory: Memory) -> np.ndarray:
        """The main columns of arranged rows and of padding: uint64[width, height], canonical."""
        ...


def slot(b: Builder, bus: Bus, name: str, values: Sequence[Expression | int]) -> None:
    """Declare a slot with these values."""
    address, multiplicity = b.preprocessed(f"{name} address"), b.preprocessed(f"{name} multiplicity")
    b.send(bus, [address, *values], multiplicity)


def wire_slot(b: Builder, name: str, value: Sequence[Expression]) -> None:
    """Declare a slot for an element of K, or of F if one value is given."""
    slot(b, WIRE, name, [*value, *[0] * (DEGREE - len(value))])


def block_slot(b: Builder, name: str, values: Sequence[Expression]) -> None:
    """Declare a slot for a block."""
    slot(b, BLOCK, name, values)


def slot_columns(
    tables: Sequence[Sequence[Sequence[Address]]], outside: Iterable[tuple[Bus, int]]
) -> list[np.ndarray]:
    """The addresses and multiplicities of all slots, by table: uint64[2 * slots, rows], canonical.

    `tables` gives for each table what the slots of each row name; `outside` are places that receive once and
    belong to no table.
    """
    count: dict[tuple[Bus, int], int] = {}
    for address in outside:
        count[address] = count.get(address, 0) + 1
    for rows in tables:
        for row in rows:
            for address in row:
                if address is not None:
                    count[address] = count.get(address, 0) + 1
    sent: set[tuple[Bus, int]] = set()
    columns = []
    for rows in tables:
        matrix = np.zeros((COLUMNS_PER_SLOT * (len(rows[0]) if rows else 0), len(rows)), np.uint64)
        for number, row in enumerate(rows):
            for place, address in enumerate(row):
                if address is None:
                    continue
                multiplicity = P - 1 if address in sent else count[address] - 1
                sent.add(address)
                matrix[2 * place : 2 * place + 2, number] = address[1], multiplicity
        columns.append(matrix)
    return columns
