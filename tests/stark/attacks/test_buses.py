"""Messages that are confused, repeated, unasked or wrapped, and sums that move."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from unittest.mock import patch

import numpy as np
import pytest

from tests.stark.attacks.kinds import (
    BIT,
    COIN,
    UntiedAir,
    coin_kind,
    crossing_kind,
    disagreeing_kind,
    far_kind,
    fixed_of,
    square_fixed,
    square_kind,
)
from tests.stark.attacks.weak import refused
from tests.stark.forge import Forger, fraction
from tests.stark.toy import BACKEND, JOB, LOG_SIZE, OUTSIDE, PROGRAM, toy_fixed, toy_kind, toy_traces
from zisk.field import quintic
from zisk.field.koalabear import P, to_montgomery
from zisk.field.quintic import ONE, ZERO, Element
from zisk.stark import kind as kind_module
from zisk.stark.air import Bus
from zisk.stark.commitment import FixedTables, fix_tables
from zisk.stark.errors import AirError, Rejection
from zisk.stark.expression import Scope
from zisk.stark.kind import WEIGHT_LIMIT, Kind
from zisk.stark.proof import SegmentProof, encode
from zisk.stark.verify import VerifiedSegment, verify_segment


def accepted(fixed: FixedTables, proof: SegmentProof) -> VerifiedSegment:
    return verify_segment(encode(proof), fixed.key, PROGRAM, JOB)


def column(*values: int) -> np.ndarray:
    """A trace of one column."""
    return np.array([[value % P for value in values]], dtype=np.uint64)


# One message, two readings.

ONE_ELEMENT = Bus("ONE", 11, 1)
OTHER = Bus("OTHER", 12, 1)
TWO_READINGS = [
    pytest.param(OTHER, dataclasses.replace(OTHER, number=11), id="two buses"),
    pytest.param(Bus("LONG", 12, 2), Bus("LONG", 11, 2), id="two lengths"),
]


@pytest.mark.parametrize(("apart", "alike"), TWO_READINGS)
def test_a_message_is_not_taken_from_another_bus(apart: Bus, alike: Bus) -> None:
    """With one id for both buses the same proof passes: (5) and (5, 0) have one fingerprint."""
    fixed = fixed_of(crossing_kind(ONE_ELEMENT, apart))
    refused(Forger(fixed, [column(5), column(5)], ()).prove(), fixed.key, Rejection.BUS)
    with patch.object(Kind, "_check_buses", lambda _: None):
        fixed = fixed_of(crossing_kind(ONE_ELEMENT, alike))
    accepted(fixed, Forger(fixed, [column(5), column(5)], ()).prove())


@pytest.mark.parametrize(
    "alike",
    [
        Bus("OTHER", 11, 1),
        Bus("ONE", 11, 2),
        Bus("ONE", 11, 1, Scope.GLOBAL),
    ],
    ids=["another name", "another length", "another scope"],
)
def test_a_kind_with_one_id_for_two_buses_is_refused(alike: Bus) -> None:
    with pytest.raises(AirError, match="used twice"):
        crossing_kind(ONE_ELEMENT, alike)


def test_the_id_zero_is_refused() -> None:
    with pytest.raises(AirError, match="zero"):
        crossing_kind(Bus("NONE", 0, 1), OTHER)


@pytest.mark.parametrize("length", [1, 3])
def test_a_message_of_another_length_is_refused(length: int) -> None:
    shorter = dataclasses.replace(BIT, length=length)
    with pytest.raises(AirError, match="length 2"):
        disagreeing_kind(shorter)


# Multiplicities.


@pytest.mark.parametrize("claims", [2, -1])
def test_a_token_with_another_multiplicity_than_0_or_1_is_refused(claims: int) -> None:
    """A coin spent twice, and one taken back: without the boolean constraint both pass."""
    fixed = fixed_of(coin_kind(claims))
    refused(Forger(fixed, [column(claims)], ()).prove(), fixed.key, Rejection.CONSTRAINTS)
    for honest in (0, 1):
        refused(Forger(fixed, [column(honest)], ()).prove(), fixed.key, Rejection.BUS)
    careless = fixed_of(coin_kind(claims, boolean=False))
    accepted(careless, Forger(careless, [column(claims)], ()).prove())


def test_a_coin_spent_once_is_accepted() -> None:
    fixed = fixed_of(coin_kind(1))
    accepted(fixed, Forger(fixed, [column(1)], ()).prove())


FALSE_SQUARE = (3, 10)


def claim(asks: int) -> list[np.ndarray]:
    """A claim that is no square, asked for or not, and a table that is never asked."""
    return [np.array([[3], [10], [asks]], dtype=np.uint64), column(0, 0, 0, 0)]


def test_a_live_row_that_asks_nothing_is_refused() -> None:
    fixed = square_fixed(square_kind())
    refused(Forger(fixed, claim(asks=0), FALSE_SQUARE).prove(), fixed.key, Rejection.CONSTRAINTS)
    refused(Forger(fixed, claim(asks=1), FALSE_SQUARE).prove(), fixed.key, Rejection.BUS)
    careless = square_fixed(square_kind(tied=False))
    accepted(careless, Forger(careless, claim(asks=0), FALSE_SQUARE).prove())


# As many copies as the characteristic.


def balance(characteristic: int, copies: int, message: int, alpha: int) -> int:
    """`copies` of 1 / (alpha + message) in a prime field."""
    return copies * pow(alpha + message, -1, characteristic) % characteristic


def test_p_copies_of_a_message_vanish_in_a_small_field() -> None:
    """Whatever alpha is drawn: no challenge helps against this, only a bound on the number of fractions."""
    alphas = range(1, 17 - 5)
    assert {balance(17, 17, 5, alpha) for alpha in alphas} == {0}
    assert 0 not in {balance(17, copies, 5, alpha) for alpha in alphas for copies in range(1, 17)}
    assert 17 * Fraction(1, 5 + 1) != 0


def test_a_kind_whose_bus_could_carry_p_fractions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set-up counts maximal heights: in a field of 512 elements two messages on 2^8 rows are too many."""
    busiest = 2 << LOG_SIZE
    monkeypatch.setattr(kind_module, "P", busiest + 1)
    toy_kind()
    monkeypatch.setattr(kind_module, "P", busiest)
    with pytest.raises(AirError, match=f"bus STEP may carry {busiest} fractions"):
        toy_kind()


def test_the_weight_counts_padded_rows_of_each_tables_busier_direction() -> None:
    assert toy_kind().weight((4, 8, 5)) == 16
    assert far_kind().weight((LOG_SIZE,)) == 256
    assert disagreeing_kind(dataclasses.replace(BIT, scope=Scope.GLOBAL)).weight((3, 1)) == 20


def test_two_weights_below_the_limit_cannot_wrap_p() -> None:
    assert 2 * (WEIGHT_LIMIT - 1) < P < 4 * WEIGHT_LIMIT


# Sums that move.


class Moved(Forger):
    """Exposes a sum that is larger by `amount` in one table and smaller by it in a second one."""

    amount: Element = ZERO
    tables: Sequence[int] = (0,)

    def commit_stage2(self) -> None:
        """Commit to the true columns and change the sums."""
        super().commit_stage2()
        for table, sign in zip(self.tables, (1, -1), strict=False):
            ((scope, value),) = self.sums[table].items()
            self.sums[table] = {scope: quintic.add(value, quintic.scale(self.amount, sign))}


@pytest.mark.parametrize("value", [100, 200])
def test_a_global_sum_moved_between_two_segments_is_refused(value: int) -> None:
    """One segment says 200 where its value is 100, the other one the reverse: their total is the same."""
    own, other = (fraction(JOB.bus, OUTSIDE.number, (one,)) for one in (value, 300 - value))
    fixed, careless = fixed_of(far_kind()), fixed_of(far_kind(UntiedAir))
    forgers = [Moved(one, [column(value)], (value,)) for one in (fixed, careless)]
    for forger in forgers:
        forger.amount = quintic.sub(other, own)
    refused(forgers[0].prove(), fixed.key, Rejection.CONSTRAINTS)
    assert accepted(careless, forgers[1].prove()).global_sum == other
    honest = Forger(fixed, [column(value)], (value,)).prove()
    assert accepted(fixed, honest).global_sum == own


def test_a_local_sum_moved_between_two_tables_is_refused() -> None:
    """Their total, which is all that the verifier adds up, stays zero."""
    fixed = toy_fixed(toy_kind(), fixed_of(far_kind()).key.parameters)
    forger = Moved(fixed, *toy_traces(20, 4, 100))
    forger.amount, forger.tables = ONE, (1, 2)
    refused(forger.prove(), fixed.key, Rejection.CONSTRAINTS)


def test_a_coin_of_another_bus_is_no_coin() -> None:
    """The verifier's own terms are fingerprinted with their bus as well."""
    fixed = fixed_of(coin_kind(1))
    other = dataclasses.replace(COIN, number=COIN.number + 1)
    with patch("tests.stark.attacks.kinds.COIN", other):
        moved = fixed_of(coin_kind(1))
    kind = dataclasses.replace(fixed.key.kind, tables=moved.key.kind.tables)
    crossed = fixed_of(kind)
    refused(Forger(crossed, [column(1)], ()).prove(), crossed.key, Rejection.BUS)


# A lookup table other than set-up's.


def test_a_lookup_table_other_than_set_ups_is_refused() -> None:
    """The prover commits to a table with a false row; its cap is the only thing that is not the key's."""
    fixed = square_fixed(square_kind())
    values = fixed.values[1].copy()
    values[1, 3] = to_montgomery(np.array([10], dtype=np.uint64))[0]
    false = fix_tables(fixed.key.kind, fixed.key.parameters, [None, values], BACKEND)
    traces = claim(asks=1)
    traces[1][0, 3] = 1
    proof = Forger(dataclasses.replace(false, key=fixed.key), traces, FALSE_SQUARE).prove()
    refused(proof, fixed.key, Rejection.OPENING)
    careless = dataclasses.replace(fixed.key, cap=false.key.cap)
    careless.__dict__["digest"] = fixed.key.digest
    verify_segment(encode(proof), careless, PROGRAM, JOB)
