"""Every claim of every table holds."""

import pytest

from tests.solver.all_claims import all_claims
from tests.solver.claim import Claim


def _parameters(claims: tuple[Claim, ...]) -> list[object]:
    marks = {True: [pytest.mark.slow], False: []}
    return [pytest.param(claim, id=claim.name, marks=marks[claim.slow]) for claim in claims]


def test_every_claim_has_its_own_name() -> None:
    names = [claim.name for claim in all_claims()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("claim", _parameters(all_claims()))
def test_claim_holds(claim: Claim) -> None:
    claim.show(claim.air())
