"""Runs tapes over whole tables on the thread pool: the prover's and the debug checker's way to rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.field.koalabear import to_montgomery
from zisk.kernels.cpu.tape import LANES, run_tape
from zisk.kernels.pool import Pool
from zisk.stark.scalars import Challenges
from zisk.stark.tape import Tape

ROWS_PER_TASK = LANES * 64
"""Rows that one task of the pool evaluates."""


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
    """Evaluate a tape on every row of one coset.

    Matrices are uint32[columns, n] or uint32[columns, cosets, n] in Montgomery form; a table without
    columns of one sort passes none of them.

    Returns:
        uint32[tape.outputs, n], Montgomery.
    """
    rows = main.shape[-1]
    matrices = (by_coset(preprocessed), by_coset(main), by_coset(stage2), by_coset(selectors))
    constants = base_scalars(tape, publics)
    scalars = challenges.scalars(tape.scalars)
    out = np.empty((tape.outputs, rows), dtype=np.uint32)

    def task(first: int) -> None:
        run_tape(
            tape.code,
            tape.base_registers,
            tape.extension_registers,
            constants,
            scalars,
            *matrices,
            coset,
            first,
            min(first + ROWS_PER_TASK, rows),
            out,
            0,
        )

    pool.map(task, range(0, rows, ROWS_PER_TASK))
    return out


def by_coset(matrix: np.ndarray) -> np.ndarray:
    """A matrix on one domain, uint32[c, n], as the kernels take it: uint32[c, 1, n]."""
    return matrix if matrix.ndim == 3 else np.ascontiguousarray(matrix)[:, None, :]


def base_scalars(tape: Tape, publics: Sequence[int]) -> np.ndarray:
    """A tape's constants and the table's public values: uint32[at least 1], Montgomery."""
    return to_montgomery(np.array([*tape.constants, *publics, 0], dtype=np.uint64))
