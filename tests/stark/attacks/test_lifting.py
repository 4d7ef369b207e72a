"""Commitments that are not lifted, claimed heights, powers that restart, and the rules of the frontend."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from unittest.mock import patch

import numpy as np
import pytest

from tests.stark.attacks.kinds import (
    BIT,
    FAR_BIT,
    PLAIN,
    CyclicAir,
    UnstartedAir,
    disagreeing_kind,
    fixed_of,
    twin_kind,
)
from tests.stark.attacks.weak import accepted_by_weak, constraint_gap, refused
from tests.stark.forge import Forger, elements
from tests.stark.toy import BACKEND, JOB, LOG_SIZE, PROGRAM, toy_fixed, toy_kind, toy_traces
from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, inverse, to_montgomery
from zisk.field.quintic import DEGREE, ONE, ZERO, Element
from zisk.stark import verify
from zisk.stark.air import Air, Builder, Bus, build_air
from zisk.stark.batching import BatchingOrder, batching_order
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import AirError, Rejection, VerificationError
from zisk.stark.expression import Scope
from zisk.stark.key import VerifyingKey
from zisk.stark.kind import Kind
from zisk.stark.logup import LogupTable, logup_columns
from zisk.stark.proof import SegmentProof, encode
from zisk.stark.verify import check_segment, verify_segment

FIXED = toy_fixed(toy_kind(), PLAIN)
KEY = FIXED.key
LADDER, WALK, SQUARES = range(3)


# A trace of unequal blocks.

HALF_AND_HALF = [
    np.array([[0, 0, 1, 1], [1, 1, 0, 0]], dtype=np.uint64),
    np.array([[0, 0, 1, 1], [0, 0, 1, 1]], dtype=np.uint64),
]
"""Height 2 is claimed and two blocks are committed: bits (0, 1) then (1, 0), against (0, 0) then (1, 1).

Over both blocks every message is sent twice and taken twice; in each block alone they disagree.
"""


class SharedSum(Forger):
    """Fills a running sum that all blocks share: S is the mean of their sums."""

    drift: Callable[[np.ndarray], np.ndarray]
    """By row: how often S / 2 was taken off before it."""

    def stage2_columns(self, table: int) -> tuple[np.ndarray, dict[Scope, Element]]:
        """The usual running sum over all blocks, less what the constraint takes off."""
        air, trace = self.kind.airs[table], self.traces[table]
        empty = np.zeros((0, trace.shape[1]), dtype=np.uint32)
        (found,) = logup_columns([LogupTable(air, empty, trace, ())], self.buses, BACKEND)
        matrix, sums = found.columns, found.sums
        (scope,) = air.scopes
        half = np.array(quintic.scale(sums[scope], inverse(4)), dtype=np.uint64).reshape(DEGREE, 1)
        taken = half * type(self).drift(np.arange(trace.shape[1], dtype=np.uint64)) % np.uint64(P)
        phi = (from_montgomery(matrix).astype(np.uint64) + np.uint64(P) - taken) % np.uint64(P)
        return to_montgomery(phi), {scope: quintic.scale(sums[scope], inverse(2))}


class Cyclic(SharedSum):
    """For `CyclicAir`: half of S on each row."""

    drift = staticmethod(lambda row: row)


class Unstarted(SharedSum):
    """For `UnstartedAir`: all of S after each block."""

    drift = staticmethod(lambda row: row // 2 * 2)


FORMS = pytest.mark.parametrize(("forger", "form"), [(Cyclic, CyclicAir), (Unstarted, UnstartedAir)])
BUSES = pytest.mark.parametrize("bus", [BIT, FAR_BIT], ids=["local", "global"])


@BUSES
@FORMS
def test_two_halves_of_a_contradiction_pass_where_blocks_share_a_sum(
    bus: Bus, forger: type[Forger], form: type[Air]
) -> None:
    """Every message weighs one half, and bits are swapped between the halves."""
    fixed = fixed_of(disagreeing_kind(bus, form))
    forged = forger(fixed, HALF_AND_HALF, (), log_heights=(1, 1)).prove()
    assert verify_segment(encode(forged), fixed.key, PROGRAM, JOB).global_sum == ZERO


@BUSES
@pytest.mark.parametrize("forger", [Forger, Cyclic, Unstarted])
def test_they_do_not_pass_a_sum_that_starts_and_ends_by_selector(bus: Bus, forger: type[Forger]) -> None:
    fixed = fixed_of(disagreeing_kind(bus))
    proof = forger(fixed, HALF_AND_HALF, (), log_heights=(1, 1)).prove()
    refused(proof, fixed.key, Rejection.BUS, Rejection.CONSTRAINTS)


def test_blocks_that_hold_alone_and_add_up_alike_pass_and_show_nothing_false() -> None:
    """Soundness extracts the first block of each table; here the second walks in another order."""
    traces, publics = toy_traces(4, 4, 100)
    traces[WALK] = np.concatenate([traces[WALK], traces[WALK][:, [2, 0, 3, 1]]], axis=1)
    proof = Forger(FIXED, traces, publics, log_heights=(2, 2, 5)).prove()
    assert verify_segment(encode(proof), KEY, PROGRAM, JOB).log_heights == (2, 2, 5)


def test_a_second_block_that_adds_up_otherwise_is_refused() -> None:
    traces, publics = toy_traces(4, 4, 100)
    second = traces[WALK].copy()
    second[0, 3] = 0
    traces[WALK] = np.concatenate([traces[WALK], second], axis=1)
    proof = Forger(FIXED, traces, publics, log_heights=(2, 2, 5)).prove()
    refused(proof, KEY, Rejection.CONSTRAINTS)


@pytest.mark.parametrize("block", [0, 1])
def test_a_constraint_that_one_block_breaks_is_refused(block: int) -> None:
    traces, publics = toy_traces(4, 4, 100)
    traces[LADDER] = np.concatenate([traces[LADDER], traces[LADDER]], axis=1)
    traces[LADDER][0, 4 * block] += 1
    proof = Forger(FIXED, traces, publics, log_heights=(2, 2, 5)).prove()
    refused(proof, KEY, Rejection.CONSTRAINTS)


# Claimed heights.


@pytest.mark.parametrize("table", [LADDER, WALK])
@pytest.mark.parametrize("change", [-2, -1, 1, 2])
def test_a_height_claimed_smaller_or_larger_is_refused(table: int, change: int) -> None:
    """Larger: the trace as it is lifted, each row twice. Smaller: its halves as blocks."""
    traces, publics = toy_traces(20, 4, 100)
    heights = [2, 5, 5]
    heights[table] += change
    if change > 0:
        traces[table] = np.tile(traces[table], (1, 1 << change))
    proof = Forger(FIXED, traces, publics, log_heights=heights).prove()
    refused(proof, KEY, Rejection.BUS, Rejection.CONSTRAINTS)


def anything_goes(_: VerifyingKey, heights: tuple[int, ...]) -> bool:
    return True


def test_a_height_beyond_the_maximum_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = Forger(FIXED, *toy_traces(20, 32, 100)).prove()
    refused(proof, KEY, Rejection.SHAPE)
    monkeypatch.setattr(VerifyingKey, "heights_allowed", anything_goes)
    verify_segment(encode(proof), KEY, PROGRAM, JOB)


def test_a_claimed_height_of_a_preprocessed_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice its rows: the preprocessed columns repeat, so the extra rows may count as well."""
    traces, publics = toy_traces(20, 4, 100)
    traces[SQUARES] = np.concatenate([np.zeros_like(traces[SQUARES]), traces[SQUARES]], axis=1)
    proof = Forger(FIXED, traces, publics).prove()
    refused(proof, KEY, Rejection.SHAPE)
    monkeypatch.setattr(VerifyingKey, "heights_allowed", anything_goes)
    verify_segment(encode(proof), KEY, PROGRAM, JOB)


@pytest.mark.parametrize("height", [4, 6])
def test_a_preprocessed_height_other_than_the_digests_is_refused(
    height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key with another height has another digest, so that what is proved under it is refused."""
    traces, publics = toy_traces(16, 4, 100)
    if height == 6:
        traces[SQUARES] = np.concatenate([traces[SQUARES], np.zeros_like(traces[SQUARES])], axis=1)
    else:
        traces[SQUARES] = traces[SQUARES][:, :16]
    other = dataclasses.replace(KEY, fixed_log_heights=(-1, -1, height))
    assert other.digest != KEY.digest
    proof = Forger(dataclasses.replace(FIXED, key=other), traces, publics).prove()
    refused(proof, KEY, Rejection.SHAPE)
    monkeypatch.setattr(VerifyingKey, "heights_allowed", anything_goes)
    refused(proof, KEY, Rejection.BUS, Rejection.CONSTRAINTS)


@pytest.mark.parametrize("heights", [(-1, 5, 5), (2, 5, LOG_SIZE + 1), (2, 5), (2, 5, 5, 0), ()])
def test_heights_that_are_none_are_refused(heights: tuple[int, ...]) -> None:
    proof = Forger(FIXED, *toy_traces(20, 4, 100)).prove()
    with pytest.raises(VerificationError) as caught:
        check_segment(dataclasses.replace(proof, log_heights=heights), KEY, PROGRAM, JOB)
    assert caught.value.reason is Rejection.SHAPE


# Tables of height 1.


def test_a_table_of_height_1_starts_and_ends_on_its_row() -> None:
    traces, publics = toy_traces(1, 1, 100)
    verify_segment(encode(Forger(FIXED, traces, publics).prove()), KEY, PROGRAM, JOB)
    for place in (0, 1):
        false = list(publics)
        false[place] += 1
        refused(Forger(FIXED, traces, false).prove(), KEY, Rejection.CONSTRAINTS)


@pytest.mark.parametrize(("chosen", "scope"), [(LADDER, Scope.GLOBAL), (WALK, Scope.LOCAL)])
def test_a_table_of_height_1_exposes_no_other_sum(chosen: int, scope: Scope) -> None:
    """The row after its only row is that row: phi' - phi is zero, and what is left is S."""

    class Shifted(Forger):
        def stage2_columns(self, table: int) -> tuple[np.ndarray, dict[Scope, Element]]:
            matrix, sums = super().stage2_columns(table)
            return matrix, {scope: quintic.add(sums[scope], ONE)} if table == chosen else sums

    proof = Shifted(FIXED, *toy_traces(1, 1, 100)).prove()
    refused(proof, KEY, Rejection.BUS, Rejection.CONSTRAINTS)


# Powers that restart.


class RestartingForger(Forger):
    """Combines the constraints of each table with powers of beta from 0 on."""

    def first_power(self, table: int) -> int:
        """Zero for every table."""
        return 0


def restarting(
    proof: SegmentProof, kind: Kind, buses: dict[Scope, BusChallenge], fold: Element, zeta: Element
) -> None:
    """The verifier's check with beta restarted in each table."""
    if constraint_gap(proof, kind, buses, fold, zeta, restart=True) != ZERO:
        raise VerificationError(Rejection.CONSTRAINTS, "with restarted powers")


def test_restarted_powers_of_beta_let_errors_of_two_tables_cancel() -> None:
    """One table starts one too high and the other one too low: on every row their sum is zero."""
    fixed = fixed_of(twin_kind())
    rising = np.arange(11, 15, dtype=np.uint64)[None]
    falling = np.arange(29, 25, -1).astype(np.uint64)[None]
    publics = (10, 14, 30)
    forged = RestartingForger(fixed, [rising, falling], publics).prove()
    refused(forged, fixed.key, Rejection.CONSTRAINTS)
    found = accepted_by_weak(forged, fixed.key, _check_constraints=restarting)
    assert tuple(found.publics.values()) == publics
    refused(Forger(fixed, [rising, falling], publics).prove(), fixed.key, Rejection.CONSTRAINTS)


def test_the_verifier_takes_one_sequence_of_powers_of_beta() -> None:
    proof = RestartingForger(FIXED, *toy_traces(20, 4, 100)).prove()
    refused(proof, KEY, Rejection.CONSTRAINTS)
    accepted_by_weak(proof, KEY, _check_constraints=restarting)


class UnscaledForger(Forger):
    """Adds the sums of both opening points without a power of gamma between them."""

    def combine(self) -> None:
        """A + B from A + g B, and A alone from an order in which nothing is opened at the next row."""
        super().combine()
        both, following = self.codeword, self.following
        self.order, self.following = BatchingOrder(self.order.places, ()), ()
        super().combine()
        self.order, self.following = batching_order(self.kind), following
        power = quintic.power(self.gamma, len(self.order.places))
        words = zip(elements(from_montgomery(both)), elements(from_montgomery(self.codeword)), strict=True)
        unscaled = [without_factor(sum_of_both, first, power) for sum_of_both, first in words]
        self.codeword = to_montgomery(np.array(unscaled, dtype=np.uint64))


def without_factor(both: Element, first: Element, power: Element) -> Element:
    """A + B from A + g B, A and g."""
    return quintic.add(first, quintic.mul(quintic.sub(both, first), quintic.inverse(power)))


def unscaled_values(
    proof: SegmentProof, key: VerifyingKey, zeta: Element, gamma: Element, leaves: Sequence[int]
) -> np.ndarray:
    """What the verifier computes from opened rows, with the second point unscaled: uint64[5, k]."""
    order = batching_order(key.kind)
    both = QUERIED_VALUES(proof, key, zeta, gamma, leaves)
    with patch.object(verify, "batching_order", lambda _: BatchingOrder(order.places, ())):
        first = QUERIED_VALUES(dataclasses.replace(proof, following=()), key, zeta, gamma, leaves)
    power = quintic.power(gamma, len(order.places))
    words = zip(elements(both.T), elements(first.T), strict=True)
    return np.array([without_factor(*word, power) for word in words], dtype=np.uint64).T


QUERIED_VALUES = verify._queried_values


def test_the_second_opening_point_has_powers_of_its_own() -> None:
    """A verifier that forgets the power accepts a prover who does: both of a true statement.

    No forgery is known against that verifier, but the batching argument needs one sequence of powers.
    """
    proof = UnscaledForger(FIXED, *toy_traces(20, 4, 100)).prove()
    refused(proof, KEY, Rejection.DEGREE)
    accepted_by_weak(proof, KEY, _queried_values=unscaled_values)


# Rules of the frontend.


def test_a_next_row_constraint_without_its_factor_is_refused() -> None:
    def define(b: Builder) -> None:
        value = b.column("value")
        b.zero("rises", value.next - value - 1)

    with pytest.raises(AirError, match="zero_on_transition"):
        build_air("ladder", define)


def test_a_gate_of_one_minus_last_is_refused() -> None:
    """It has degree 1, and a next-row constraint carries the transition factor only."""

    def define(b: Builder) -> None:
        value = b.column("value")
        b.zero("rises", (1 - b.last) * (value.next - value - 1))

    with pytest.raises(AirError, match="zero_on_transition"):
        build_air("ladder", define)


def test_a_gate_of_one_minus_last_counts_towards_the_degree() -> None:
    def define(b: Builder) -> None:
        value = b.column("value")
        b.zero("cube", (1 - b.last) * (value * value * value))

    with pytest.raises(AirError, match="degree 4"):
        build_air("ladder", define)


def test_a_message_or_multiplicity_that_reads_the_next_row_is_refused() -> None:
    for place in (0, 1):

        def define(b: Builder, place: int = place) -> None:
            value = b.column("value")
            b.send(BIT, [0, value.next if place else value], 1 if place else value.next)

        with pytest.raises(AirError, match="reads the next row"):
            build_air("ladder", define)
