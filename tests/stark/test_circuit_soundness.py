"""The soundness report of every role of circuit: the level is reached, and with nothing less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import floor
from pathlib import Path

import pytest

from zisk.recursion.kind import circuit_kind
from zisk.stark.parameters import LARGEST_CIRCUIT, CircuitRole, SecurityParameters, circuit_parameters
from zisk.stark.soundness import ShapeSummary, report
from zisk.stark.summary import summarise

DOCUMENT = Path(__file__).parents[2] / "docs" / "soundness.md"
PUBLICS = 53
ROLES = tuple(CircuitRole)
LISTED = tuple(role for role in CircuitRole if role is not CircuitRole.INNER)


def shape(log_size: int) -> ShapeSummary:
    kind = circuit_kind(log_size, PUBLICS)
    return summarise(kind, (kind,))


@pytest.mark.parametrize("level", [128, 100])
@pytest.mark.parametrize("role", ROLES)
def test_every_role_reaches_its_level_up_to_its_largest_size(role: CircuitRole, level: int) -> None:
    for log_size in range(13, LARGEST_CIRCUIT[role] + 1):
        result = report(shape(log_size), circuit_parameters(level, role))
        assert not result.shortfalls, result.text()
        assert result.bits >= level


def weaker(parameters: SecurityParameters) -> Iterator[tuple[str, SecurityParameters]]:
    """The parameters with one query less, or one bit less in a proof-of-work; and the term it weakens."""
    yield "queries", replace(parameters, queries=parameters.queries - 1)
    fields = {"local LogUp": "local_grinding_bits", "batching": "batching_grinding_bits"}
    for term, field in fields.items():
        if bits := getattr(parameters, field):
            yield term, replace(parameters, **{field: bits - 1})
    for fold, bits in enumerate(parameters.fold_grinding_bits):
        changed = list(parameters.fold_grinding_bits)
        changed[fold] = bits - 1
        yield f"fold {fold + 1}", replace(parameters, fold_grinding_bits=tuple(changed))


@pytest.mark.parametrize("level", [128, 100])
@pytest.mark.parametrize("role", ROLES)
def test_nothing_less_reaches_it(role: CircuitRole, level: int) -> None:
    largest = shape(LARGEST_CIRCUIT[role])
    for term, parameters in weaker(circuit_parameters(level, role)):
        assert [one.name for one in report(largest, parameters).shortfalls] == [term]


def reaching(parameters: SecurityParameters, largest: ShapeSummary) -> list[int]:
    """Multiplicities with which queries and batching reach the level, with the role's work before gamma."""
    work = max(20, parameters.batching_grinding_bits)
    found = []
    for multiplicity in range(3, 100):
        changed = replace(parameters, multiplicity=multiplicity, batching_grinding_bits=work)
        if {"queries", "batching"}.isdisjoint(one.name for one in report(largest, changed).shortfalls):
            found.append(multiplicity)
    return found


@pytest.mark.parametrize("level", [128, 100])
@pytest.mark.parametrize("role", LISTED)
def test_no_multiplicity_does_with_fewer_queries_and_no_smaller_with_these(
    role: CircuitRole, level: int
) -> None:
    parameters, largest = circuit_parameters(level, role), shape(LARGEST_CIRCUIT[role])
    assert reaching(parameters, largest)[0] == parameters.multiplicity
    assert reaching(replace(parameters, queries=parameters.queries - 1), largest) == []


def test_the_document_shows_these_bits() -> None:
    rows = [
        line.strip("| ").split(" | ") for line in DOCUMENT.read_text().splitlines() if line.startswith("|")
    ]
    start = rows.index(["circuit term", *(role.value for role in ROLES)]) + 2
    shown = {name: figures for name, *figures in rows[start : start + 6]}
    reports = [report(shape(LARGEST_CIRCUIT[role]), circuit_parameters(128, role)) for role in ROLES]
    bits = [{term.name: f"{floor(term.bits * 100) / 100:.2f}" for term in one.terms} for one in reports]
    assert shown == {name: [column[name] for column in bits] for name in shown}
    assert "queries" in shown


def test_the_document_shows_these_parameters() -> None:
    text = DOCUMENT.read_text()
    for role in ROLES:
        strong, weak = (circuit_parameters(level, role) for level in (128, 100))
        queries = f"{strong.queries} ({weak.queries})"
        work = " | ".join(
            f"{one.local_grinding_bits}; {one.batching_grinding_bits}; "
            f"{', '.join(map(str, one.fold_grinding_bits)) or 0}; {one.query_grinding_bits}"
            for one in (strong, weak)
        )
        regime = f"Johnson, m = {strong.multiplicity} ({weak.multiplicity})"
        if strong.multiplicity is None:
            regime = "unique decoding"
        size, blowup = LARGEST_CIRCUIT[role], 1 << strong.log_blowup
        assert f" | 2^{size} | {blowup} | {regime} | {queries} | {work} |" in text
