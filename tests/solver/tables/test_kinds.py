"""Claims are about the tables that segments of each size have."""

from __future__ import annotations

import pytest

from tests.solver.claim import Claim, digest_of
from tests.solver.tables.claims import claims
from zisk.vm.kinds import EDGES_LOG_SIZE, core_kind, edges_kind
from zisk.vm.limits import LOG_SIZES


@pytest.mark.parametrize("claim", [pytest.param(claim, id=claim.name) for claim in claims()])
def test_a_claim_is_shown_of_the_table_of_its_sizes(claim: Claim) -> None:
    air = digest_of(claim.air())
    for size in claim.sizes:
        kinds = [core_kind(size), edges_kind()] if size == EDGES_LOG_SIZE else [core_kind(size)]
        tables = [digest_of(one) for kind in kinds for one in kind.airs if one.name == claim.table]
        assert set(tables) == {air}


@pytest.mark.parametrize("size", LOG_SIZES)
def test_every_table_that_is_no_family_has_claims(size: int) -> None:
    shown = {claim.table for claim in claims() if size in claim.sizes}
    others = {air.name for air in core_kind(size).airs if "pc" not in air.main_names}
    assert others <= shown
    assert {air.name for air in edges_kind().airs} <= {claim.table for claim in claims()}
