"""The claims of tables that are not one family's linear rows."""

from __future__ import annotations

from tests.solver.claim import Claim
from tests.solver.tables.answering import answering_claims
from tests.solver.tables.boundary_claims import boundary_claims
from tests.solver.tables.image_claims import image_claims
from tests.solver.tables.job_claims import job_claims
from tests.solver.tables.memory_claims import memory_claims
from tests.solver.tables.multiply_divide_claims import multiply_divide_claims
from tests.solver.tables.segment_claims import segment_claims


def claims() -> list[Claim]:
    """All of them, in the order of the page."""
    return [
        *answering_claims(),
        *multiply_divide_claims(),
        *boundary_claims(),
        *segment_claims(),
        *memory_claims(),
        *job_claims(),
        *image_claims(),
    ]
