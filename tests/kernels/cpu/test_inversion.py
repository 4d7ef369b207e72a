"""Inverses of many elements at once, at lengths around whole blocks."""

import numpy as np
import pytest

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, inverse, to_montgomery
from zisk.kernels.cpu.blocks import LANES
from zisk.kernels.cpu.inversion import invert_base, invert_extension

LENGTHS = [1, 2, LANES - 1, LANES, LANES + 1, 3 * LANES, 3 * LANES + 5]


def elements(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).integers(1, P, shape, dtype=np.uint64)


@pytest.mark.parametrize("length", LENGTHS)
def test_extension(length: int) -> None:
    values = elements(5, length)
    array = to_montgomery(values)
    assert invert_extension(array)
    expected = [quintic.inverse(quintic.element(column)) for column in values.T.tolist()]
    assert [tuple(column) for column in from_montgomery(array).T.tolist()] == expected


@pytest.mark.parametrize("place", [0, LANES - 1, LANES, 2 * LANES + 3])
def test_a_zero_anywhere_is_reported(place: int) -> None:
    values = elements(5, 2 * LANES + 4)
    values[:, place] = 0
    assert not invert_extension(to_montgomery(values))


@pytest.mark.parametrize("length", LENGTHS)
def test_base_with_zeros(length: int) -> None:
    values = elements(length)
    values[::3] = 0
    array = to_montgomery(values)
    invert_base(array)
    assert from_montgomery(array).tolist() == [inverse(one) if one else 0 for one in values.tolist()]
