"""What the execution of a circuit found: the values of its wires, and what the tables are filled with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from zisk.field.koalabear import from_montgomery
from zisk.field.quintic import Element, element
from zisk.kernels.circuit_layout import Values
from zisk.recursion.errors import WitnessError

Wire = NewType("Wire", int)
"""The address of an element of K."""

Block = NewType("Block", int)
"""The address of fifteen elements of F."""


@dataclass(frozen=True, eq=False)
class Memory:
    """Values by address, each set once.

    Attributes:
        values: the arrays, Montgomery.
    """

    values: Values

    def value(self, wire: Wire) -> Element:
        """The value of a wire, canonical.

        Raises:
            WitnessError: no row determines it.
        """
        if not self.values.known[wire]:
            raise WitnessError(f"wire {wire} has no value: no row determines it")
        return element(from_montgomery(self.values.wires[wire]).tolist())

    def base(self, wire: Wire) -> int:
        """The value of a wire that is in F, canonical.

        Raises:
            WitnessError: it is not in F, or no row determines it.
        """
        value, *rest = self.value(wire)
        if any(rest):
            raise WitnessError(f"wire {wire} is used as an element of F and is {self.value(wire)}")
        return value
