"""The constants of KoalaBear are what they claim to be, and Montgomery form goes both ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zisk.field import koalabear
from zisk.field.koalabear import P

elements = st.integers(0, P - 1)


def test_modulus_is_the_published_prime() -> None:
    assert P == 0x7F000001
    assert all(pow(koalabear.GENERATOR, (P - 1) // factor, P) != 1 for factor in (2, 127))
    assert P - 1 == 127 << koalabear.TWO_ADICITY


def test_roots_of_unity_have_their_order_and_square_to_the_next() -> None:
    assert koalabear.root_of_unity(24) == 0x6AC49F88
    assert koalabear.root_of_unity(1) == P - 1
    assert koalabear.root_of_unity(0) == 1
    for log_order in range(1, 25):
        assert pow(koalabear.root_of_unity(log_order), 2, P) == koalabear.root_of_unity(log_order - 1)


@pytest.mark.parametrize("log_order", [-1, 25])
def test_root_of_an_order_that_is_not_there_is_refused(log_order: int) -> None:
    with pytest.raises(ValueError, match=r"2\^0 to 2\^24"):
        koalabear.root_of_unity(log_order)


def test_lifting_maps_one_coset_to_the_other() -> None:
    assert koalabear.coset_shift(22) == 3
    for log_height in range(22):
        assert koalabear.coset_shift(log_height) == pow(koalabear.coset_shift(log_height + 1), 2, P)
        assert pow(koalabear.coset_shift(log_height), 1 << (log_height + 1), P) != 1
    with pytest.raises(ValueError, match=r"not 2\^23"):
        koalabear.coset_shift(23)


@given(elements.filter(bool))
def test_inverse(value: int) -> None:
    assert value * koalabear.inverse(value) % P == 1


def test_zero_has_no_inverse() -> None:
    with pytest.raises(ZeroDivisionError):
        koalabear.inverse(P)


@given(st.lists(elements, max_size=20))
def test_montgomery_form_goes_both_ways(values: list[int]) -> None:
    montgomery = koalabear.to_montgomery(values)
    assert montgomery.dtype == np.uint32
    assert montgomery.tolist() == [value * 2**32 % P for value in values]
    assert koalabear.from_montgomery(montgomery).tolist() == values


@given(st.lists(elements, min_size=1, max_size=20))
def test_array_inverse_is_the_scalar_one(values: list[int]) -> None:
    result = koalabear.inverse_array(np.array(values, np.uint64)).tolist()
    assert result == [koalabear.inverse(value) if value else 0 for value in values]


def test_bit_reversal() -> None:
    assert koalabear.bit_reversal(0).tolist() == [0]
    assert koalabear.bit_reversal(3).tolist() == [0, 4, 2, 6, 1, 5, 3, 7]
    assert [koalabear.bit_reverse(i, 5) for i in range(32)] == koalabear.bit_reversal(5).tolist()
