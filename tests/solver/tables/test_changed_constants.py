"""Claims notice a constant of a table that is one too large: bounds are what they rest on."""

from __future__ import annotations

import pytest

from tests.solver.claim import RefutedError
from tests.solver.tables.claims import claims
from zisk.vm.kinds import core_kind, edges_kind
from zisk.vm.limits import LOG_SIZES
from zisk.vm.tables import boundary, image, memory, multiply_divide


@pytest.fixture(autouse=True)
def _kinds_as_they_are() -> None:
    """Kinds are kept once they are built: not with a constant of these tests."""
    edges_kind()
    for size in LOG_SIZES:
        core_kind(size)


def refuted(table: str) -> set[str]:
    """What the claims are about that the table, as it is now defined, does not keep."""
    found = set()
    for claim in claims():
        if claim.table == table:
            try:
                claim.show(claim.air())
            except RefutedError:
                found.add(claim.subject)
    return found


def test_high_limbs_of_keys_that_make_differences_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEY_HIGH_BITS", memory.KEY_HIGH_BITS + 1)
    assert refuted("memory") == {"region", "order", "outputs"}


def test_output_words_that_start_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "OUTPUT_KEY", memory.OUTPUT_KEY + 1)
    assert refuted("memory") == {"outputs"}


def test_gaps_of_segments_that_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundary, "GAP_HIGH_BITS", 15)
    assert refuted("boundary") == {"earlier segment"}


def test_carries_that_make_equations_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiply_divide, "CARRY_BITS", 15)
    assert refuted("muldiv") == {"limb equations"}


def test_a_quotient_by_zero_that_is_not_all_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiply_divide, "ALL_ONES", multiply_divide.ALL_ONES - 1)
    assert refuted("muldiv") == {"divu", "remu"}


def test_chunks_that_are_too_high(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "CHUNK_LOG_HEIGHT", image.CHUNK_LOG_HEIGHT + 1)
    assert refuted("image") == {"contents"}
