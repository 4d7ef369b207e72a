"""Executes a circuit: from public values and hints to the values of everything in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.field.quintic import Element
from zisk.kernels import circuit_layout as layout
from zisk.kernels.backend import Backend
from zisk.kernels.circuit_layout import ARITY, OPERATION_NAMES, Values, new_values
from zisk.kernels.default import default_backend
from zisk.recursion.chips.horner import CHALLENGES
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import WitnessError
from zisk.recursion.memory import Memory
from zisk.recursion.recording import FIRST, Space

NO_CHALLENGES = (quintic.ZERO,) * CHALLENGES
"""For circuits without Horner sums."""

Numbers = Sequence[int] | NDArray[np.integer]
"""Canonical elements of F."""


def public_values(publics: Numbers, challenges: Sequence[Element] = NO_CHALLENGES) -> list[int]:
    """All public values in the order of the kind: the challenges' coefficients, then the others."""
    return [*(coefficient for challenge in challenges for coefficient in challenge), *map(int, publics)]


def execute(
    circuit: Circuit,
    publics: Numbers,
    hints: Numbers = (),
    challenges: Sequence[Element] = NO_CHALLENGES,
    backend: Backend | None = None,
) -> Memory:
    """The values of everything in a circuit; public values and hints are canonical elements of F.

    Raises:
        WitnessError: they do not satisfy the circuit, or their number is wrong.
    """
    if len(publics) != len(circuit.publics):
        raise WitnessError(f"{len(publics)} public values given, the circuit has {len(circuit.publics)}")
    given = _elements(public_values(publics, challenges))
    if np.any(given >= P):
        raise WitnessError(f"a public value is not an element: they are canonical, below {P}")
    program, counts = circuit.program(), circuit.recording.counts
    wires, blocks, chains = (FIRST[one] + counts[one] for one in (Space.WIRE, Space.BLOCK, Space.CHAIN))
    values = new_values(program, wires, blocks, chains)
    places = list(circuit.all_publics)
    values.wires[places, 0] = to_montgomery(given)
    values.known[[*places, circuit.zero]] = 1
    taken = _elements(hints)
    report = (backend or default_backend()).run_circuit(program, values, taken)
    if report[layout.OUTCOME] != layout.DONE:
        raise WitnessError(_message(report.tolist(), values, len(taken)))
    if report[layout.HINTS_TAKEN] != len(taken):
        raise WitnessError(
            f"more hints were given than the circuit takes: {len(taken)}, not {report[layout.HINTS_TAKEN]}"
        )
    return Memory(values)


def _elements(numbers: Numbers) -> NDArray[np.uint32]:
    """As uint32; what does not fit becomes a number that is no element."""
    try:
        wide = np.asarray(numbers, np.int64)
    except OverflowError:
        wide = np.array([number if 0 <= number < P else P for number in numbers], np.int64)
    return np.where((wide < 0) | (wide > P), P, wide).astype(np.uint32)


def _message(report: Sequence[int], values: Values, hints: int) -> str:
    """What the report of a run says, in words."""
    operation, record = report[layout.OPERATION], report[layout.RECORD]
    address, place, count = report[layout.ADDRESS], report[layout.PLACE], report[layout.COUNT]
    wanted = _numbers(report[layout.WANTED : layout.WANTED + count])
    match report[layout.OUTCOME]:
        case layout.WIRE_DIFFERS:
            what = f"wire {address} is {_numbers(values.wires[address])} and would have to be {wanted}"
        case layout.BLOCK_DIFFERS:
            known = _numbers(values.blocks[address, : values.lengths[address]])
            what = f"block {address} is {known} and would have to be {wanted}"
        case layout.UNKNOWN_WIRE:
            what = f"wire {address} has no value yet: record what determines it first"
        case layout.UNKNOWN_BLOCK:
            known = values.lengths[address]
            what = (
                f"of block {address} {known} elements are known, more are read: record what gives them first"
            )
        case layout.UNKNOWN_ELEMENTS:
            what = "it has unknown elements: record what determines them first"
        case layout.TOO_MANY_UNKNOWNS:
            what = "it has more than one unknown: record what determines them first"
        case layout.DIVISION_BY_ZERO:
            what = "it divides by zero"
        case layout.NOT_IN_BASE:
            what = f"wire {address} is used as an element of F and is {_numbers(values.wires[address])}"
        case layout.NO_SUCH_PLACE:
            what = f"place {place} is not in a leaf of {ARITY}, or the point is zero"
        case layout.WRONG_PATH:
            what = f"a Merkle path does not lead to digest {place} of cap {address}"
        case layout.TOO_FEW_HINTS:
            what = f"the circuit asks for more hints than were given, which are {hints}"
        case _:
            what = f"hint {address} is not an element: hints are canonical, below {P}"
    return f"{OPERATION_NAMES[operation]} {record}: {what}"


def _numbers(values: Sequence[int] | np.ndarray) -> tuple[int, ...]:
    """Canonical numbers of Montgomery ones."""
    return tuple(from_montgomery(np.array(values, np.uint32)).tolist())
