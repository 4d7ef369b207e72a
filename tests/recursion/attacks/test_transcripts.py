"""Forgeries of segments against the verifier in a circuit: each passes where its transcript lacks one item.

The forgers are those of `tests.stark.attacks.test_transcript_items`, which choose one thing after a challenge
that should depend on it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from tests.recursion.attacks.weak import accepted, refused, without
from tests.recursion.verifying import verifier
from tests.stark.attacks.items import Item, LenientTranscript
from tests.stark.attacks.test_transcript_items import (
    FIXED,
    FORGERIES,
    KEY,
    LateOpenings,
    Statement,
    false_start,
)
from tests.stark.attacks.weak import weakened
from tests.stark.forge import Forger
from tests.stark.toy import JOB, PROGRAM, toy_traces
from zisk.recursion import segment_circuit, segment_hints
from zisk.recursion.circuit import Circuit
from zisk.recursion.hashing import CircuitTranscript
from zisk.recursion.memory import Wire
from zisk.recursion.segment_circuit import _DeepQuotient
from zisk.recursion.segment_hints import SegmentHints
from zisk.stark.errors import Rejection
from zisk.stark.proof import SegmentProof
from zisk.stark.transcript_order import CheckedWork, SegmentTranscript
from zisk.stark.verify import check_segment, global_sum

GAMMA = (2, 7, 1, 8, 2)
HEIGHTS = (2, 5, 5)
ABSORBED = {
    Item.MAIN: 5,
    Item.JOB: 6,
    Item.STAGE2: 7,
    Item.SUMS: 8,
    Item.QUOTIENT: 9,
    Item.OPENINGS: 10,
    Item.LAYER: 11,
    Item.FINAL: 12,
}
"""Which of its absorptions a circuit's transcript makes for an item; there is no proof-of-work."""


@contextmanager
def leaving_out(item: Item) -> Iterator[None]:
    """Inside, circuits and hints have a transcript without an item."""

    class Lenient(CircuitTranscript):
        count = -1

        def absorb(self, elements: Sequence[Wire]) -> None:
            self.count += 1
            if self.count != ABSORBED[item]:
                super().absorb(elements)

    lenient = lambda key, work: LenientTranscript(key, work, {item})  # noqa: E731
    with (
        patch.object(segment_circuit, "CircuitTranscript", Lenient),
        patch.object(segment_hints, "SegmentTranscript", lenient),
    ):
        yield


def publics_of(proof: SegmentProof, item: Item) -> list[int]:
    """What the verifier without the item finds that a proof shows."""
    with weakened(omitted={item}):
        found = check_segment(proof, KEY, PROGRAM, JOB)
    statement = [*PROGRAM, *proof.publics, *JOB.binding, *JOB.bus.alpha, *JOB.bus.beta]
    return [*statement, *found.leaf, *found.global_sum, found.weight]


def shown_by(proof: SegmentProof) -> list[int]:
    """What a proof shows if it holds: the leaf, and the sum that it exposes."""
    transcript = SegmentTranscript(KEY, CheckedWork(()))
    leaf = transcript.commit_main(PROGRAM, proof.log_heights, proof.publics, proof.main_cap)
    total, weight = global_sum(proof, KEY.kind, JOB), KEY.kind.weight(proof.log_heights)
    statement = [*PROGRAM, *proof.publics, *JOB.binding, *JOB.bus.alpha, *JOB.bus.beta]
    return [*statement, *leaf, *total, weight]


def hints_of(proof: SegmentProof) -> SegmentHints:
    return segment_hints.segment_hints(proof, KEY, PROGRAM, JOB)


@pytest.fixture(scope="module")
def circuit() -> Circuit:
    return verifier(KEY, HEIGHTS)


@pytest.mark.parametrize(("item", "forger", "statement", "reason"), FORGERIES)
def test_an_item_chosen_after_its_challenge_is_refused(
    circuit: Circuit, item: Item, forger: type[Forger], statement: Statement, reason: Rejection
) -> None:
    forged = forger(FIXED, *statement(), omitted={item}).prove()
    publics = publics_of(forged, item)
    with leaving_out(item):
        hints = hints_of(forged)
        accepted(verifier(KEY, forged.log_heights), publics, hints)
    assert forged.log_heights == HEIGHTS
    refused(circuit, shown_by(forged), hints)


@pytest.mark.parametrize("item", ABSORBED)
def test_each_item_changes_what_is_drawn(circuit: Circuit, item: Item) -> None:
    """An honest proof of a prover whose transcript lacks the item passes without it, and not with it."""
    proof = Forger(FIXED, *toy_traces(32, 4, 100), omitted={item}).prove()
    publics = publics_of(proof, item)
    with leaving_out(item):
        hints = hints_of(proof)
        accepted(verifier(KEY, HEIGHTS), publics, hints)
    refused(circuit, shown_by(proof), hints)


def test_the_same_prover_with_every_item_is_accepted(circuit: Circuit) -> None:
    proof = Forger(FIXED, *toy_traces(32, 4, 100)).prove()
    accepted(circuit, shown_by(proof), hints_of(proof))


class ChosenGamma(LateOpenings):
    """Chooses gamma, then openings that fit it, and lets the transcript draw what it likes."""

    steps = (
        *LateOpenings.steps[:7],
        "choose_gamma",
        *LateOpenings.steps[8:10],
        "absorb",
        *LateOpenings.steps[10:],
    )

    def choose_gamma(self) -> None:
        """Any element of K."""
        self.gamma = GAMMA

    def absorb(self) -> None:
        """The openings, in their place; what is drawn is not used."""
        self.transcript.batching_challenge((*self.here, *self.following))


def test_a_public_gamma_that_the_transcript_does_not_draw_is_refused(circuit: Circuit) -> None:
    """The whole transcript is there; a circuit that sums rows with the public gamma alone accepts."""
    forged = ChosenGamma(FIXED, *false_start()).prove()
    drawn = hints_of(forged)
    hints = dataclasses.replace(drawn, gamma=GAMMA)
    assert drawn.gamma != GAMMA
    honest = Forger(FIXED, *toy_traces(32, 4, 100)).prove()
    publics = shown_by(forged)
    refused(circuit, publics, hints)
    refused(circuit, publics, drawn)
    true = _DeepQuotient.__init__

    def trusting(self: _DeepQuotient, circuit: Circuit, *given: Any) -> None:
        key, claims, _, caps, which = given
        true(self, circuit, key, claims, circuit.challenges[which], caps, which)

    with patch.object(_DeepQuotient, "__init__", trusting), without("record"):
        lenient = verifier(KEY, HEIGHTS)
    accepted(lenient, publics, hints)
    accepted(lenient, shown_by(honest), hints_of(honest))
