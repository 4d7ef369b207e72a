"""What a security level means (docs/soundness.md, sections 3 and 12)."""

from __future__ import annotations

from dataclasses import dataclass

LOG_BLOWUP = 1
FOLD_LOG = 3
"""A fold takes eight values to one."""
LEAST_LOG_DEGREE = 4
"""Folds go on while the degree bound after the fold is at least 2 to this."""


@dataclass(frozen=True)
class Parameters:
    """Number of queries, and bits of proof-of-work before each challenge."""

    level: int
    queries: int
    query_work: int
    global_work: int = 0
    local_work: int = 0
    constraint_work: int = 0
    point_work: int = 0
    batch_work: int = 0
    fold_work: int = 0

    def nonces(self, folds: int) -> int:
        """How many nonces a segment's proof has: one per proof-of-work with bits."""
        work = [self.local_work, self.constraint_work, self.point_work, self.batch_work]
        return sum(1 for bits in [*work, *[self.fold_work] * folds, self.query_work] if bits)


LEVELS = {
    128: Parameters(128, queries=261, query_work=20, global_work=8, local_work=9, batch_work=7),
    100: Parameters(100, queries=193, query_work=20),
}


def fold_count(log_size: int) -> int:
    """Number of FRI folds of a segment of 2^log_size rows."""
    return (log_size - LEAST_LOG_DEGREE) // FOLD_LOG
