"""Tapes over whole tables, on the threads of a pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zisk.kernels.cpu.tape import LANES, run_tape
from zisk.kernels.operands import BoundTape
from zisk.kernels.pool import Pool

ROWS_PER_TASK = LANES * 64
"""Rows that one task of the pool evaluates."""

_NO_COLUMNS = np.zeros((0, 1, 1), dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class TableTape:
    """A bound tape with its matrices as the kernel takes them: uint32[columns, cosets, n]."""

    tape: BoundTape
    matrices: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

    @classmethod
    def of(cls, tape: BoundTape) -> TableTape:
        """Of a bound tape."""
        preprocessed, main, stage2, selectors = map(_by_coset, tape.matrices)
        return cls(tape, (preprocessed, main, stage2, selectors))

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return self.tape.rows

    @property
    def steps(self) -> int:
        """Instructions for each row: what a row costs."""
        return self.tape.code.shape[0]

    def run(self, coset: int, first: int, last: int, out: np.ndarray, out_first: int) -> None:
        """Evaluate rows `first` to `last` (exclusive; `first` a multiple of LANES) of one coset.

        out: uint32[outputs, m], Montgomery; row r is written at r - out_first.
        """
        tape = self.tape
        registers, scalars = (tape.base_registers, tape.extension_registers), (tape.constants, tape.scalars)
        run_tape(tape.code, *registers, *scalars, *self.matrices, coset, first, last, out, out_first)


def evaluate(tape: BoundTape, coset: int, first: int, last: int, pool: Pool) -> np.ndarray:
    """Run a tape on rows `first` to `last`, exclusive, of one coset: uint32[outputs, last - first]."""
    bound = TableTape.of(tape)
    out = np.empty((tape.outputs, last - first), dtype=np.uint32)
    pool.map(
        lambda start, stop: bound.run(coset, first + start, first + stop, out, first),
        *zip(*row_pieces(last - first), strict=True),
    )
    return out


def row_pieces(rows: int, largest: int = ROWS_PER_TASK) -> list[tuple[int, int]]:
    """The ranges of rows, first to last (exclusive), that tasks take."""
    return [(first, min(first + largest, rows)) for first in range(0, rows, largest)]


def _by_coset(matrix: np.ndarray | None) -> np.ndarray:
    if matrix is None:
        return _NO_COLUMNS
    return matrix if matrix.ndim == 3 else np.ascontiguousarray(matrix)[:, None, :]
