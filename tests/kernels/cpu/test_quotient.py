"""The sum of lifted functions is the sum of their values on repeated rows."""

import numpy as np
import pytest

from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.kernels.cpu.quotient import ROWS_PER_TASK, lifted_sum
from zisk.kernels.pool import Pool


@pytest.mark.parametrize("heights", [[], [8], [1, 4, 8], [1, 2 * ROWS_PER_TASK, 4 * ROWS_PER_TASK]])
def test_lower_functions_repeat(heights: list[int]) -> None:
    height = 4 * ROWS_PER_TASK
    parts = {rows: np.random.default_rng(rows).integers(0, P, (5, rows), dtype=np.uint64) for rows in heights}
    expected = np.zeros((5, height), np.uint64)
    for rows, part in parts.items():
        expected = (expected + np.tile(part, (1, height // rows))) % P
    totals = {rows: to_montgomery(part) for rows, part in parts.items()}
    assert np.array_equal(from_montgomery(lifted_sum(totals, height, Pool(2))), expected)
