"""What a circuit records: rows of integers for each operation, with addresses, and how they are repeated.

A repeated body is recorded once, with addresses of its own. Stamping writes its records once more for every
instance, and puts in the place of those addresses the instance's.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from zisk.kernels import circuit_layout as layout
from zisk.kernels.circuit_layout import (
    NONE,
    Arithmetic,
    Bits,
    Elements,
    Fold,
    Hint,
    Horner,
    Permutation,
    Split,
)
from zisk.recursion.errors import CircuitError


class Space(IntEnum):
    """What addresses count: each space has numbers of its own."""

    WIRE, BLOCK, CHAIN, CAP = range(4)


FIRST = (0, 0, 0, 1)
"""The first address of each space: cap 0 is none."""

LOCAL = 1 << 40
"""Body number k has addresses from k * LOCAL on, the circuit itself those below LOCAL."""

ADDRESSES: tuple[dict[int, Space], ...] = (
    dict.fromkeys((Arithmetic.A, Arithmetic.B, Arithmetic.D, Arithmetic.C), Space.WIRE),
    {Hint.WIRE: Space.WIRE},
    dict.fromkeys((Split.VALUE, Split.QUOTIENT, Split.REMAINDER), Space.WIRE),
    dict.fromkeys((Bits.VALUE, Bits.LOW, Bits.POINT), Space.WIRE),
    {
        Elements.BLOCK: Space.BLOCK,
        **dict.fromkeys(range(Elements.GROUP, Elements.CAP), Space.WIRE),
        Elements.CAP: Space.CAP,
    },
    {
        **dict.fromkeys(range(Fold.LEAF, Fold.CHALLENGE), Space.BLOCK),
        **dict.fromkeys(range(Fold.CHALLENGE, Fold.RESULT + 1), Space.WIRE),
    },
    {
        Horner.BLOCK: Space.BLOCK,
        **dict.fromkeys((Horner.EVERY, Horner.SOME, Horner.CHALLENGE), Space.WIRE),
    },
    {
        Permutation.CHAIN: Space.CHAIN,
        Permutation.INDEX: Space.WIRE,
        Permutation.CAP: Space.CAP,
        Permutation.BLOCK: Space.BLOCK,
        Permutation.OUTPUT: Space.BLOCK,
    },
)
"""Which columns of each operation's records are addresses."""


class Recording:
    """The records of a circuit, or of a body that is to be repeated.

    Attributes:
        operations: one byte for each operation, in order.
        records: for each operation its records, one after another.
        counts: for each space how many addresses there are so far.
    """

    def __init__(self, number: int = 0) -> None:
        self._number = number
        self.operations = bytearray()
        self.records = tuple(array("q") for _ in layout.WIDTHS)
        self.counts = [0] * len(Space)

    def new(self, space: Space) -> int:
        """A new address."""
        self.counts[space] += 1
        return self._start(space) + self.counts[space] - 1

    def add(self, operation: int, *records: Sequence[int]) -> None:
        """Record an operation that takes these records."""
        self.operations.append(operation)
        for record in records:
            self.records[operation].extend(record)

    def stamp(self, body: Recording, inputs: np.ndarray) -> None:
        """Record a body for each row of `inputs`, wires that take the place of its first ones.

        inputs: int64[instances, wires].

        Raises:
            CircuitError: the body continues a chain that it has not begun.
        """
        chains = body.rows(layout.PERMUTATION)[:, Permutation.CHAIN]
        if np.any(chains // LOCAL != body._number):
            raise CircuitError(
                "a repeated body continues a chain of permutations from outside: begin one inside"
            )
        instances, given = inputs.shape
        self.operations += body.operations * instances
        images = [self._images(body, space, instances, given * (space is Space.WIRE)) for space in Space]
        images[Space.WIRE] = np.hstack([inputs, images[Space.WIRE]])
        for operation, addresses in enumerate(ADDRESSES):
            once = body.rows(operation)
            stamped = np.repeat(once[None], instances, axis=0)
            for column, space in addresses.items():
                own = once[:, column] // LOCAL == body._number
                stamped[:, own, column] = images[space][:, once[own, column] % LOCAL]
            self.records[operation].frombytes(stamped.tobytes())

    def rows(self, operation: int) -> np.ndarray:
        """The records of an operation: int64[n, columns]."""
        return np.array(self.records[operation], np.int64).reshape(-1, layout.WIDTHS[operation])

    def check_addresses(self) -> None:
        """Check that this recording made all addresses in its records: kernels rely on it.

        Raises:
            CircuitError: a body made one, or another circuit.
        """
        for operation, addresses in enumerate(ADDRESSES):
            records = self.rows(operation)
            for column, space in addresses.items():
                largest = records[:, column].max(initial=NONE)
                if largest < self._start(space) + self.counts[space]:
                    continue
                name = layout.OPERATION_NAMES[operation]
                if largest >= LOCAL:
                    raise CircuitError(
                        f"{name} uses what a repeated body made, outside of it: bodies give nothing back"
                    )
                raise CircuitError(f"{name} uses a {space.name.lower()} that this circuit did not make")

    def _start(self, space: Space) -> int:
        return FIRST[space] if self._number == 0 else self._number * LOCAL

    def _images(self, body: Recording, space: Space, instances: int, given: int) -> np.ndarray:
        """New addresses for those that each instance of a body makes, beyond the given ones."""
        count = body.counts[space] - given
        start = self._start(space) + self.counts[space]
        self.counts[space] += instances * count
        return start + np.arange(instances * count).reshape(instances, count)
