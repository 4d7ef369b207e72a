"""Transforms are evaluation and interpolation of polynomials, whatever the size, shift and threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zisk.field.koalabear import P, bit_reversal, from_montgomery, root_of_unity, to_montgomery
from zisk.kernels.cpu import ntt
from zisk.kernels.pool import Pool


def polynomial_at(coefficients: np.ndarray, point: int) -> int:
    """The value at a point of the polynomial with canonical coefficients, lowest first."""
    length = len(coefficients)
    powers = np.ones(1, np.uint64)
    while len(powers) < length:
        powers = np.concatenate((powers, powers * np.uint64(pow(point, len(powers), P)) % np.uint64(P)))
    return int((coefficients * powers % np.uint64(P)).sum() % np.uint64(P))


def random_coefficients(columns: int, log_n: int) -> np.ndarray:
    return np.random.default_rng(log_n).integers(0, P, (columns, 1 << log_n), np.uint64)


def bit_reversed(coefficients: np.ndarray) -> np.ndarray:
    order = bit_reversal(coefficients.shape[1].bit_length() - 1)
    return to_montgomery(coefficients[:, order])


@settings(deadline=None)
@given(st.integers(0, 7), st.integers(1, 3), st.integers(1, P - 1))
def test_small_transform_is_evaluation_at_every_point(log_n: int, columns: int, shift: int) -> None:
    coefficients = random_coefficients(columns, log_n)
    values = ntt.evaluate(bit_reversed(coefficients), shift)
    points = [shift * pow(root_of_unity(log_n), m, P) % P for m in range(1 << log_n)]
    assert from_montgomery(values).tolist() == [
        [polynomial_at(column, point) for point in points] for column in coefficients
    ]


@pytest.mark.parametrize("log_n", [*range(8, 15), 17, 18, pytest.param(20, marks=pytest.mark.slow)])
def test_large_transform_is_evaluation_at_some_points(log_n: int) -> None:
    """Sizes on both sides of every block of the cache, with odd and even numbers of stages in each."""
    coefficients = random_coefficients(2, log_n)
    values = ntt.evaluate(bit_reversed(coefficients), 3)
    for m in (0, 1, (1 << log_n) // 2, (1 << log_n) * 2 // 3, (1 << log_n) - 1):
        point = 3 * pow(root_of_unity(log_n), m, P) % P
        assert [int(v) for v in from_montgomery(values[:, m])] == [
            polynomial_at(c, point) for c in coefficients
        ]


@pytest.mark.parametrize("log_n", [*range(15), 17, 18])
def test_interpolation_undoes_evaluation(log_n: int) -> None:
    coefficients = bit_reversed(random_coefficients(2, log_n))
    before = coefficients.copy()
    values = ntt.evaluate(coefficients, 12345)
    values_before = values.copy()
    assert np.array_equal(ntt.interpolate(values, 12345), before)
    assert np.array_equal(coefficients, before)
    assert np.array_equal(values, values_before)


@pytest.mark.parametrize("log_n", [0, 1, 5, 8, 10])
@pytest.mark.parametrize("log_blowup", [0, 1, 2])
def test_extension_is_the_polynomial_on_every_coset(log_n: int, log_blowup: int) -> None:
    n, blowup = 1 << log_n, 1 << log_blowup
    coefficients = random_coefficients(3, log_n)
    extended = ntt.extend(ntt.evaluate(bit_reversed(coefficients)), log_blowup, 3)
    assert extended.shape == (3, blowup, n)
    root = root_of_unity(log_n + log_blowup)
    for b in range(blowup):
        for m in {0, 1 % n, n - 1}:
            point = 3 * pow(root, b + blowup * m, P) % P
            expected = [polynomial_at(column, point) for column in coefficients]
            assert from_montgomery(extended[:, b, m]).tolist() == expected


def test_cosets_with_factors() -> None:
    coefficients = bit_reversed(random_coefficients(3, 6))
    shifts, factors = [5, 7], [11, P - 1]
    values = ntt.evaluate_cosets(coefficients, shifts, Pool(2))
    for coset, shift in enumerate(shifts):
        assert np.array_equal(values[:, coset], ntt.evaluate(coefficients, shift))
    found = from_montgomery(ntt.interpolate_cosets(values, shifts, factors, Pool(2)))
    for coset, factor in enumerate(factors):
        expected = from_montgomery(coefficients) * np.uint64(factor) % np.uint64(P)
        assert np.array_equal(found[:, coset], expected)


def test_tables_are_extended_each_with_its_shift() -> None:
    tables = [
        to_montgomery(random_coefficients(columns, log_n)) for columns, log_n in ((2, 5), (0, 3), (1, 8))
    ]
    shifts = [3, 5, 7]
    for table, shift, found in zip(
        tables, shifts, ntt.extend_tables(tables, 1, shifts, Pool(2)), strict=True
    ):
        assert np.array_equal(found, ntt.extend(table, 1, shift))


def test_extension_without_blowup_or_shift_is_the_values() -> None:
    values = to_montgomery(random_coefficients(2, 9))
    assert np.array_equal(ntt.extend(values, 0, 1)[:, 0], values)


@pytest.mark.parametrize("log_n", [4, 8, 13])
def test_largest_elements(log_n: int) -> None:
    """Sums and products at the edge of the range: p - 1 everywhere, and p - 1 beside 0."""
    coefficients = np.full((3, 1 << log_n), P - 1, np.uint64)
    coefficients[1, ::2] = 0
    coefficients[2, 1 << (log_n - 1) :] = 0
    values = ntt.evaluate(bit_reversed(coefficients), P - 1)
    assert values.max() < P
    for m in (0, 1, 3):
        point = (P - 1) * pow(root_of_unity(log_n), m, P) % P
        expected = [polynomial_at(column, point) for column in coefficients]
        assert from_montgomery(values[:, m]).tolist() == expected


@pytest.mark.parametrize("rows", [0, 3, 2**25])
def test_size_that_is_no_power_of_two_is_refused(rows: int) -> None:
    matrix = np.broadcast_to(np.zeros(1, np.uint32), (1, rows))
    with pytest.raises(ValueError, match=f"not {rows}"):
        ntt.evaluate(matrix)


def test_threads_change_nothing() -> None:
    values = to_montgomery(random_coefficients(37, 10))
    assert np.array_equal(ntt.extend(values, 1, 3, Pool(1)), ntt.extend(values, 1, 3, Pool(3)))


def test_no_columns_give_no_columns() -> None:
    assert ntt.extend(np.empty((0, 8), np.uint32), 1, 3).shape == (0, 2, 8)
