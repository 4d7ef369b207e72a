"""Claims of jobs, changed and read by the names of kinds and of what these claim."""

from __future__ import annotations

import dataclasses
from typing import Any

from zisk.proof_format.statement import Claims
from zisk.vm.kinds import CLAIM_NAMES, KINDS

_NAMES = (*(kind.name for kind in KINDS), *CLAIM_NAMES[len(KINDS) :])


def claims_with(claims: Claims, **changes: Any) -> Claims:
    """Claims with some of them replaced: fields, numbers of segments by kind, or what kinds claim by name."""
    numbers = [changes.pop(name, claimed(claims, name)) for name in _NAMES]
    counts, kind_claims = tuple(numbers[: len(KINDS)]), tuple(numbers[len(KINDS) :])
    return dataclasses.replace(claims, counts=counts, kind_claims=kind_claims, **changes)


def claimed(claims: Claims, name: str) -> int:
    """The number of segments of a kind, or what a kind claims by name."""
    return (*claims.counts, *claims.kind_claims)[_NAMES.index(name)]
