"""The requirements of a kind as rows of a circuit that verifies its segments."""

from __future__ import annotations

from collections.abc import Sequence

from zisk.recursion.circuit import Circuit
from zisk.recursion.memory import Wire
from zisk.stark.kind import Kind
from zisk.stark.public_values import Below, NotZero, evaluate


def record_requirements(circuit: Circuit, kind: Kind, publics: Sequence[Wire]) -> None:
    """State that the public values of a segment of this kind, which are in F, are what they must be.

    An expression over values in F is in F, so its canonical low bits can be taken; equal to them, it is below
    their bound. One that has an inverse is not zero.
    """
    for requirement in kind.requirements:
        value = evaluate(circuit, requirement.value, publics)
        match requirement:
            case Below(bits=bits):
                low, _ = circuit.low_bits(value, bits)
                circuit.assert_equal(low, value)
            case NotZero():
                circuit.invert(value)
