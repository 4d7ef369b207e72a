"""The backend of the host's processor: arrays are NumPy's, and a pool of threads shares the work out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from zisk.kernels import workspace
from zisk.kernels.circuit_layout import REPORT_LENGTH, Program, Values
from zisk.kernels.cpu import codeword as codewords
from zisk.kernels.cpu import domains, evaluation, fractions, opened, quotient, trees
from zisk.kernels.cpu.circuit import run_circuit
from zisk.kernels.cpu.circuit_poseidon2 import CUBES, fill_cubes
from zisk.kernels.cpu.conversion import fill_canonical, fill_montgomery
from zisk.kernels.cpu.grinding import smallest_nonce
from zisk.kernels.cpu.ntt import extend_tables
from zisk.kernels.elements import to_montgomery
from zisk.kernels.operands import (
    BoundTape,
    Combination,
    Fractions,
    OpenedColumns,
    Rational,
    Weights,
)
from zisk.kernels.pool import Pool
from zisk.kernels.poseidon2_constants import WIDTH

SMALLEST_PIECE = 1 << 10
"""Permutations whose cubes are worth a task of their own."""


class CpuBackend:
    """Kernels of `zisk.kernels.cpu` on the threads of a pool.

    What the operations do is said by `zisk.kernels.backend.Backend`; here, how they are shared out.
    """

    device = "cpu"

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def upload(self, matrix: np.ndarray) -> np.ndarray:
        """The array itself, where it is contiguous."""
        return np.ascontiguousarray(matrix)

    def upload_numbers(self, numbers: np.ndarray, rows: int, padding: np.ndarray | None = None) -> np.ndarray:
        """Column by column, on this thread."""
        count = numbers.shape[1]
        result = workspace.empty((numbers.shape[0], rows))
        for column, values in enumerate(numbers):
            fill_montgomery(result[column, :count], values)
        result[:, count:] = 0 if padding is None else to_montgomery(padding)[:, None]
        return result

    def write(self, table: np.ndarray, column: int, numbers: np.ndarray) -> None:
        """In place."""
        table[column] = to_montgomery(numbers)

    def download(self, array: np.ndarray) -> np.ndarray:
        """The array itself."""
        return array

    def numbers(self, array: np.ndarray) -> np.ndarray:
        """Row by row, on this thread."""
        found = np.empty(array.shape, np.int64)
        for target, values in zip(found, array, strict=True):
            fill_canonical(target, values)
        return found

    def take(self, array: np.ndarray, places: np.ndarray, axis: int) -> np.ndarray:
        """A copy."""
        return array.take(places, axis=axis)

    def evaluate(self, tape: BoundTape, coset: int = 0, rows: tuple[int, int] | None = None) -> np.ndarray:
        """In pieces of rows."""
        first, last = (0, tape.rows) if rows is None else rows
        return evaluation.evaluate(tape, coset, first, last, self.pool)

    def extend(
        self, tables: Sequence[np.ndarray], log_blowup: int, shifts: Sequence[int]
    ) -> list[np.ndarray]:
        """Column by column, those of tall tables first."""
        return extend_tables(tables, log_blowup, shifts, self.pool)

    def hash_tables(
        self, tables: Sequence[np.ndarray], log_blowup: int, tag: int, part_tag: int, sponges: Sequence[int]
    ) -> np.ndarray:
        """In groups of rows that take table after table."""
        return trees.hash_tables(tables, log_blowup, tag, part_tag, sponges, self.pool)

    def hash_rows(self, matrix: np.ndarray, tag: int) -> np.ndarray:
        """In pieces of rows."""
        return trees.hash_rows(matrix, tag, self.pool)

    def merkle_levels(self, leaves: np.ndarray, tag: int, log_repeats: int, levels: int) -> list[np.ndarray]:
        """Level after level, each in pieces."""
        return trees.merkle_levels(leaves, tag, log_repeats, levels, self.pool)

    def logup_columns(
        self, tables: Sequence[Sequence[Fractions]], rows: Sequence[int]
    ) -> list[tuple[np.ndarray, list[np.ndarray]]]:
        """In pieces of rows of all tables, the running sums then by coefficient."""
        return fractions.logup_columns(tables, rows, self.pool)

    def selectors(self, log_height: int, offsets: Sequence[int]) -> np.ndarray:
        """Kept for the next proof."""
        return domains.selectors(log_height, tuple(offsets))

    def fold_constraints(self, tapes: Sequence[BoundTape], cosets: Sequence[int], height: int) -> np.ndarray:
        """In pieces of rows, all tables of one height together."""
        return quotient.fold_constraints(tapes, cosets, height, self.pool)

    def quotient_columns(
        self,
        numerators: np.ndarray,
        shifts: tuple[int, int],
        factors: tuple[int, int],
        powers: tuple[int, int],
        offsets: Sequence[int],
    ) -> np.ndarray:
        """Column by column, rows in pieces between the transforms."""
        return quotient.quotient_columns(numerators, shifts, factors, powers, offsets, self.pool)

    def open_columns(
        self, columns: Sequence[OpenedColumns], weights: Mapping[int, Weights]
    ) -> list[np.ndarray]:
        """The weights in pieces of rows, then the sums in pieces of columns."""
        return opened.open_columns(columns, weights, self.pool)

    def deep_codeword(
        self, here: Combination, following: Combination, fraction: Rational, offsets: Sequence[int], size: int
    ) -> np.ndarray:
        """Coset after coset, in pieces of rows."""
        return codewords.deep_codeword(here, following, fraction, offsets, size, self.pool)

    def fold(self, codeword: np.ndarray, shift: int, challenges: Sequence[np.ndarray]) -> np.ndarray:
        """In pieces of rows; inverse points are kept for the next proof."""
        return codewords.fold(codeword, shift, challenges, self.pool)

    def interpolate(self, codeword: np.ndarray, shift: int) -> np.ndarray:
        """One transform for each coefficient."""
        return codewords.interpolate(codeword, shift, self.pool)

    def grind(self, state: Sequence[int], position: int, bits: int) -> int:
        """In ranges of nonces."""
        return smallest_nonce(state, position, bits, self.pool)

    def run_circuit(self, program: Program, values: Values, hints: np.ndarray) -> np.ndarray:
        """On this thread: a circuit is a straight line."""
        report = np.zeros(REPORT_LENGTH, np.int64)
        run_circuit(program, values, hints, report)
        return report

    def permutation_columns(self, inputs: np.ndarray) -> np.ndarray:
        """In pieces of permutations."""
        above, count = inputs.shape
        columns = workspace.empty((above + CUBES, count))
        columns[:above] = inputs
        states, cubes = columns[:WIDTH], columns[above:]
        self.pool.map(
            lambda piece: fill_cubes(states, cubes, *piece), self.pool.chunks(count, SMALLEST_PIECE)
        )
        return columns
