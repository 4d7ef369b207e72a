"""What rows of several tables have: keys, the owner within a job, failures, instants, who was lost."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from zisk.cluster.scheduling.jobs import Failure
from zisk.cluster.scheduling.phase import Phase
from zisk.errors import ErrorKind

__all__ = [
    "NO_FAILURE",
    "WHOLE_JOB",
    "FailureColumns",
    "Key",
    "Row",
    "TableRows",
    "failure_of",
    "losses_from",
    "losses_to",
    "moved",
]

Key = tuple[Any, ...]
"""The columns of a table's primary key, but the job's id."""

Row = tuple[Any, ...]
"""The columns of a table after its primary key."""

TableRows = Mapping[Key, Row]
"""Rows that one job has in a table."""

WHOLE_JOB = -1
"""In the place of the number of a share: the row is of the job itself, or of its aggregation."""


class FailureColumns(NamedTuple):
    """A failure; all None where there is none."""

    kind: str | None
    message: str | None
    phase: str | None
    limit_seconds: float | None

    @classmethod
    def of(cls, failure: Failure | None) -> "FailureColumns":
        """The columns of a failure."""
        if failure is None:
            return NO_FAILURE
        phase = failure.phase.value if failure.phase is not None else None
        return cls(failure.kind.value, failure.message, phase, failure.limit_seconds)


NO_FAILURE = FailureColumns(None, None, None, None)


def failure_of(columns: FailureColumns) -> Failure | None:
    """The failure that columns tell, if they do."""
    if columns.kind is None:
        return None
    phase = Phase(columns.phase) if columns.phase is not None else None
    return Failure(ErrorKind(columns.kind), columns.message or "", phase, columns.limit_seconds)


def moved(at: float | None, offset: float) -> float | None:
    """An instant on the other clock, if there is one."""
    return at + offset if at is not None else None


def losses_to(losses: Mapping[str, Failure]) -> str:
    """Workers that were lost, in order, with what is known of it, as text."""
    return json.dumps({name: FailureColumns.of(failure) for name, failure in losses.items()})


def losses_from(text: str) -> dict[str, Failure]:
    """Workers that were lost, in order, from text."""
    told = {name: failure_of(FailureColumns(*columns)) for name, columns in json.loads(text).items()}
    return {name: failure for name, failure in told.items() if failure is not None}
