"""How places in tables are wired together: slots, and the multiplicities that make a bus carry equality.

A *slot* of a chip is a message that each of its rows puts on a bus, with an address and a multiplicity that
are preprocessed columns. Of the n slots that name one address, over all tables, the first sends n - 1 times
and the others receive once. So the bus cancels exactly if all n values agree: were some value v not that of
the sender, the message (address, v) would be received between 1 and n - 1 times and never sent, and n < p.
It does not matter which slot sends: a row does not write a wire and read others, it states that
its slots satisfy an equation. A value that no row determines is a free witness.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE
from zisk.kernels.circuit_layout import NONE
from zisk.recursion.buses import BLOCK, WIRE
from zisk.recursion.memory import Wire
from zisk.stark.air import Air, Builder, Bus
from zisk.stark.expression import Expression

COLUMNS_PER_SLOT = 2
"""A slot has an address and a multiplicity."""


class Chip(Protocol):
    """One sort of operation: its table, and how its rows are wired.

    The preprocessed columns of `air` are those of its slots, then the fixed ones. Rows are integers: the
    records of `zisk.kernels.circuit_layout`, in some chips with more rows or a column.
    """

    @property
    def air(self) -> Air:
        """The table."""
        ...

    @property
    def operation(self) -> int:
        """Which operation's records its rows come from."""
        ...

    @property
    def slots(self) -> Sequence[Bus]:
        """The bus of each slot."""
        ...

    @property
    def spare_rows(self) -> int:
        """Rows of padding that the table needs at least: 1 if the last row must not be one that counts."""
        ...

    def arrange(self, records: np.ndarray) -> np.ndarray:
        """The rows of the table in order, int64[rows, columns], from records in the order of recording."""
        ...

    def addresses(self, rows: np.ndarray) -> np.ndarray:
        """What each slot of arranged rows names: int64[slots, rows], NONE where a row leaves it unused."""
        ...

    def fixed(self, rows: np.ndarray) -> np.ndarray:
        """The other preprocessed columns of arranged rows: int64[count, rows], canonical."""
        ...


def slot(b: Builder, bus: Bus, name: str, values: Sequence[Expression | int]) -> None:
    """Declare a slot with these values."""
    address, multiplicity = b.preprocessed(f"{name}_address"), b.preprocessed(f"{name}_multiplicity")
    b.send(bus, [address, *values], multiplicity)


def wire_slot(b: Builder, name: str, value: Sequence[Expression]) -> None:
    """Declare a slot for an element of K, or of F if one value is given."""
    slot(b, WIRE, name, [*value, *[0] * (DEGREE - len(value))])


def block_slot(b: Builder, name: str, values: Sequence[Expression]) -> None:
    """Declare a slot for a block."""
    slot(b, BLOCK, name, values)


def slot_columns(
    tables: Sequence[tuple[Sequence[Bus], np.ndarray]], outside: Sequence[Wire]
) -> list[np.ndarray]:
    """The addresses and multiplicities of all slots, by table: uint64[2 * slots, rows], canonical.

    `tables` gives the buses of each table's slots and what they name, int64[slots, rows]; `outside` are wires
    that receive once and belong to no table. Slots come first by table, then by row, then by place.
    """
    names = [_names(buses, addresses) for buses, addresses in tables]
    everywhere = np.concatenate([named[named != NONE] for named in names])
    count = np.bincount(np.concatenate([everywhere, _name(WIRE, np.array(outside, np.int64))]))
    first = np.zeros(len(count), np.int64)
    first[everywhere[::-1]] = np.arange(len(everywhere))[::-1]  # the last one written stays: the first slot
    columns, start = [], 0
    for (buses, addresses), named in zip(tables, names, strict=True):
        used = named != NONE
        place = start + np.arange(np.count_nonzero(used))
        start += len(place)
        own = named[used]
        multiplicity = np.zeros(len(named), np.uint64)
        multiplicity[used] = np.where(first[own] == place, count[own] - 1, P - 1)
        matrix = np.zeros((COLUMNS_PER_SLOT * len(buses), addresses.shape[1]), np.uint64)
        matrix[0::COLUMNS_PER_SLOT] = np.where(addresses == NONE, 0, addresses)
        matrix[1::COLUMNS_PER_SLOT] = multiplicity.reshape(-1, len(buses)).T
        columns.append(matrix)
    return columns


def _names(buses: Sequence[Bus], addresses: np.ndarray) -> np.ndarray:
    """One number for bus and address of each slot, row by row."""
    named = [
        np.where(of_slot == NONE, NONE, _name(bus, of_slot))
        for bus, of_slot in zip(buses, addresses, strict=True)
    ]
    return np.array(named, np.int64).T.reshape(-1)


def _name(bus: Bus, addresses: np.ndarray) -> np.ndarray:
    return 2 * addresses + (bus is BLOCK)
