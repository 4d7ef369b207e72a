"""Openings against sums in plain integers, at lengths around whole blocks."""

import numpy as np
import pytest

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.field.quintic import Element
from zisk.kernels.cpu.opening import (
    LANES,
    SUMS,
    add_scaled_columns,
    add_weighted_sums,
    barycentric_weights,
    deep_quotient,
)

LENGTHS = [1, 7, 2 * SUMS, 2 * SUMS + 1, LANES, LANES + 3]
SELECTED = np.array([2, 0, 3], dtype=np.int64)
COLUMNS = 4


def elements(seed: int, *shape: int) -> np.ndarray:
    """Canonical, the largest element among them."""
    values = np.random.default_rng(seed).integers(0, P, shape, dtype=np.uint64)
    values.flat[:: max(1, values.size // 5)] = P - 1
    return values


def columns_of(array: np.ndarray) -> list[Element]:
    """The elements of K behind Montgomery uint32[5, n]."""
    return [quintic.element(column) for column in from_montgomery(array).T.tolist()]


@pytest.mark.parametrize("rows", LENGTHS)
def test_weighted_sums_add_to_what_is_there(rows: int) -> None:
    table, weights, before = elements(1, COLUMNS, 2, rows), elements(2, 5, rows), elements(3, 3, 5)
    out = to_montgomery(before)
    add_weighted_sums(to_montgomery(table), SELECTED, to_montgomery(weights), 0, rows, out)
    expected = [
        [
            (
                int(before[place, k])
                + sum(int(w) * int(x) for w, x in zip(weights[k], table[c, 0], strict=True))
            )
            % P
            for k in range(5)
        ]
        for place, c in enumerate(SELECTED)
    ]
    assert from_montgomery(out).tolist() == expected


def test_weighted_sums_of_some_rows() -> None:
    table, weights = elements(1, COLUMNS, 1, 40), elements(2, 5, 40)
    parts, whole = np.zeros((3, 5), np.uint32), np.zeros((3, 5), np.uint32)
    forms = to_montgomery(table), SELECTED, to_montgomery(weights)
    for first, last in ((0, 9), (9, 40)):
        add_weighted_sums(*forms, first, last, parts)
    add_weighted_sums(*forms, 0, 40, whole)
    assert np.array_equal(parts, whole)


@pytest.mark.parametrize("rows", LENGTHS)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_columns_are_scaled_and_added(rows: int, count: int) -> None:
    table, factors, before = elements(4, COLUMNS, 2, rows), elements(5, count, 5), elements(6, 5, rows)
    selected, first = SELECTED[:count], rows // 3
    out = to_montgomery(before)
    add_scaled_columns(to_montgomery(table), 1, selected, to_montgomery(factors), first, rows, out)
    expected = before.copy()
    for place, column in enumerate(selected):
        terms = factors[place][:, None] * table[column, 1, first:] % np.uint64(P)
        expected[:, first:] = (expected[:, first:] + terms) % np.uint64(P)
    assert np.array_equal(from_montgomery(out), expected)


def test_barycentric_weights() -> None:
    points, target, factor = elements(7, 70), (3, 1, 4, 1, 5), (9, 2, 6, 5, 3)
    weights = np.empty((5, 70), np.uint32)
    forms = to_montgomery(points), to_montgomery(target), to_montgomery(factor)
    for first, last in ((0, 9), (9, 70)):
        assert barycentric_weights(*forms, first, last, weights)
    assert columns_of(weights) == [
        quintic.scale(quintic.mul(factor, quintic.inverse(quintic.sub(target, quintic.from_base(x)))), x)
        for x in points.tolist()
    ]


def test_a_target_among_the_points_is_reported() -> None:
    points = to_montgomery(np.arange(70))
    weights = np.empty((5, 70), np.uint32)
    one = to_montgomery((1, 0, 0, 0, 0))
    target = to_montgomery((69, 0, 0, 0, 0))
    assert not barycentric_weights(points, target, one, 9, 70, weights)
    assert barycentric_weights(points, target, one, 9, 69, weights)


def test_deep_quotient() -> None:
    rows, order = 70, np.random.default_rng(8).permutation(70)
    points, here, following = elements(9, rows), elements(10, 5, rows), elements(11, 5, rows)
    zeta, zeta_next, value, value_next, factor = (quintic.element(row) for row in elements(12, 5, 5).tolist())
    out = np.empty((rows, 5), np.uint32)
    forms = (
        to_montgomery(points),
        to_montgomery(here),
        to_montgomery(following),
        to_montgomery(zeta),
        to_montgomery(zeta_next),
        to_montgomery(value),
        to_montgomery(value_next),
        to_montgomery(factor),
        order,
    )
    for first, last in ((0, 9), (9, rows)):
        assert deep_quotient(*forms, first, last, out)

    def quotient(sums: np.ndarray, row: int, at_point: Element, point: Element) -> Element:
        difference = quintic.sub(quintic.from_base(int(points[row])), point)
        numerator = quintic.sub(quintic.element(sums[:, row].tolist()), at_point)
        return quintic.mul(numerator, quintic.inverse(difference))

    expected = {
        int(order[row]): quintic.add(
            quotient(here, row, value, zeta),
            quintic.mul(factor, quotient(following, row, value_next, zeta_next)),
        )
        for row in range(rows)
    }
    assert dict(enumerate(columns_of(out.T))) == expected
