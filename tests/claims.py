"""Claims of jobs with core and edges segments, changed by name."""

from __future__ import annotations

import dataclasses
from typing import Any

from zisk.prover.statement import Claims
from zisk.vm.kinds import CLAIM_NAMES, KINDS


def claims_with(claims: Claims, **changes: Any) -> Claims:
    """Claims with some of them replaced: fields, numbers of segments by kind, or what kinds claim by name."""
    names = [*(kind.name for kind in KINDS), *CLAIM_NAMES[len(KINDS) :]]
    values = [*claims.counts, *claims.kind_claims]
    numbers = [changes.pop(name, value) for name, value in zip(names, values, strict=True)]
    counts, kind_claims = tuple(numbers[: len(KINDS)]), tuple(numbers[len(KINDS) :])
    return dataclasses.replace(claims, counts=counts, kind_claims=kind_claims, **changes)


def claimed(claims: Claims, name: str) -> int:
    """The number of segments of a kind, or what a kind claims by name."""
    names = [*(kind.name for kind in KINDS), *CLAIM_NAMES[len(KINDS) :]]
    return [*claims.counts, *claims.kind_claims][names.index(name)]
