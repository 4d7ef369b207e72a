"""How fast the kernels are with nothing around them: on data in the first caches, on one thread.

A stage of the prover is held against these: operations counted, times the bare kernel's time for one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from support.clock import processor_seconds
from zisk.kernels.cpu import ntt
from zisk.kernels.cpu.merkle import GROUP, permute_blocks
from zisk.kernels.cpu.opening import add_scaled_columns
from zisk.kernels.cpu.tape import run_tape
from zisk.kernels.cpu.vector_ir import LANES
from zisk.kernels.parameters import P
from zisk.kernels.poseidon2_constants import WIDTH
from zisk.stark.tape import Op

NANOSECOND = 1e-9
ROWS = 1 << 12
LOOPS = 100


@dataclass(frozen=True, slots=True)
class BareSpeeds:
    """Nanoseconds of one core.

    Attributes:
        butterfly: one of a transform of 2^12 elements.
        permutation: of a state of 24 elements.
        multiply, extension_multiply: one of a tape's, on one row.
        product: a base column's element times one coefficient of a power of gamma, added up.
    """

    butterfly: float
    permutation: float
    multiply: float
    extension_multiply: float
    product: float


def measure_bare_speeds() -> BareSpeeds:
    """Measure all of them; about a second."""
    generator = np.random.default_rng(1)

    def elements(*shape: int) -> np.ndarray:
        return generator.integers(0, P, shape, dtype=np.uint32)

    log_rows, coefficients, values = ROWS.bit_length() - 1, elements(ROWS), elements(ROWS)
    twiddles, scale = ntt._twiddles(ROWS, inverse=False), ntt._scale(1, ROWS)
    transform = processor_seconds(
        lambda: [ntt._up(coefficients, values, twiddles, *scale) for _ in range(10 * LOOPS)]
    )

    states = elements(GROUP, WIDTH, LANES)
    hashing = processor_seconds(lambda: [permute_blocks(states, 0, GROUP) for _ in range(10 * LOOPS)])

    columns = 64
    table, factors, sums = elements(columns, 1, ROWS), elements(columns, 5), elements(5, ROWS)
    selected = np.arange(columns, dtype=np.int64)
    products = processor_seconds(
        lambda: [add_scaled_columns(table, 0, selected, factors, 0, ROWS, sums) for _ in range(LOOPS)]
    )
    return BareSpeeds(
        butterfly=transform / (10 * LOOPS * ROWS // 2 * log_rows) / NANOSECOND,
        permutation=hashing / (10 * LOOPS * GROUP * LANES) / NANOSECOND,
        multiply=_tape_seconds(Op.MUL) / (LOOPS * ROWS) / NANOSECOND,
        extension_multiply=_tape_seconds(Op.EXT_MUL) / (LOOPS * ROWS) / NANOSECOND,
        product=products / (LOOPS * columns * ROWS * 5) / NANOSECOND,
    )


def _tape_seconds(operation: Op) -> float:
    """A tape that repeats one instruction `LOOPS` times, over `ROWS` rows."""
    code = np.array([(operation, 2, 0, 1)] * LOOPS, dtype=np.int32)
    scalars, matrix = np.zeros((1, 5), np.uint32), np.zeros((1, 1, ROWS), np.uint32)
    out = np.zeros((1, ROWS), np.uint32)

    def run() -> None:
        run_tape(code, 3, 3, scalars[0], scalars, matrix, matrix, matrix, matrix, 0, 0, ROWS, out, 0)

    return processor_seconds(run)
