"""The two security levels and the shape of FRI."""

from dataclasses import FrozenInstanceError, replace

import pytest

from zisk.choices import SECURITY_LEVELS
from zisk.errors import ZiskError
from zisk.stark.parameters import (
    _LEVELS,
    CircuitRole,
    SecurityParameters,
    UnknownSecurityLevelError,
    circuit_parameters,
    parameters_for,
)


def test_level_128_has_these_parameters() -> None:
    assert parameters_for(128) == SecurityParameters(
        level=128,
        queries=261,
        query_grinding_bits=20,
        global_grinding_bits=8,
        local_grinding_bits=9,
        constraint_grinding_bits=0,
        deep_grinding_bits=0,
        batching_grinding_bits=7,
        fold_grinding_bits=(),
        log_blowup=1,
        log_folding_arity=3,
        smallest_final_bits=4,
        cap_log=7,
        multiplicity=None,
    )


def test_there_are_parameters_for_every_level_that_can_be_chosen() -> None:
    assert [parameters_for(level).level for level in SECURITY_LEVELS] == [100, 128]
    assert sorted(_LEVELS) == list(SECURITY_LEVELS)


def test_level_100_needs_no_grinding_but_before_queries() -> None:
    assert parameters_for(100) == SecurityParameters(level=100, queries=193, query_grinding_bits=20)


@pytest.mark.parametrize("level", [0, 1, -128, 64, 96, 99, 101, 127, 129, 256])
def test_no_other_level_can_be_named(level: int) -> None:
    with pytest.raises(UnknownSecurityLevelError) as caught:
        parameters_for(level)
    assert str(caught.value) == f"security level {level} does not exist: choose 100 or 128"
    assert caught.value.level == level
    assert isinstance(caught.value, ZiskError)
    with pytest.raises(UnknownSecurityLevelError):
        circuit_parameters(level, CircuitRole.INNER)


@pytest.mark.parametrize(("level", "queries"), [(128, 261), (100, 193)])
def test_inner_circuits_have_the_nonce_of_the_queries_alone(level: int, queries: int) -> None:
    """A node verifies two of them and has rows of bits for no other."""
    assert circuit_parameters(level, CircuitRole.INNER) == SecurityParameters(level=level, queries=queries)


@pytest.mark.parametrize(
    ("log_size", "rounds", "final_degree_bits"),
    [(4, 0, 4), (6, 0, 6), (7, 1, 4), (16, 4, 4), (17, 4, 5), (18, 4, 6), (19, 5, 4), (20, 5, 5), (22, 6, 4)],
)
def test_fri_stops_at_degree_2_to_the_4_5_or_6(log_size: int, rounds: int, final_degree_bits: int) -> None:
    parameters = parameters_for(128)
    assert parameters.fri_rounds(log_size) == rounds
    assert parameters.final_degree_bits(log_size) == final_degree_bits


def test_fri_refuses_a_size_below_the_final_polynomial() -> None:
    with pytest.raises(ValueError, match="log_size 3 is too small for FRI: take at least 4"):
        parameters_for(128).fri_rounds(3)


def test_fold_grinding_is_zero_beyond_the_listed_folds() -> None:
    parameters = SecurityParameters(level=128, queries=61, fold_grinding_bits=(8, 5, 2))
    assert [parameters.fold_grinding(fold) for fold in range(5)] == [8, 5, 2, 0, 0]


@pytest.mark.parametrize(
    "field",
    [
        "query_grinding_bits",
        "global_grinding_bits",
        "local_grinding_bits",
        "constraint_grinding_bits",
        "deep_grinding_bits",
        "batching_grinding_bits",
    ],
)
@pytest.mark.parametrize("bits", [-1, 25])
def test_grinding_stays_within_24_bits(field: str, bits: int) -> None:
    with pytest.raises(ValueError, match="grinding bits must be 0 to 24"):
        replace(parameters_for(128), **{field: bits})


def test_fold_grinding_stays_within_24_bits() -> None:
    with pytest.raises(ValueError, match="grinding bits must be 0 to 24"):
        SecurityParameters(level=128, queries=61, fold_grinding_bits=(8, 25))


@pytest.mark.parametrize("values", [{"cap_log": -1}, {"smallest_final_bits": -1}])
def test_caps_and_final_polynomials_are_not_empty(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a final polynomial and a cap have one element at least"):
        replace(parameters_for(128), **values)


@pytest.mark.parametrize("values", [{"queries": 0}, {"log_blowup": 0}, {"log_folding_arity": 0}])
def test_counts_that_make_no_proof_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="queries, blowup and arity must be positive"):
        replace(parameters_for(128), **values)


def test_parameters_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        parameters_for(128).queries = 1  # pyright: ignore[reportAttributeAccessIssue]
