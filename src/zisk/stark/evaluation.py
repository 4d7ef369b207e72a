"""Runs tapes over whole tables on the thread pool: the prover's and the debug checker's way to rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field.koalabear import to_montgomery
from zisk.kernels.cpu.tape import LANES, run_tape
from zisk.kernels.pool import Pool
from zisk.stark.scalars import Challenges
from zisk.stark.tape import Tape

ROWS_PER_TASK = LANES * 64
"""Rows that one task of the pool evaluates."""


@dataclass(frozen=True, slots=True)
class BoundTape:
    """A tape with the matrices and scalars of one table: what is the same for all rows.

    Attributes:
        matrices: preprocessed, main, stage 2 and selectors, uint32[columns, cosets, n] each, Montgomery.
        constants: uint32[at least 1], Montgomery.
        scalars: uint32[at least 1, 5], Montgomery.
    """

    tape: Tape
    matrices: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    constants: np.ndarray
    scalars: np.ndarray

    @classmethod
    def of(
        cls,
        tape: Tape,
        *,
        preprocessed: np.ndarray,
        main: np.ndarray,
        stage2: np.ndarray,
        selectors: np.ndarray,
        publics: Sequence[int],
        challenges: Challenges,
    ) -> BoundTape:
        """Bind a tape to matrices uint32[columns, n] or uint32[columns, cosets, n] in Montgomery form.

        A table without columns of one sort passes none of them.
        """
        matrices = (by_coset(preprocessed), by_coset(main), by_coset(stage2), by_coset(selectors))
        return cls(tape, matrices, base_scalars(tape, publics), challenges.scalars(tape.scalars))

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return self.matrices[1].shape[2]

    @property
    def steps(self) -> int:
        """Instructions for each row: what a row costs."""
        return self.tape.code.shape[0]

    def run(self, coset: int, first: int, last: int, out: np.ndarray, out_first: int) -> None:
        """Evaluate rows `first` to `last` (exclusive; `first` a multiple of LANES) of one coset.

        out: uint32[tape.outputs, m], Montgomery; row r is written at r - out_first.
        """
        registers = self.tape.base_registers, self.tape.extension_registers
        scalars = self.constants, self.scalars
        run_tape(self.tape.code, *registers, *scalars, *self.matrices, coset, first, last, out, out_first)


def evaluate_rows(
    tape: Tape,
    *,
    preprocessed: np.ndarray,
    main: np.ndarray,
    stage2: np.ndarray,
    selectors: np.ndarray,
    publics: Sequence[int],
    challenges: Challenges,
    pool: Pool,
    coset: int = 0,
) -> np.ndarray:
    """Evaluate a tape on every row of one coset; the arguments are those of `BoundTape.of`.

    Returns:
        uint32[tape.outputs, n], Montgomery.
    """
    bound = BoundTape.of(
        tape,
        preprocessed=preprocessed,
        main=main,
        stage2=stage2,
        selectors=selectors,
        publics=publics,
        challenges=challenges,
    )
    out = np.empty((tape.outputs, bound.rows), dtype=np.uint32)
    pool.map(
        lambda first, last: bound.run(coset, first, last, out, 0),
        *zip(*row_pieces(bound.rows), strict=True),
    )
    return out


def row_pieces(rows: int, largest: int = ROWS_PER_TASK) -> list[tuple[int, int]]:
    """The ranges of rows, first to last (exclusive), that tasks take."""
    return [(first, min(first + largest, rows)) for first in range(0, rows, largest)]


def by_coset(matrix: np.ndarray) -> np.ndarray:
    """A matrix on one domain, uint32[c, n], as the kernels take it: uint32[c, 1, n]."""
    return matrix if matrix.ndim == 3 else np.ascontiguousarray(matrix)[:, None, :]


def base_scalars(tape: Tape, publics: Sequence[int]) -> np.ndarray:
    """A tape's constants and the table's public values: uint32[at least 1], Montgomery."""
    return to_montgomery(np.array([*tape.constants, *publics, 0], dtype=np.uint64))
