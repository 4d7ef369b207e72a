"""Executes a circuit: from public values and hints to the main columns of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from zisk.field import quintic
from zisk.field.quintic import Element
from zisk.recursion.chips.horner import CHALLENGES
from zisk.recursion.circuit import Circuit
from zisk.recursion.compiler import CompiledCircuit
from zisk.recursion.errors import WitnessError
from zisk.recursion.kind import CHIPS
from zisk.recursion.memory import Memory

NO_CHALLENGES = (quintic.ZERO,) * CHALLENGES
"""For circuits without Horner sums."""


def public_values(publics: Sequence[int], challenges: Sequence[Element] = NO_CHALLENGES) -> list[int]:
    """All public values in the order of the kind: the challenges' coefficients, then the others."""
    return [*(coefficient for challenge in challenges for coefficient in challenge), *publics]


def execute(
    circuit: Circuit,
    publics: Sequence[int],
    hints: Iterable[int] = (),
    challenges: Sequence[Element] = NO_CHALLENGES,
) -> Memory:
    """The values of everything in a circuit; public values and hints are canonical elements of F.

    Raises:
        WitnessError: they do not satisfy the circuit, or their number is wrong.
    """
    if len(publics) != len(circuit.publics):
        raise WitnessError(f"{len(publics)} public values given, the circuit has {len(circuit.publics)}")
    memory = Memory(hints)
    memory.wires[circuit.zero] = quintic.ZERO
    for wire, value in zip(circuit.all_publics, public_values(publics, challenges), strict=True):
        memory.wires[wire] = quintic.from_base(value)
    for step in circuit.steps:
        step.run(memory)
    if not memory.exhausted():
        raise WitnessError("more hints were given than the circuit takes")
    return memory


def main_columns(compiled: CompiledCircuit, memory: Memory) -> list[np.ndarray]:
    """The main columns of each table, padded: uint64[width, 2^h], canonical."""
    return [
        chip.fill(rows, height, memory)
        for chip, rows, height in zip(CHIPS, compiled.rows, compiled.heights, strict=True)
    ]
