"""Repeated sums and the chunks of a quotient against plain integers."""

import numpy as np
import pytest

from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.kernels.cpu.lifting import add_repeated, separate


def elements(seed: int, *shape: int) -> np.ndarray:
    """Canonical, the largest element among them."""
    values = np.random.default_rng(seed).integers(0, P, shape, dtype=np.uint64)
    values.flat[:: max(1, values.size // 5)] = P - 1
    return values


@pytest.mark.parametrize("period", [1, 4, 64, 128])
@pytest.mark.parametrize(("first", "last", "origin"), [(0, 64, 0), (32, 64, 0), (32, 64, 32), (7, 21, 5)])
def test_rows_of_a_part_repeat_from_its_origin(period: int, first: int, last: int, origin: int) -> None:
    total, part = elements(1, 5, 64), elements(2, 5, period)
    out = to_montgomery(total)
    add_repeated(out, first, last, to_montgomery(part), origin)
    for row in range(first, last):
        total[:, row] = (total[:, row] + part[:, (row - origin) % period]) % P
    assert np.array_equal(from_montgomery(out), total)


def test_two_mixtures_are_separated() -> None:
    low, high, c0, c1 = elements(3, 5, 40), elements(4, 5, 40), 5, P - 3
    between = pow(c0 - c1, -1, P)
    mixed = np.stack([(low + high * c % P) % P * between % P for c in (c0, c1)], axis=1)
    chunks = np.zeros((10, 40), np.uint32)
    forms = to_montgomery([c0, c1])
    for first, last in ((0, 9), (9, 40)):
        separate(to_montgomery(mixed), forms[0], forms[1], first, last, chunks)
    assert np.array_equal(from_montgomery(chunks), np.concatenate([low, high]))
