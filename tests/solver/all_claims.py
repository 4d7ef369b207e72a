"""Every claim there is: tests, drop-one and the page read this list."""

from __future__ import annotations

from functools import cache

from tests.solver.chips.claims import claims as claims_of_chips
from tests.solver.claim import Claim
from tests.solver.instructions.claims import claims as claims_of_instructions
from tests.solver.tables.claims import claims as claims_of_tables

PROVIDERS = {
    "instructions": claims_of_instructions,
    "tables": claims_of_tables,
    "chips": claims_of_chips,
}
"""For each folder, what gives its claims."""

USES = {"instructions": ("instructions",), "tables": ("tables", "instructions"), "chips": ("chips",)}
"""For each folder, those whose code its claims run."""


@cache
def claims_of(folder: str) -> tuple[Claim, ...]:
    """The claims of one folder."""
    return tuple(PROVIDERS[folder]())


@cache
def all_claims() -> tuple[Claim, ...]:
    """All claims, in the order of the page."""
    return tuple(claim for folder in PROVIDERS for claim in claims_of(folder))
