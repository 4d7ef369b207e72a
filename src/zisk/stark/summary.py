"""What the soundness report needs of a kind, read off its AIRs."""

from __future__ import annotations

from collections.abc import Sequence

from zisk.stark.batching import batching_order
from zisk.stark.expression import Scope
from zisk.stark.kind import Kind
from zisk.stark.soundness import ShapeSummary, TableSummary


def summarise(kind: Kind, job: Sequence[Kind]) -> ShapeSummary:
    """The shape of a kind, among the kinds of a job (whose longest global message counts for all).

    A kind of circuits stands alone.
    """
    order = batching_order(kind)
    return ShapeSummary(
        kind=kind.name,
        log_size=kind.log_size,
        columns=len(order.places),
        columns_next=len(order.following),
        constraints=kind.constraint_offsets[-1],
        tables=[
            TableSummary(
                table.air.name,
                len(table.air.fractions(Scope.LOCAL)),
                len(table.air.fractions(Scope.GLOBAL)),
                table.max_log_height,
            )
            for table in kind.tables
        ],
        message_length_local=_longest(kind, Scope.LOCAL),
        message_length_global=max(_longest(one, Scope.GLOBAL) for one in job),
        public_terms_local=sum(1 for term in kind.terms if term.bus.scope is Scope.LOCAL),
        degree=max(one.expression.degree for air in kind.airs for one in air.constraints),
    )


def _longest(kind: Kind, scope: Scope) -> int:
    lengths = [one.bus.length for air in kind.airs for one in air.fractions(scope)]
    return max(lengths, default=0)
