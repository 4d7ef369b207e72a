"""Arithmetic on blocks, lane by lane, against plain integers."""

import numpy as np
import pytest

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.field.quintic import Element
from zisk.kernels.cpu.blocks import LANES, copy_block, invert_block, load_block, multiply_blocks, scale_block

OUT = (5, LANES)


def elements(seed: int, *shape: int) -> np.ndarray:
    """Canonical and not zero, the largest element among them."""
    values = np.random.default_rng(seed).integers(1, P, shape, dtype=np.uint64)
    values.flat[::7] = P - 1
    return values


def lanes(block: np.ndarray) -> list[Element]:
    """The elements of a canonical block."""
    return [quintic.element(column) for column in block.T.tolist()]


@pytest.mark.parametrize("seed", range(4))
def test_products(seed: int) -> None:
    left, right, out = elements(seed, *OUT), elements(seed + 9, *OUT), np.empty(OUT, np.uint32)
    left[:, 3], right[:, 3], left[:, 4], right[:, 5] = P - 1, P - 1, 0, 0
    multiply_blocks(out, to_montgomery(left), to_montgomery(right))
    expected = [quintic.mul(a, b) for a, b in zip(lanes(left), lanes(right), strict=True)]
    assert lanes(from_montgomery(out)) == expected


def test_a_product_may_replace_its_factors() -> None:
    block = elements(1, *OUT)
    out = to_montgomery(block)
    multiply_blocks(out, out, out)
    assert lanes(from_montgomery(out)) == [quintic.mul(one, one) for one in lanes(block)]


def test_copies() -> None:
    block, out = to_montgomery(elements(1, *OUT)), np.empty(OUT, np.uint32)
    copy_block(out, block)
    assert np.array_equal(out, block)


@pytest.mark.parametrize("count", [1, LANES - 1, LANES, LANES + 5])
def test_beyond_the_last_element_a_block_is_one(count: int) -> None:
    values, out = elements(1, 5, 3 + count), np.empty(OUT, np.uint32)
    load_block(out, to_montgomery(values), 3)
    beyond = [quintic.ONE] * max(0, LANES - count)
    assert lanes(from_montgomery(out)) == [*lanes(values[:, 3 : 3 + LANES]), *beyond]


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
