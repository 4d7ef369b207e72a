"""Columns are converted as the field's definitions say."""

import numpy as np
import pytest

from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.kernels.cpu.conversion import fill_canonical, fill_montgomery

LENGTHS = [0, 1, 15, 16, 1000]


@pytest.mark.parametrize("length", LENGTHS)
def test_numbers_of_any_size_become_elements(length: int) -> None:
    numbers = np.random.default_rng(length).integers(0, 1 << 32, length, np.uint32)
    numbers[:3] = np.array([P, 2**32 - 1, P - 1])[:length]
    target = np.full(length + 2, 7, np.uint32)
    fill_montgomery(target, numbers)
    assert target.tolist() == [*to_montgomery(numbers % np.uint32(P)).tolist(), 7, 7]


@pytest.mark.parametrize("length", LENGTHS)
def test_elements_become_canonical(length: int) -> None:
    values = np.random.default_rng(length).integers(0, P, length, np.uint32)
    target = np.empty(length, np.int64)
    fill_canonical(target, values)
    assert target.tolist() == from_montgomery(values).tolist()
