"""Executes a circuit: from public values and hints to the main columns of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from zisk.field import quintic
from zisk.recursion.circuit import Circuit
from zisk.recursion.compiler import CompiledCircuit
from zisk.recursion.errors import WitnessError
from zisk.recursion.kind import CHIPS
from zisk.recursion.memory import Memory


def execute(circuit: Circuit, publics: Sequence[int], hints: Iterable[int] = ()) -> Memory:
    """The values of everything in a circuit; public values and hints are canonical elements of F.

    Raises:
        WitnessError: they do not satisfy the circuit, or their number is wrong.
    """
    if len(publics) != len(circuit.publics):
        raise WitnessError(f"{len(publics)} public values given, the circuit has {len(circuit.publics)}")
    memory = Memory(hints)
    memory.wires[circuit.zero] = quintic.ZERO
    for wire, value in zip(circuit.publics, publics, strict=True):
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
