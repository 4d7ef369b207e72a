"""From a circuit to the preprocessed tables, hence the key, of its proofs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zisk.field.koalabear import to_montgomery
from zisk.kernels.pool import Pool
from zisk.recursion.buses import WIRE
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError
from zisk.recursion.kind import CHIPS, circuit_kind
from zisk.recursion.wiring import Chip, slot_columns
from zisk.stark.commitment import FixedTables, fix_tables
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters


@dataclass(frozen=True, eq=False)
class CompiledCircuit:
    """A circuit with its tables laid out.

    Attributes:
        rows: the rows of each chip in the order of its table, without padding.
        preprocessed: the preprocessed columns of each table, uint64[columns, 2^h], canonical.
    """

    circuit: Circuit
    kind: Kind
    rows: tuple[tuple[Any, ...], ...]
    preprocessed: tuple[np.ndarray, ...]

    @property
    def heights(self) -> tuple[int, ...]:
        """Rows of each table with padding."""
        return tuple(columns.shape[1] for columns in self.preprocessed)

    def fix(self, parameters: SecurityParameters, pool: Pool) -> FixedTables:
        """Set up: commit to the wiring and derive the key."""
        values = [to_montgomery(columns) for columns in self.preprocessed]
        return fix_tables(self.kind, parameters, values, pool)


def compile_circuit(circuit: Circuit, log_size: int) -> CompiledCircuit:
    """Lay out a circuit in tables of at most 2^log_size rows.

    Raises:
        CircuitError: a table does not fit, or a public value is not used.
    """
    rows = tuple(
        tuple(chip.arrange([step for step in circuit.steps if isinstance(step, chip.row_type)]))
        for chip in CHIPS
    )
    for chip, found in zip(CHIPS, rows, strict=True):
        if _height(chip, found) > 1 << log_size:
            raise CircuitError(
                f"the circuit has {len(found)} rows of {chip.air.name}, tables have at most 2^{log_size}: "
                "compile it for a larger size"
            )
    named = [[chip.addresses(row) for row in found] for chip, found in zip(CHIPS, rows, strict=True)]
    _check_publics(circuit, named)
    wired = slot_columns(named, [(WIRE, wire) for wire in circuit.all_publics])
    tables = tuple(_padded(chip, found, slots) for chip, found, slots in zip(CHIPS, rows, wired, strict=True))
    return CompiledCircuit(circuit, circuit_kind(log_size, len(circuit.publics)), rows, tables)


def _check_publics(circuit: Circuit, named: Sequence[Sequence[Sequence[Any]]]) -> None:
    used = {address for table in named for row in table for address in row}
    unused = [wire for wire in circuit.publics if (WIRE, wire) not in used]
    if unused:
        raise CircuitError(f"no row uses the public values {unused}: drop them or state something of them")


def _height(chip: Chip, rows: Sequence[Any]) -> int:
    """Rows of a table with padding."""
    return 1 << max(len(rows) + chip.spare_rows - 1, 0).bit_length()


def _padded(chip: Chip, rows: Sequence[Any], slots: np.ndarray) -> np.ndarray:
    """A chip's slots above its fixed columns, padded with zero rows to a power of two."""
    columns = np.zeros((chip.air.preprocessed_width, _height(chip, rows)), np.uint64)
    if rows:
        columns[:, : len(rows)] = np.concatenate([slots, chip.fixed(rows)])
    return columns
