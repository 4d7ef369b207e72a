"""Inverses of many elements at once, at lengths around whole blocks."""

import numpy as np
import pytest

from zisk.field.koalabear import P, from_montgomery, inverse, to_montgomery
from zisk.kernels.cpu.blocks import LANES
from zisk.kernels.cpu.inversion import invert_base

LENGTHS = [1, 2, LANES - 1, LANES, LANES + 1, 3 * LANES, 3 * LANES + 5]


def elements(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).integers(1, P, shape, dtype=np.uint64)


@pytest.mark.parametrize("length", LENGTHS)
def test_base_with_zeros(length: int) -> None:
    values = elements(length)
    values[::3] = 0
    array = to_montgomery(values)
    invert_base(array)
    assert from_montgomery(array).tolist() == [inverse(one) if one else 0 for one in values.tolist()]
