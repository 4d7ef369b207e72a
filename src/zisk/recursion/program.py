"""From what a circuit has recorded to the program that kernels run."""

from __future__ import annotations

import numpy as np

from zisk.field.koalabear import to_montgomery
from zisk.kernels import circuit_layout as layout
from zisk.kernels.circuit_layout import Arithmetic, Elements, Program
from zisk.recursion.recording import FIRST, Recording, Space


def program_of(recording: Recording) -> Program:
    """The program of a recording.

    Raises:
        CircuitError: something recorded uses what a repeated body made.
    """
    recording.check_addresses()
    records = [recording.rows(operation) for operation in range(len(layout.WIDTHS))]
    caps = FIRST[Space.CAP] + recording.counts[Space.CAP]
    return Program(
        np.array(recording.operations, np.uint8),
        *records,
        constants=to_montgomery(records[layout.ARITHMETIC][:, Arithmetic.CONSTANT]),
        cap_starts=_cap_starts(records[layout.ELEMENTS], caps),
    )


def _cap_starts(elements: np.ndarray, caps: int) -> np.ndarray:
    """Where the digests of each cap start, and where the last end."""
    sizes = np.zeros(caps, np.int64)
    digests = elements[elements[:, Elements.CAP] > 0]
    np.maximum.at(sizes, digests[:, Elements.CAP], digests[:, Elements.PLACE] + 1)
    return np.concatenate([[0], np.cumsum(sizes)])
