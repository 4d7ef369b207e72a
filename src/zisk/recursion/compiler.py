"""From a circuit to the preprocessed tables, hence the key, of its proofs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field.koalabear import to_montgomery
from zisk.kernels.backend import Backend
from zisk.kernels.operands import Array
from zisk.recursion.buses import WIRE
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError
from zisk.recursion.filling import fill_table
from zisk.recursion.kind import CHIPS, circuit_kind
from zisk.recursion.memory import Memory
from zisk.recursion.wiring import Chip, slot_columns
from zisk.stark.air import Bus
from zisk.stark.commitment import FixedTables, fix_tables
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters


@dataclass(frozen=True, eq=False)
class CompiledCircuit:
    """A circuit with its tables laid out.

    Attributes:
        rows: the rows of each table in order, without padding: int64[rows, columns].
        preprocessed: the preprocessed columns of each table, uint64[columns, 2^h], canonical.
    """

    circuit: Circuit
    kind: Kind
    rows: tuple[np.ndarray, ...]
    preprocessed: tuple[np.ndarray, ...]

    @property
    def heights(self) -> tuple[int, ...]:
        """Rows of each table with padding."""
        return tuple(columns.shape[1] for columns in self.preprocessed)

    def fix(self, parameters: SecurityParameters, backend: Backend) -> FixedTables:
        """Set up: commit to the wiring and derive the key."""
        values = [to_montgomery(columns) for columns in self.preprocessed]
        return fix_tables(self.kind, parameters, values, backend)

    def traces(self, memory: Memory, backend: Backend) -> list[Array]:
        """The main columns of each table for an execution, padded: uint32[width, 2^h], Montgomery."""
        starts = self.circuit.program().cap_starts
        return [
            fill_table(chip.operation, chip.air.main_width, height, rows, memory.values, starts, backend)
            for chip, rows, height in zip(CHIPS, self.rows, self.heights, strict=True)
        ]


def compile_circuit(
    circuit: Circuit, log_size: int, log_heights: Sequence[int] | None = None
) -> CompiledCircuit:
    """Lay out a circuit in tables of at most 2^log_size rows.

    `log_heights` gives log2 of each table's rows, so that circuits share their shape; without it each table
    is as small as it can be.

    Raises:
        CircuitError: a table does not fit, a row has no source for what it holds, or a public value is not
            used.
    """
    recording = circuit.recording
    circuit.program()
    rows = tuple(chip.arrange(recording.rows(chip.operation)) for chip in CHIPS)
    needed = [_log_height(chip, found) for chip, found in zip(CHIPS, rows, strict=True)]
    limits = [log_size] * len(CHIPS) if log_heights is None else log_heights
    for chip, found, least, limit in zip(CHIPS, rows, needed, limits, strict=True):
        if least > limit or limit > log_size:
            raise CircuitError(
                f"the circuit has {len(found)} rows of {chip.air.name} and {chip.spare_rows} spare, "
                f"the table has at most 2^{min(limit, log_size)}: compile it for greater heights or size"
            )
    named = [(chip.slots, chip.addresses(found)) for chip, found in zip(CHIPS, rows, strict=True)]
    _check_publics(circuit, named)
    wired = slot_columns(named, circuit.all_publics)
    heights = needed if log_heights is None else log_heights
    tables = tuple(
        _padded(chip, found, slots, 1 << log_height)
        for chip, found, slots, log_height in zip(CHIPS, rows, wired, heights, strict=True)
    )
    return CompiledCircuit(circuit, circuit_kind(log_size, len(circuit.publics)), rows, tables)


def _check_publics(circuit: Circuit, named: Sequence[tuple[Sequence[Bus], np.ndarray]]) -> None:
    wires = [
        of_slot
        for buses, addresses in named
        for bus, of_slot in zip(buses, addresses, strict=True)
        if bus is WIRE
    ]
    unused = np.setdiff1d(np.array(circuit.publics, np.int64), np.concatenate(wires)).tolist()
    if unused:
        raise CircuitError(f"no row uses the public values {unused}: drop them or state something of them")


def _log_height(chip: Chip, rows: np.ndarray) -> int:
    """log2 of the rows of a table that is as small as it can be."""
    return max(len(rows) + chip.spare_rows - 1, 0).bit_length()


def _padded(chip: Chip, rows: np.ndarray, slots: np.ndarray, height: int) -> np.ndarray:
    """A chip's slots above its fixed columns, padded with zero rows."""
    columns = np.zeros((chip.air.preprocessed_width, height), np.uint64)
    columns[: len(slots), : len(rows)] = slots
    columns[len(slots) :, : len(rows)] = chip.fixed(rows)
    return columns
