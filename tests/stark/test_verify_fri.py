"""The verifier's FRI accepts an honest codeword, and refuses it with any single thing changed, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stark.toy import BACKEND, WEAK
from zisk.field import quintic
from zisk.field.koalabear import P, coset_shift, root_of_unity, to_montgomery
from zisk.field.quintic import DEGREE, Element
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.fri import FoldedLayer, commit_layer, fold_codeword
from zisk.stark.key import Digest
from zisk.stark.proof import TreeOpening
from zisk.stark.verify_fri import check_folds, fold_leaves, points_of_leaves

LOG_SIZE = 10
PARAMETERS = replace(WEAK, cap_log=2)
"""Small caps, so that the paths below them are longer."""
LOG_LENGTH = LOG_SIZE + PARAMETERS.log_blowup
ARITY = 1 << PARAMETERS.log_folding_arity
CHALLENGES: tuple[Element, ...] = ((3, 1, 4, 1, 5), (9, 2, 6, 5, 3))
POLYNOMIAL = np.random.default_rng(7).integers(0, P, (DEGREE, 1 << LOG_SIZE), dtype=np.uint64)
"""Coefficients in K, lowest first."""


def points(shift: int, log_length: int) -> list[int]:
    """The points of a domain in the order of leaves, one by one."""
    root, digits = root_of_unity(log_length), f"0{log_length}b"
    return [
        shift * pow(root, int(format(leaf, digits)[::-1], 2), P) % P if log_length else shift
        for leaf in range(1 << log_length)
    ]


def evaluated(coefficients: np.ndarray, at: list[int]) -> np.ndarray:
    """Values at elements of F of a polynomial over K: uint64[5, k]."""
    found, places = np.zeros((DEGREE, len(at)), np.uint64), np.array(at, np.uint64)
    for coefficient in coefficients.T[::-1]:
        found = (found * places + coefficient[:, None]) % np.uint64(P)
    return found


def folded(coefficients: np.ndarray, challenge: Element) -> np.ndarray:
    """The polynomial of the next round: coefficients 8 i to 8 i + 7 combined by powers of the challenge."""
    columns = [quintic.element(int(one) for one in column) for column in coefficients.T]
    combined = []
    for start in range(0, len(columns), ARITY):
        total = quintic.ZERO
        for column in reversed(columns[start : start + ARITY]):
            total = quintic.add(quintic.mul(total, challenge), column)
        combined.append(total)
    return np.array(combined, np.uint64).T


CODEWORD = evaluated(POLYNOMIAL, points(coset_shift(LOG_SIZE), LOG_LENGTH))


QUERIED = (0, 1, 7, 8, 100, 1000, 1023, 1024, 2040, 2047)


@dataclass(frozen=True)
class Claim:
    """What is checked: arguments of `check_folds`, at the queried leaves."""

    leaves: Sequence[int]
    values: np.ndarray
    caps: Sequence[Sequence[Digest]]
    layers: Sequence[TreeOpening]
    final: Sequence[Element]
    challenges: Sequence[Element] = CHALLENGES

    def check(self) -> None:
        check_folds(
            self.leaves,
            self.values,
            self.caps,
            self.layers,
            self.challenges,
            self.final,
            LOG_SIZE,
            PARAMETERS,
        )


class FixedChallenges:
    """A transcript that gives the challenges of folds, whatever is committed to."""

    def fold_challenge(self, fold: int, cap: object) -> Element:
        return CHALLENGES[fold]


@cache
def proved() -> tuple[list[FoldedLayer], tuple[Element, ...]]:
    """The prover's layers and final polynomial."""
    codeword = BACKEND.upload(np.ascontiguousarray(to_montgomery(CODEWORD.T)))
    transcript: Any = FixedChallenges()
    return fold_codeword(codeword, LOG_SIZE, PARAMETERS, transcript, BACKEND)


def claim(leaves: Sequence[int] = QUERIED) -> Claim:
    """The honest claim at distinct, ascending leaves."""
    layers, final = proved()
    opened, groups = [], list(leaves)
    for layer in layers:
        groups = sorted({leaf // ARITY for leaf in groups})
        opened.append(layer.open(groups))
    return Claim(leaves, CODEWORD[:, list(leaves)], [layer.cap for layer in layers], opened, final)


@settings(max_examples=30)
@given(st.sets(st.integers(0, (1 << LOG_LENGTH) - 1), min_size=1, max_size=40))
def test_an_honest_codeword_is_accepted_at_any_leaves(leaves: set[int]) -> None:
    claim(sorted(leaves)).check()


def test_the_final_polynomial_is_that_of_the_folds() -> None:
    """Folding the codeword is combining coefficients: what is claimed is claimed of the polynomial."""
    _, final = proved()
    expected = folded(folded(POLYNOMIAL, CHALLENGES[0]), CHALLENGES[1])
    assert np.array(final).T.tolist() == expected.tolist()


def bumped(array: np.ndarray, *place: int) -> np.ndarray:
    """An array with one element changed."""
    changed = array.copy()
    changed[place] = (int(changed[place]) + 1) % P
    return changed


def with_layer(
    one: Claim, number: int, rows: np.ndarray | None = None, siblings: np.ndarray | None = None
) -> Claim:
    """A claim with other rows or siblings in a layer."""
    layer = one.layers[number]
    layers = list(one.layers)
    layers[number] = TreeOpening(
        layer.rows if rows is None else rows, layer.siblings if siblings is None else siblings
    )
    return replace(one, layers=layers)


def refusal(changed: Claim) -> tuple[Rejection, str]:
    """The reason and the text with which a claim is refused."""
    with pytest.raises(VerificationError) as refused:
        changed.check()
    return refused.value.reason, refused.value.detail


def disagrees(fold: int) -> tuple[Rejection, str]:
    return Rejection.DEGREE, f"fold {fold}: a codeword disagrees with the layer before it"


def other_leaves(fold: int) -> tuple[Rejection, str]:
    return Rejection.OPENING, f"fold {fold}: opened leaves do not hash to the cap"


LAST = Rejection.DEGREE, "the final polynomial disagrees with the last fold"


@pytest.mark.parametrize("place", range(len(QUERIED)))
@pytest.mark.parametrize("limb", [0, 4])
def test_every_value_of_the_codeword_is_compared(place: int, limb: int) -> None:
    honest = claim()
    assert refusal(replace(honest, values=bumped(honest.values, limb, place))) == disagrees(0)


@pytest.mark.parametrize("fold", [0, 1])
def test_everything_opened_is_bound_by_the_cap(fold: int) -> None:
    """Every cell of a row, every sibling, and of the cap the digests above an opened leaf."""
    honest = claim()
    layer, cap = honest.layers[fold], honest.caps[fold]
    for row, column in np.ndindex(*layer.rows.shape):
        assert refusal(with_layer(honest, fold, bumped(layer.rows, row, column))) == other_leaves(fold)
    for place in range(len(layer.siblings)):
        changed = bumped(layer.siblings, place, place % 9)
        assert refusal(with_layer(honest, fold, siblings=changed)) == other_leaves(fold)
    for place in range(len(cap)):
        digests = [list(digest) for digest in cap]
        digests[place][place % 9] ^= 1
        caps = list(honest.caps)
        caps[fold] = [tuple(digest) for digest in digests]
        assert refusal(replace(honest, caps=caps)) == other_leaves(fold)


@pytest.mark.parametrize("fold", [0, 1])
def test_siblings_and_caps_are_as_many_as_are_needed(fold: int) -> None:
    honest = claim()
    siblings = honest.layers[fold].siblings
    for other in (siblings[:-1], siblings[1:], np.concatenate([siblings, siblings[:1]]), siblings[::-1]):
        assert refusal(with_layer(honest, fold, siblings=other)) == other_leaves(fold)
    caps = list(honest.caps)
    caps[fold] = caps[fold][:-1]
    assert refusal(replace(honest, caps=caps)) == other_leaves(fold)


@pytest.mark.parametrize("fold", [0, 1])
def test_leaves_are_as_many_as_are_queried(fold: int) -> None:
    honest = claim()
    rows = honest.layers[fold].rows
    for other in (rows[:-1], np.concatenate([rows, rows[:1]]), rows[:0]):
        text = f"fold {fold}: {len(other)} leaves opened, {len(rows)} queried"
        assert refusal(with_layer(honest, fold, other)) == (Rejection.OPENING, text)


def test_layers_and_leaves_have_their_places() -> None:
    honest = claim()
    assert refusal(replace(honest, leaves=(0, 1, 6, *QUERIED[3:]))) == disagrees(0)
    assert refusal(replace(honest, leaves=(0, 1, 7, 16, *QUERIED[4:]))) == other_leaves(0)
    assert refusal(replace(honest, caps=honest.caps[::-1])) == other_leaves(0)
    rows = honest.layers[0].rows
    assert refusal(with_layer(honest, 0, rows[::-1])) == other_leaves(0)


def test_the_challenges_are_those_of_the_folds() -> None:
    honest = claim()
    first, second = CHALLENGES
    for limb in range(DEGREE):
        other = (*first[:limb], first[limb] + 1, *first[limb + 1 :])
        assert refusal(replace(honest, challenges=(other, second))) == disagrees(1)
        other = (*second[:limb], second[limb] + 1, *second[limb + 1 :])
        assert refusal(replace(honest, challenges=(first, other))) == LAST


def test_every_coefficient_of_the_final_polynomial_matters() -> None:
    honest = claim()
    coefficients = np.array(honest.final, np.uint64)
    for place, limb in np.ndindex(*coefficients.shape):
        changed = [quintic.element(map(int, one)) for one in bumped(coefficients, place, limb)]
        assert refusal(replace(honest, final=changed)) == LAST
    assert refusal(replace(honest, final=honest.final[:-1])) == LAST
    replace(honest, final=[*honest.final, quintic.ZERO]).check()


def test_a_committed_codeword_that_is_no_fold_is_refused() -> None:
    """The second layer is another codeword, opened honestly under its own cap."""
    honest = claim()
    changed = (folded_codeword() + np.uint64(1)) % np.uint64(P)
    layer = commit_layer(BACKEND.upload(np.ascontiguousarray(to_montgomery(changed.T))), PARAMETERS, BACKEND)
    groups = sorted({leaf // ARITY**2 for leaf in QUERIED})
    layers = [honest.layers[0], layer.open(groups)]
    assert refusal(replace(honest, caps=[honest.caps[0], layer.cap], layers=layers)) == disagrees(1)


def folded_codeword() -> np.ndarray:
    """The codeword of the second layer: uint64[5, n]."""
    shift = pow(coset_shift(LOG_SIZE), ARITY, P)
    return evaluated(folded(POLYNOMIAL, CHALLENGES[0]), points(shift, LOG_LENGTH - 3))


def test_leaves_fold_to_the_values_of_the_folded_polynomial() -> None:
    leaves = np.arange(1 << (LOG_LENGTH - 3))
    rows = CODEWORD.reshape(DEGREE, len(leaves), ARITY)
    found = fold_leaves(leaves, rows, CHALLENGES[0], coset_shift(LOG_SIZE), LOG_LENGTH)
    assert found.tolist() == folded_codeword().tolist()


@pytest.mark.parametrize("log_length", [0, 1, 4, 7])
def test_the_points_of_leaves_are_the_domain_in_the_order_of_leaves(log_length: int) -> None:
    leaves = np.arange(1 << log_length)
    assert points_of_leaves(leaves, 5, log_length).tolist() == points(5, log_length)
    assert sorted(points(5, log_length)) == sorted({5 * root % P for root in roots(log_length)})


def roots(log_length: int) -> list[int]:
    """All roots of unity whose order divides 2^log_length."""
    return [pow(root_of_unity(log_length), power, P) for power in range(1 << log_length)]
