"""Claims are about the tables that segments of each size and circuits have, and about all of them."""

from __future__ import annotations

import pytest

from tests.solver.all_claims import all_claims, claims_of
from tests.solver.claim import Claim, Method, digest_of
from tests.solver.instructions.claims import without_gaps
from zisk.recursion.kind import CHIPS, circuit_kind
from zisk.recursion.shapes import FINAL_LOG_SIZE, INNER_LOG_SIZE, SHRINK_LOG_SIZE
from zisk.stark.air import Air
from zisk.vm.kinds import EDGES_LOG_SIZE, core_kind, edges_kind
from zisk.vm.limits import LOG_SIZES


def tables_of(claim: Claim, size: int) -> list[Air]:
    """The tables of the claim's name in segments of a size."""
    kinds = [core_kind(size), edges_kind()] if size == EDGES_LOG_SIZE else [core_kind(size)]
    return [one for kind in kinds for one in kind.airs if one.name == claim.table]


def with_sizes() -> list[Claim]:
    """The claims of tables of segments."""
    return [claim for claim in all_claims() if claim.sizes]


@pytest.mark.parametrize("claim", [pytest.param(claim, id=claim.name) for claim in with_sizes()])
def test_a_claim_is_shown_of_the_table_of_its_sizes(claim: Claim) -> None:
    """What an instruction does is shown of one size: the others bound the gaps of times in another way."""
    of_effects = claim in claims_of("instructions") and claim.method is not Method.INTERVALS
    for size in claim.sizes:
        found = {digest_of(without_gaps(one) if of_effects else one) for one in tables_of(claim, size)}
        assert found == {digest_of(without_gaps(claim.air()) if of_effects else claim.air())}


@pytest.mark.parametrize("size", LOG_SIZES)
def test_every_table_of_a_core_segment_has_claims(size: int) -> None:
    assert {air.name for air in core_kind(size).airs} <= {
        claim.table for claim in all_claims() if size in claim.sizes
    }


def test_every_table_of_an_edges_segment_has_claims() -> None:
    assert {air.name for air in edges_kind().airs} <= {
        claim.table for claim in all_claims() if EDGES_LOG_SIZE in claim.sizes
    }


def test_every_chip_has_claims() -> None:
    shown = {claim.table: digest_of(claim.air()) for claim in all_claims() if not claim.sizes}
    assert shown == {chip.air.name: digest_of(chip.air) for chip in CHIPS}
    for size in (INNER_LOG_SIZE, SHRINK_LOG_SIZE, FINAL_LOG_SIZE):
        assert {air.name: digest_of(air) for air in circuit_kind(size, 0).airs} == shown
