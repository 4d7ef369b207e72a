"""Folding goes on from leaves and nodes that others kept, in sessions and in aggregations."""

from __future__ import annotations

import dataclasses
from contextlib import suppress

import pytest

from tests.prover.jobs import DATA, INNER, UNITS, Payloads, Phases
from tests.prover.kept import Kept, Killed
from zisk.field.koalabear import P
from zisk.prover import (
    Aggregation,
    GlobalChallenge,
    Program,
    ProofForm,
    ProvingSession,
    UnitProofError,
    global_challenge,
)
from zisk.prover.fold_tree import Span
from zisk.prover.folded_parts import FoldedPart, decode_part, encode_part

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("short_segments")]


def kept_parts(payloads: Payloads) -> dict[Span, bytes]:
    """What the units fold, as it is kept: the tree of three units is ((0, 2), (2, 3)), (3, 4)."""
    parts = [part for unit in range(UNITS) for part in payloads.parts(unit)]
    return {part.span: encode_part(part) for part in parts}


def test_a_session_killed_at_every_leaf_and_node(program: Program, payloads: Payloads) -> None:
    """Every successor makes one piece; together they make each once, and deliver what units do alone."""
    kept, delivered, allocation = Kept(), list[bytes](), [0]
    while not delivered:
        kept.lives = None
        session = kept.session(program, allocation, ProofForm.FINAL)
        session.contributions()
        kept.lives = 1
        with suppress(Killed):
            delivered = session.prove(payloads.challenge, stored=kept.pieces, keep=kept.keep)
    assert kept.made == [(0, 1), (1, 2), (0, 2)]
    assert delivered == [payloads.units[0]]
    assert kept.committed == [0, 3]
    assert kept.pieces == {(0, 2): kept_parts(payloads)[0, 2]}


def test_an_aggregation_killed_at_every_node(program: Program, payloads: Payloads, final: bytes) -> None:
    kept = Kept()
    first = Aggregation(program, payloads.challenge, keep=kept.keep)
    first.add(0, payloads.units[0])
    kept.lives = 1
    with pytest.raises(Killed):
        first.add(1, payloads.units[1])
    assert list(kept.pieces) == [(0, 3)]
    second = Aggregation(program, payloads.challenge, stored=kept.pieces, keep=kept.keep)
    assert second.missing == [2]
    kept.lives = 1
    with pytest.raises(Killed):
        second.add(2, payloads.units[2])
    assert list(kept.pieces) == [(0, 4)]
    third = Aggregation(program, payloads.challenge, stored=kept.pieces, keep=kept.keep)
    assert third.missing == []
    assert third.finish() == final
    assert kept.made == [(0, 3), (0, 4)]


def test_siblings_that_were_kept_fold_first(program: Program, payloads: Payloads) -> None:
    """A node and the child that it replaces are both there; unit 2 is missing."""
    kept, phases, stored = Kept(), Phases(), kept_parts(payloads)
    del stored[3, 4]
    stored[0, 1] = b"not looked at"
    aggregation = Aggregation(
        program,
        payloads.challenge,
        stored=stored,
        keep=kept.keep,
        on_refusal=kept.refuse,
        progress=phases,
    )
    assert (phases.of("check"), phases.of("fold")) == ([(3, 3)], [(1, 1)])
    assert (kept.made, kept.refused, aggregation.missing) == ([(0, 3)], {}, [2])
    aggregation.add(1, payloads.units[1])
    with pytest.raises(UnitProofError, match="what unit 2 delivers is missing"):
        aggregation.finish()


def test_a_node_over_units_of_several_sessions_is_delivered_by_each(
    program: Program, payloads: Payloads, kept_node: FoldedPart
) -> None:
    """The session of unit 1 is given a node over units 0 and 1; that of unit 0 may know nothing of it."""
    kept, phases = Kept(), Phases()
    session = ProvingSession(program, DATA, units=UNITS, allocation=[1], progress=phases)
    session.contributions()
    stored = {kept_node.span: encode_part(kept_node)}
    (payload,) = session.prove(payloads.challenge, stored=stored, keep=kept.keep)
    assert (phases.of("prove"), phases.of("fold"), kept.made) == ([(0, 0)], [], [])
    for order in ((0, 1), (1, 0)):
        aggregation = Aggregation(program, payloads.challenge, keep=kept.keep)
        for unit in order:
            aggregation.add(unit, payload if unit else payloads.units[0])
        with pytest.raises(UnitProofError, match=r"what unit 2 delivers is missing"):
            aggregation.finish()
    assert kept.made == []


@pytest.fixture(scope="module")
def kept_node(program: Program, payloads: Payloads) -> FoldedPart:
    """The node over units 0 and 1."""
    kept = Kept()
    aggregation = Aggregation(program, payloads.challenge, keep=kept.keep)
    for unit in (0, 1):
        aggregation.add(unit, payloads.units[unit])
    (data,) = kept.pieces.values()
    return decode_part(data, INNER)


def refusals(program: Program, challenge: GlobalChallenge, stored: dict[Span, bytes]) -> dict[Span, str]:
    """What an aggregation leaves out of these, and why."""
    kept = Kept()
    Aggregation(program, challenge, stored=stored, on_refusal=kept.refuse)
    return kept.refused


def test_parts_that_do_not_hold_are_left_out(program: Program, payloads: Payloads) -> None:
    (part,) = payloads.parts(1)
    publics = part.proof.publics
    other = dataclasses.replace(part.proof, publics=(*publics[:-1], (publics[-1] + 1) % P))
    moved, data = dataclasses.replace(part, span=(3, 4)), encode_part(part)
    for span, stored, why in (
        ((2, 3), b"", "this is no folded part: it does not start"),
        ((2, 3), data[:-1], "this is no folded part: it ends too early"),
        ((2, 3), data + b"\0", "bytes after its end"),
        ((2, 3), payloads.units[1], "does not start"),
        ((3, 4), data, "3 to 4 of the tree are labelled as segments 2 to 3"),
        ((3, 4), encode_part(moved), "3 to 4 of the tree are folded of another job"),
        ((2, 3), encode_part(dataclasses.replace(part, proof=other)), "2 to 3 of the tree do not hold"),
        ((1, 3), data, "1 to 3 of the tree are no subtree of this job"),
        ((0, 1 << 40), data, "are no subtree of this job"),
    ):
        (found,) = refusals(program, payloads.challenge, {span: stored}).items()
        assert found[0] == span
        assert why in found[1]


def test_parts_of_another_job_or_challenge_are_left_out(program: Program, payloads: Payloads) -> None:
    """The same run in two units; another run."""
    stored = kept_parts(payloads)
    for data, units in ((DATA, 2), (DATA[:8] + (89).to_bytes(8, "little"), UNITS)):
        other = ProvingSession(program, data, units=units, allocation=range(units))
        refused = refusals(program, global_challenge(program, [other.contributions()]), stored)
        assert set(refused) == set(stored)
        assert all("folded of another job" in why for why in refused.values()), refused


def test_a_leaf_that_does_not_hold_is_made_again(program: Program, payloads: Payloads) -> None:
    kept, phases = Kept(), Phases()
    data = bytearray(kept_parts(payloads)[3, 4])
    data[len(data) // 2] ^= 1
    session = ProvingSession(program, DATA, units=UNITS, allocation=[2], progress=phases)
    session.contributions()
    delivered = session.prove(
        payloads.challenge, stored={(3, 4): bytes(data)}, keep=kept.keep, on_refusal=kept.refuse
    )
    assert delivered == [payloads.units[2]]
    assert (list(kept.refused), kept.made) == ([(3, 4)], [(3, 4)])
    assert (phases.of("prove"), phases.of("fold")) == ([(1, 1)], [(1, 1)])
