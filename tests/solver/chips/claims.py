"""The claims of all chips of circuits, in the order of their tables."""

from __future__ import annotations

from tests.solver.chips import arithmetic, bits, elements, fold, horner, poseidon
from tests.solver.claim import Claim


def claims() -> list[Claim]:
    """What is claimed of each chip."""
    return [one for chip in (fold, elements, bits, horner, poseidon, arithmetic) for one in chip.claims()]
