"""Folding against the definition in plain integers."""

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, inverse, to_montgomery
from zisk.kernels.cpu.fri import fold_pairs, square_even


def test_a_fold_splits_into_even_and_odd_parts() -> None:
    generator = np.random.default_rng(1)
    layer = generator.integers(0, P, (16, 5), dtype=np.uint64)
    points, challenge = generator.integers(1, P, 8, dtype=np.uint64).tolist(), (1, 2, 3, 4, 5)
    out = np.zeros((8, 5), np.uint32)
    inverses = to_montgomery([inverse(x) for x in points])
    half = to_montgomery([inverse(2)])[0]
    fold_pairs(to_montgomery(layer), inverses, to_montgomery(challenge), half, out, 2, 8)
    expected = [quintic.ZERO] * 2
    for x, a, b in zip(points[2:], layer[4::2].tolist(), layer[5::2].tolist(), strict=True):
        one, other = quintic.element(a), quintic.element(b)
        odd = quintic.mul(quintic.scale(quintic.sub(one, other), inverse(x)), challenge)
        expected.append(quintic.scale(quintic.add(quintic.add(one, other), odd), inverse(2)))
    assert [tuple(row) for row in from_montgomery(out).tolist()] == expected


def test_points_of_the_next_fold_are_squares_of_every_other_one() -> None:
    points = np.array([3, 5, 7, 11, 13, 17], dtype=np.uint64)
    out = np.empty(3, np.uint32)
    square_even(to_montgomery(points), out)
    assert from_montgomery(out).tolist() == [9, 49, 169]
