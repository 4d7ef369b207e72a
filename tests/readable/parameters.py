"""What a proof's role and security level mean (docs/format.md, "Parameters")."""

from __future__ import annotations

from dataclasses import dataclass

FOLD_LOG = 3
"""A fold takes eight values to one."""


@dataclass(frozen=True)
class Parameters:
    """Rate, number of queries, what ends trees and folds, and bits of proof-of-work before each challenge.

    Attributes:
        cap_depth: depth of the cap in a tree that is deep enough.
        least_log_degree: folds go on while the degree bound after the fold is at least 2 to this.
        fold_work: before the first folds; none before later ones.
    """

    level: int
    queries: int
    query_work: int = 20
    log_blowup: int = 1
    cap_depth: int = 7
    least_log_degree: int = 4
    local_work: int = 0
    constraint_work: int = 0
    point_work: int = 0
    batch_work: int = 0
    fold_work: tuple[int, ...] = ()

    def cap_size(self, depth: int) -> int:
        """How many digests the cap of a tree of 2^depth leaves has."""
        return 1 << min(self.cap_depth, depth - 1)

    def folds(self, log_size: int) -> int:
        """Number of FRI folds of a proof of 2^log_size rows."""
        return (log_size - self.least_log_degree) // FOLD_LOG

    def work_before_fold(self, number: int) -> int:
        """Bits before the challenge of a fold, from 0."""
        return self.fold_work[number] if number < len(self.fold_work) else 0

    def nonces(self, folds: int) -> int:
        """How many nonces a proof has: one per proof-of-work with bits."""
        work = [self.local_work, self.constraint_work, self.point_work, self.batch_work, self.query_work]
        return sum(1 for bits in [*work, *map(self.work_before_fold, range(folds))] if bits)


SEGMENT = {
    128: Parameters(128, queries=261, local_work=9, batch_work=7),
    100: Parameters(100, queries=193),
}

FINAL = {
    128: Parameters(
        128,
        queries=48,
        log_blowup=5,
        cap_depth=4,
        least_log_degree=5,
        local_work=1,
        batch_work=19,
        fold_work=(8, 5, 2),
    ),
    100: Parameters(100, queries=33, log_blowup=5, cap_depth=4, least_log_degree=5),
}

COMPRESSED = {
    128: Parameters(
        128,
        queries=33,
        log_blowup=7,
        cap_depth=4,
        least_log_degree=5,
        local_work=2,
        batch_work=24,
        fold_work=(13, 10, 7),
    ),
    100: Parameters(
        100, queries=23, log_blowup=7, cap_depth=4, least_log_degree=5, batch_work=12, fold_work=(2,)
    ),
}

GLOBAL_WORK = {128: 8, 100: 0}
"""Before the global challenge of a job."""
