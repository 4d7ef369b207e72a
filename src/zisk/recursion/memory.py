"""What the execution of a circuit knows: the values of its wires and blocks, and the hints still to come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NewType

from zisk.field.koalabear import P
from zisk.field.quintic import Element
from zisk.recursion.errors import WitnessError

Wire = NewType("Wire", int)
"""The address of an element of K."""

Block = NewType("Block", int)
"""The address of fifteen elements of F."""


class Memory:
    """Values by address, each set once; elements are canonical.

    Attributes:
        wires, blocks: the values known so far.
        states: the input of each permutation, 24 elements, by (chain, place in the chain).
        outputs: its output, likewise.
        indices: for a step of a Merkle path the index of the node below it, likewise.
        elements: the known elements of each row of elements, by its number.
        caps: the digests of Merkle caps by (cap, place).
        sums: for each chain of Horner sums the columns of its rows, by its number.
        lookups: how often each of them was looked up.
    """

    def __init__(self, hints: Iterable[int]) -> None:
        self.wires: dict[Wire, Element] = {}
        self.blocks: dict[Block, list[int]] = {}
        self.states: dict[tuple[int, int], list[int]] = {}
        self.outputs: dict[tuple[int, int], list[int]] = {}
        self.indices: dict[tuple[int, int], int] = {}
        self.elements: dict[int, list[int]] = {}
        self.sums: dict[int, list[list[int]]] = {}
        self.caps: dict[tuple[int, int], list[int]] = {}
        self.lookups: dict[tuple[int, int], int] = {}
        self._hints: Iterator[int] = iter(hints)

    def take(self, count: int) -> list[int]:
        """The next `count` hints.

        Raises:
            WitnessError: there are fewer, or one is not an element.
        """
        taken = list(islice(self._hints, count))
        if len(taken) < count:
            raise WitnessError("the circuit asks for more hints than were given")
        if not all(0 <= hint < P for hint in taken):
            raise WitnessError(f"a hint is not an element: hints are canonical, below {P}")
        return taken

    def exhausted(self) -> bool:
        """Whether every hint was taken."""
        return next(self._hints, None) is None

    def base(self, wire: Wire) -> int:
        """The value of a wire that is in F.

        Raises:
            WitnessError: it is not in F.
        """
        value, *rest = self.wires[wire]
        if any(rest):
            raise WitnessError(f"wire {wire} is used as an element of F and is {self.wires[wire]}")
        return value

    def settle(self, wire: Wire, value: Element) -> None:
        """Set a wire, or check the value that it has.

        Raises:
            WitnessError: it has another value.
        """
        known = self.wires.setdefault(wire, value)
        if known != value:
            raise WitnessError(f"wire {wire} is {known} and would have to be {value}")

    def settle_block(self, block: Block, values: list[int]) -> None:
        """Set a block, or check the elements that it has so far: `values` may be longer than those.

        Raises:
            WitnessError: one of them differs.
        """
        known = self.blocks.get(block, [])
        common = min(len(known), len(values))
        if known[:common] != values[:common]:
            raise WitnessError(f"block {block} is {known} and would have to be {values}")
        if len(values) >= len(known):
            self.blocks[block] = values

    def look_up(self, cap: int, place: int, digest: list[int]) -> None:
        """Count a lookup of a digest in a cap.

        Raises:
            WitnessError: another digest stands there, or none.
        """
        if self.caps.get((cap, place)) != digest:
            raise WitnessError(f"a Merkle path does not lead to digest {place} of cap {cap}")
        self.lookups[cap, place] = self.lookups.get((cap, place), 0) + 1
