"""Openings against sums in plain integers, at lengths around whole blocks."""

import numpy as np
import pytest

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.field.quintic import Element
from zisk.kernels.cpu.blocks import LANES as BLOCK
from zisk.kernels.cpu.opening import (
    LANES,
    SUMS,
    add_scaled_columns,
    add_weighted_sums,
    deep_quotient,
    rational_values,
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
@pytest.mark.parametrize("skip", [0, 1])
def test_weighted_sums_add_to_what_is_there(rows: int, skip: int) -> None:
    table, weights, before = elements(1, COLUMNS, 2, rows), elements(2, 5, 1 + rows), elements(3, 3, 5)
    out = to_montgomery(before)
    add_weighted_sums(to_montgomery(table), SELECTED, to_montgomery(weights), skip, out)
    used = weights[:, skip : skip + rows].tolist()
    expected = [
        [
            (int(before[place, k]) + sum(w * x for w, x in zip(used[k], table[c, 0].tolist(), strict=True)))
            % P
            for k in range(5)
        ]
        for place, c in enumerate(SELECTED)
    ]
    assert from_montgomery(out).tolist() == expected


@pytest.mark.parametrize("rows", LENGTHS)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_columns_are_scaled_and_added(rows: int, count: int) -> None:
    table, factors, before = elements(4, COLUMNS, 2, rows), elements(5, count, 5), elements(6, 5, rows)
    selected, first = SELECTED[:count], rows // 3
    before = before[:, first:]
    out = to_montgomery(before)
    add_scaled_columns(to_montgomery(table), 1, selected, to_montgomery(factors), first, rows, out)
    expected = before.copy()
    for place, column in enumerate(selected):
        terms = factors[place][:, None] * table[column, 1, first:] % np.uint64(P)
        expected = (expected + terms) % np.uint64(P)
    assert np.array_equal(from_montgomery(out), expected)


def horner(coefficients: list[Element], x: int) -> Element:
    total = quintic.ZERO
    for one in reversed(coefficients):
        total = quintic.add(quintic.scale(total, x), one)
    return total


@pytest.mark.parametrize("rows", [1, BLOCK, BLOCK + 7])
def test_rational_values(rows: int) -> None:
    points, whole, numerator, norm = elements(7, rows), elements(8, 5), elements(9, 5, 5), elements(10, 5)
    out = np.empty((5, rows), np.uint32)
    forms = to_montgomery(points), to_montgomery(whole), to_montgomery(numerator), to_montgomery(norm)
    assert rational_values(*forms, out)
    above = [quintic.element(one) for one in numerator.tolist()]
    under = [quintic.from_base(one) for one in [*norm.tolist(), 1]]
    assert columns_of(out) == [
        quintic.add(
            quintic.element(whole.tolist()),
            quintic.mul(horner(above, x), quintic.inverse(horner(under, x))),
        )
        for x in points.tolist()
    ]


@pytest.mark.parametrize("row", [0, 69])
def test_a_zero_of_the_norm_is_reported(row: int) -> None:
    points, out = np.arange(5, 75), np.empty((5, 70), np.uint32)
    whole, numerator, norm = elements(8, 5), elements(9, 5, 5), np.zeros(5, np.uint64)
    norm[0] = P - pow(int(points[row]), 5, P)
    forms = to_montgomery(points), to_montgomery(whole), to_montgomery(numerator), to_montgomery(norm)
    assert not rational_values(*forms, out)


def test_deep_quotient() -> None:
    rows, order = BLOCK + 20, np.random.default_rng(8).permutation(BLOCK + 20)
    here, following, inverses = elements(10, 5, rows), elements(11, 5, rows), elements(12, 5, rows + 1)
    out = np.empty((rows, 5), np.uint32)
    for first, last in ((0, 9), (9, rows)):
        sums = to_montgomery(here[:, first:last]), to_montgomery(following[:, first:last])
        deep_quotient(*sums, to_montgomery(inverses[:, first : last + 1]), order, first, last, out)
    at_zeta, at_next, factors = (
        [quintic.element(column) for column in sums.T.tolist()] for sums in (here, following, inverses)
    )
    expected = {
        int(order[row]): quintic.add(
            quintic.mul(at_zeta[row], factors[row + 1]), quintic.mul(at_next[row], factors[row])
        )
        for row in range(rows)
    }
    assert columns_of(out.T) == [expected[leaf] for leaf in range(rows)]
