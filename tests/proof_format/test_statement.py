"""Claims of a job, what they can be, and the global challenge that binds all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claims import claims_with
from tests.readable.transcript import Transcript as PlainTranscript
from tests.stark.toy import BACKEND
from zisk.choices import LOG_SIZES, MAXIMAL_UNITS, SECURITY_LEVELS
from zisk.field.koalabear import P
from zisk.field.quintic import Element, element
from zisk.hash.tags import TAG_JOB
from zisk.proof_format import statement
from zisk.proof_format.statement import (
    MAXIMAL_SEGMENTS,
    Claims,
    check_claims,
    derive_challenge,
    read_claims,
    write_claims,
)
from zisk.proof_format.words import Reader, Writer
from zisk.stark.challenges import BusChallenge
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION
from zisk.stark.kind import WEIGHT_LIMIT
from zisk.stark.transcript_order import CheckedWork, JobChallenge, SearchedWork
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.kinds.edges import KIND as EDGES
from zisk.vm.memory_map import HALTED
from zisk.vm.tables.buses import CHAIN, EXIT, OUTPUT, STATE_EDGE

EXIT_CODE = 0x0123_4567_89AB_CDEF
OUTPUTS = tuple(0x0001_0100 * place + 7 for place in range(64))
CLAIMS = Claims(EXIT_CODE, OUTPUTS, (5, 2), (77,))
ITEMS: dict[str, Any] = {
    "program_digest": tuple(range(100, 109)),
    "level": 128,
    "log_size": 20,
    "grinding_bits": 0,
    "keys": tuple(range(200, 209)),
    "claims": CLAIMS,
    "units": 3,
    "root": tuple(range(300, 309)),
    "count": 7,
    "weight": 1000,
}


def derive(**changes: Any) -> JobChallenge:
    """The challenge of fixed items, some of which may be changed."""
    return derive_challenge(**{"work": CheckedWork(()), **ITEMS, **changes})


def refused(reason: Rejection, detail: str, **changes: Any) -> None:
    with pytest.raises(VerificationError) as caught:
        derive(**changes)
    assert (caught.value.reason, caught.value.detail) == (reason, detail)


# Claims.


def test_segments_stand_in_the_order_of_their_kinds() -> None:
    located = [CLAIMS.located(position) for position in range(CLAIMS.segments)]
    assert located == [*((CORE, place) for place in range(5)), (EDGES, 0), (EDGES, 1)]
    with pytest.raises(IndexError, match="the job has 7 segments"):
        CLAIMS.located(7)
    assert (CLAIMS.count(CORE), CLAIMS.count(EDGES)) == (5, 2)
    assert CLAIMS.counts_by_name == {"core": 5, "edges": 2}


LIMBS = (0xCDEF, 0x89AB, 0x4567, 0x0123)
OUTPUT_LIMBS = [(word % (1 << 16), word >> 16) for word in OUTPUTS]


def test_claims_are_elements_of_limbs() -> None:
    assert CLAIMS.exit_limbs == LIMBS
    pairs = [limb for pair in OUTPUT_LIMBS for limb in pair]
    assert CLAIMS.elements() == [5, 2, 77, *LIMBS, *pairs]


def test_claims_are_messages_on_the_global_buses() -> None:
    """The table of `docs/format.md`, as (bus, message, multiplicity)."""
    terms = {(term.bus, term.message, term.multiplicity) for term in CLAIMS.terms(entry=9)}
    assert terms == {
        (STATE_EDGE, (1, 9), 1),
        (STATE_EDGE, (6, HALTED), -1),
        (EXIT, LIMBS, -1),
        *((OUTPUT, (place, *pair), -1) for place, pair in enumerate(OUTPUT_LIMBS)),
        (CHAIN, (1, 0), 1),
        (CHAIN, (3, 77), -1),
    }
    assert len(CLAIMS.terms(entry=9)) == 69


words_of_32 = st.integers(0, (1 << 32) - 1)


@given(
    st.builds(
        Claims,
        st.integers(0, (1 << 64) - 1),
        st.lists(words_of_32, min_size=64, max_size=64).map(tuple),
        st.tuples(words_of_32, words_of_32),
        st.tuples(words_of_32),
    )
)
def test_claims_are_read_as_they_are_written(claims: Claims) -> None:
    writer = Writer(b"claims")
    write_claims(writer, claims)
    written = writer.finish()
    assert len(written) == len(b"claims") + 8 + 4 * 64 + 4 * 2 + 4
    reader = Reader(written, b"claims", ValueError)
    assert read_claims(reader) == claims
    reader.end()
    with pytest.raises(ValueError, match="ends too early"):
        read_claims(Reader(written[:-1], b"claims", ValueError))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"exit_code": 0},
        {"exit_code": (1 << 64) - 1},
        {"outputs": (0,) * 64},
        {"outputs": ((1 << 32) - 1,) * 64},
        {"last_key": 0},
        {"last_key": P - 1},
        {"core": 1, "edges": 1},
        {"core": MAXIMAL_SEGMENTS - 2},
    ],
)
def test_claims_may_reach_their_limits(change: dict[str, Any]) -> None:
    check_claims(claims_with(CLAIMS, **change))


OUT_OF_RANGE = "a public value is out of range"
NO_SEGMENT = "a job has at least one core and one edges segment, and 1048576 at most"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"exit_code": -1}, OUT_OF_RANGE),
        ({"exit_code": 1 << 64}, OUT_OF_RANGE),
        ({"outputs": OUTPUTS[:-1]}, OUT_OF_RANGE),
        ({"outputs": (*OUTPUTS, 0)}, OUT_OF_RANGE),
        ({"outputs": (*OUTPUTS[:-1], 1 << 32)}, OUT_OF_RANGE),
        ({"outputs": (-1, *OUTPUTS[1:])}, OUT_OF_RANGE),
        ({"last_key": P}, OUT_OF_RANGE),
        ({"last_key": -1}, OUT_OF_RANGE),
        ({"core": 0}, NO_SEGMENT),
        ({"edges": 0}, NO_SEGMENT),
        ({"core": -1}, NO_SEGMENT),
        ({"core": MAXIMAL_SEGMENTS - 1}, NO_SEGMENT),
    ],
)
def test_claims_beyond_their_limits_have_no_challenge(change: dict[str, Any], text: str) -> None:
    claims = claims_with(CLAIMS, **change)
    with pytest.raises(VerificationError) as caught:
        check_claims(claims)
    assert (caught.value.reason, caught.value.detail) == (Rejection.STATEMENT, text)
    refused(Rejection.STATEMENT, text, claims=claims, count=claims.segments)


# The global challenge.


ORDER = [
    "format version", "root", "count", "weight", "program_digest", "level", "log_size", "keys", "units",
    "first key of the chain", "claims",
]  # fmt: skip
"""What the job's transcript absorbs, by `docs/format.md`."""


@pytest.mark.parametrize("bits", [0, 6])
def test_the_order_is_this_one(bits: int) -> None:
    work, plain = SearchedWork(BACKEND), PlainTranscript(TAG_JOB)
    found = derive(work=work, grinding_bits=bits)
    absorbed = {**ITEMS, "format version": FORMAT_VERSION, "first key of the chain": 0}
    absorbed["claims"] = CLAIMS.elements()
    plain.absorb(*(absorbed[name] for name in ORDER))
    plain.check_work(bits, [*work.nonces], "the global challenge")
    bus = BusChallenge(element(plain.challenge().coefficients), element(plain.challenge().coefficients))
    assert found == JobChallenge(plain.digest(), bus)
    assert derive(work=CheckedWork(work.nonces), grinding_bits=bits) == found


def test_a_missing_or_wrong_nonce_has_no_challenge() -> None:
    work = SearchedWork(BACKEND)
    derive(work=work, grinding_bits=6)
    for nonces in ((), (work.nonces[0] + 1,), (work.nonces[0] + P,)):
        text = "a nonce does not show 6 zero bits"
        refused(Rejection.PROOF_OF_WORK, text, work=CheckedWork(nonces), grinding_bits=6)


def changes() -> Iterator[dict[str, Any]]:
    """Each bound thing changed alone: every element of digests, every bit of the exit code, every limb."""
    for name in ("program_digest", "keys", "root"):
        for place in range(9):
            yield {name: (*ITEMS[name][:place], 0, *ITEMS[name][place + 1 :])}
    yield from ({"level": level} for level in SECURITY_LEVELS if level != 128)
    yield from ({"log_size": log_size} for log_size in LOG_SIZES if log_size != 20)
    yield from ({"units": units} for units in (1, 4, MAXIMAL_UNITS))
    yield from ({"weight": weight} for weight in (0, 1001, WEIGHT_LIMIT - 1))
    for changed in ({"core": 4, "edges": 3}, {"last_key": 78}):
        yield {"claims": claims_with(CLAIMS, **changed)}
    yield {"claims": claims_with(CLAIMS, core=6), "count": 8}
    for bit in range(64):
        yield {"claims": dataclasses.replace(CLAIMS, exit_code=EXIT_CODE ^ 1 << bit)}
    for place in range(64):
        for bit in (0, 15, 16, 31):
            outputs = (*OUTPUTS[:place], OUTPUTS[place] ^ 1 << bit, *OUTPUTS[place + 1 :])
            yield {"claims": dataclasses.replace(CLAIMS, outputs=outputs)}


def test_everything_bound_changes_the_whole_challenge() -> None:
    found = [derive(), *(derive(**change) for change in changes())]
    drawn: list[set[tuple[int, ...] | Element]] = [
        {one.binding for one in found},
        {one.bus.alpha for one in found},
        {one.bus.beta for one in found},
    ]
    assert [len(values) for values in drawn] == [len(found)] * 3
    assert len(found) == 1 + 3 * 9 + 1 + 3 + 3 + 3 + 3 + 64 + 256


def test_the_first_key_of_the_chain_is_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    real = derive()
    monkeypatch.setattr(statement, "LOWEST_KEY", 1)
    other = derive()
    assert (other.binding != real.binding, other.bus.alpha != real.bus.alpha) == (True, True)


@pytest.mark.parametrize("count", [0, 6, 8])
def test_another_number_of_leaves_than_claimed_is_refused(count: int) -> None:
    refused(Rejection.STATEMENT, f"{count} segments where 7 are claimed", count=count)


@pytest.mark.parametrize("number", [0, -1, MAXIMAL_UNITS + 1])
def test_an_impossible_number_of_units_is_refused(number: int) -> None:
    with pytest.raises(VerificationError) as caught:
        derive(units=number)
    assert caught.value.reason is Rejection.STATEMENT


@pytest.mark.parametrize("weight", [-1, WEIGHT_LIMIT, 1 << 31, 1 << 64])
def test_a_weight_at_the_limit_is_refused(weight: int) -> None:
    refused(Rejection.STATEMENT, f"weight {weight} is not from 0 to 536870911", weight=weight)
