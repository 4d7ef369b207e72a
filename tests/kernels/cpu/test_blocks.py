"""Arithmetic on blocks, lane by lane, against plain integers."""

import numpy as np
import pytest

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.field.quintic import Element
from zisk.kernels.cpu.blocks import LANES, invert_block, scale_block

OUT = (5, LANES)


def elements(seed: int, *shape: int) -> np.ndarray:
    """Canonical and not zero, the largest element among them."""
    values = np.random.default_rng(seed).integers(1, P, shape, dtype=np.uint64)
    values.flat[::7] = P - 1
    return values


def lanes(block: np.ndarray) -> list[Element]:
    """The elements of a canonical block."""
    return [quintic.element(column) for column in block.T.tolist()]


def test_inverses() -> None:
    block, out = elements(1, *OUT), np.empty(OUT, np.uint32)
    assert invert_block(out, to_montgomery(block))
    assert lanes(from_montgomery(out)) == [quintic.inverse(one) for one in lanes(block)]


@pytest.mark.parametrize("lane", [0, LANES - 1])
def test_a_zero_is_reported(lane: int) -> None:
    block, out = elements(1, *OUT), np.empty(OUT, np.uint32)
    block[:, lane] = 0
    assert not invert_block(out, to_montgomery(block))
    assert out[:, lane].tolist() == [0] * 5


def test_scaling() -> None:
    block, factors, out = elements(1, *OUT), elements(2, LANES), np.empty(OUT, np.uint32)
    scale_block(out, to_montgomery(block), to_montgomery(factors))
    assert np.array_equal(from_montgomery(out), block * factors % np.uint64(P))
