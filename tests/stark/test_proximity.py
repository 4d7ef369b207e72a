"""Proximity regimes: radii that decode as they say, rational bounds of roots, and published figures."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zisk.field.koalabear import P
from zisk.stark.proximity import Regime, johnson, root_above, root_below, unique_decoding
from zisk.stark.soundness import bits_of

BABYBEAR_4 = (2**31 - 2**27 + 1) ** 4


@given(log_dimension=st.integers(5, 22), log_blowup=st.integers(1, 7), points=st.integers(0, 4))
def test_two_words_within_the_unique_radius_share_a_polynomial(
    log_dimension: int, log_blowup: int, points: int
) -> None:
    """Two agreement sets overlap in N + c points, so polynomials of degree below N + c are equal there."""
    dimension, length = 1 << log_dimension, 1 << (log_dimension + log_blowup)
    regime = unique_decoding(dimension, length, points)
    assert 2 * (1 - regime.radius) * length - length == dimension + points
    assert regime.list_size == 1


@given(
    log_dimension=st.integers(5, 17),
    log_blowup=st.integers(2, 7),
    multiplicity=st.integers(3, 40),
    points=st.integers(0, 4),
)
def test_a_johnson_list_is_no_longer_than_counting_pairs_allows(
    log_dimension: int, log_blowup: int, multiplicity: int, points: int
) -> None:
    """L sets of a n points that meet in at most b n, b = (N + c) / n, have L (a^2 - b) <= a - b.

    That holds for tuples of polynomials as for one. The agreement a also decodes: a n > N + c.
    """
    dimension, length = 1 << log_dimension, 1 << (log_dimension + log_blowup)
    regime = johnson(dimension, length, multiplicity, points)
    agreement, meeting = 1 - regime.radius, Fraction(dimension + points, length)
    assert agreement * length > dimension + points
    assert agreement**2 >= meeting * (1 + Fraction(1, 2 * multiplicity)) ** 2
    assert (agreement - meeting) / (agreement**2 - meeting) <= regime.list_size


@given(value=st.fractions(min_value=Fraction(1, 2**40), max_value=1))
def test_roots_are_bounded_on_both_sides(value: Fraction) -> None:
    assert root_below(value) ** 2 <= value <= root_above(value) ** 2
    assert root_above(value) - root_below(value) <= Fraction(1, 2**64)


@pytest.mark.parametrize(
    ("log_blowup", "root"), [(2, Fraction(1, 2)), (4, Fraction(1, 4)), (6, Fraction(1, 8))]
)
def test_rational_roots_are_exact(log_blowup: int, root: Fraction) -> None:
    rate = Fraction(1, 1 << log_blowup)
    assert root_below(rate) == root_above(rate) == root
    regime = johnson(2**14, 2**14 << log_blowup, 4, points=0)
    assert regime.radius == 1 - root * Fraction(9, 8)
    assert regime.list_size == Fraction(9, 2) / root


def test_the_line_error_is_that_of_the_theorem() -> None:
    """((2 M^5 + 3 M theta rho) n / (3 rho^1.5) + M / rho^0.5) / q with rho = 1/4, m = 3 and theta = 5/12."""
    regime = johnson(2**10, 2**12, 3, points=0)
    half = Fraction(7, 2)
    linear = (2 * half**5 + 3 * half * Fraction(5, 12) / 4) * 2**9 / (3 * Fraction(1, 8))
    assert regime.radius == Fraction(5, 12)
    assert regime.line_error(2**9) == (linear + half * 2) / P**5
    assert regime.powers_error(8, 2**9) == 7 * regime.line_error(2**9)
    assert regime.query_error(3) == Fraction(7, 12) ** 3


def openvm(multiplicity: int) -> Regime:
    """The report of soundcalc, 2026-05, for the OpenVM 1.5 app: BabyBear^4, N = 2^23, rate 1/2.

    Its radius is rho / 20 below Johnson's, between those of multiplicities 14 and 15; its decoder has 15.
    """
    return johnson(2**23, 2**24, multiplicity, points=0)


def test_openvm_in_the_johnson_regime_has_82_bits_for_batching_and_106_for_queries() -> None:
    assert floor(bits_of(openvm(15).powers_error(80_000, 2**24, BABYBEAR_4)) + 20) == 82
    assert floor(bits_of(openvm(14).query_error(193)) + 20) == 106


@pytest.mark.parametrize(
    ("log_blowup", "multiplicity", "message"),
    [
        (5, 2, "multiplicity 2 is too small: take at least 3"),
        (5, 0, "multiplicity 0 is too small: take at least 3"),
    ],
)
def test_regimes_without_a_theorem_are_refused(log_blowup: int, multiplicity: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        johnson(2**14, 2**14 << log_blowup, multiplicity)


def test_a_code_of_too_high_a_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves no radius for degree 8 on 10 points"):
        johnson(8, 10, 3)
