"""Claims on segments and jobs notice a requirement that is not made and a term that is another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.solver.claim import RefutedError
from tests.solver.tables import job_claims, segment_claims
from tests.solver.tables.claims import claims
from zisk.stark.air import Builder, build_air
from zisk.stark.expression import public
from zisk.stark.kind import Kind, TableShape
from zisk.stark.public_values import Below, Requirement, send
from zisk.vm.kinds import core_kind
from zisk.vm.tables.buses import EXIT, STATE

Change = Callable[[Kind], Kind]

SUBJECTS = {("boundary", "public values"), ("boundary", "clock"), ("halt", "job")}


def refuted(monkeypatch: pytest.MonkeyPatch, change: Change) -> set[tuple[str, str]]:
    """Which claims on core segments do not hold of kinds that are changed so."""
    for module in (segment_claims, job_claims):
        monkeypatch.setattr(module, "core_kind", lambda size: change(core_kind(size)))
    found = set()
    for claim in claims():
        if (claim.table, claim.subject) in SUBJECTS:
            try:
                claim.show(claim.air())
            except RefutedError:
                found.add((claim.table, claim.subject))
    return found


def test_kinds_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refuted(monkeypatch, lambda kind: kind) == set()


@pytest.mark.parametrize("place", range(len(core_kind(16).requirements)))
def test_a_requirement_that_is_not_made(monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    def change(kind: Kind) -> Kind:
        kept = [one for index, one in enumerate(kind.requirements) if index != place]
        return replace(kind, requirements=tuple(kept))

    assert refuted(monkeypatch, change) == {("boundary", "public values")}


@pytest.mark.parametrize("by", [1, -1])
def test_a_bound_that_is_another(monkeypatch: pytest.MonkeyPatch, by: int) -> None:
    def other(one: Requirement) -> Requirement:
        return replace(one, bits=min(one.bits + by, 24)) if isinstance(one, Below) else one

    def change(kind: Kind) -> Kind:
        return replace(kind, requirements=tuple(map(other, kind.requirements)))

    assert refuted(monkeypatch, change) == {("boundary", "public values")}


@pytest.mark.parametrize(
    ("place", "subject"),
    [(0, ("boundary", "clock")), (1, ("boundary", "clock")), (2, ("halt", "job")), (3, ("halt", "job"))],
)
def test_a_term_that_is_another(
    monkeypatch: pytest.MonkeyPatch, place: int, subject: tuple[str, str]
) -> None:
    def change(kind: Kind) -> Kind:
        terms = list(kind.terms)
        first, second = terms[place].message
        terms[place] = replace(terms[place], message=(first, second + 1))
        return replace(kind, terms=tuple(terms))

    assert refuted(monkeypatch, change) == {subject}


def test_a_second_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(kind: Kind) -> Kind:
        return replace(kind, terms=(*kind.terms, send(STATE, public(1), 5)))

    assert refuted(monkeypatch, change) == {("boundary", "clock")}


@pytest.mark.parametrize(
    ("define", "subject"),
    [
        (lambda b: b.send(STATE, [b.column("pc"), b.column("ts")]), ("boundary", "clock")),
        (lambda b: b.receive(STATE, [b.column("pc"), b.column("ts")]), ("boundary", "clock")),
        (lambda b: b.send(EXIT, b.columns("code", 4)), ("halt", "job")),
    ],
)
def test_another_table_that_speaks(
    monkeypatch: pytest.MonkeyPatch, define: Callable[[Builder], None], subject: tuple[str, str]
) -> None:
    liar = TableShape(build_air("liar", define), 0)

    def change(kind: Kind) -> Kind:
        return replace(kind, tables=(*kind.tables, liar))

    assert refuted(monkeypatch, change) == {subject}
