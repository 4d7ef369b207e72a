"""What is claimed of a table, and how it is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from zisk.stark.air import Air
from zisk.stark.describe import describe_air
from zisk.vm.limits import LOG_SIZES


class RefutedError(Exception):
    """The claim does not hold; the message has a counter-example where there is one."""


class UndecidedError(Exception):
    """The solver gave up: the claim is not shown, which is as bad as refuted."""


class Method(StrEnum):
    """How a claim is shown."""

    SOLVER = "solver"
    """z3 finds no counter-example."""
    ENUMERATION = "enumeration"
    """Every case is looked at."""
    INTERVALS = "intervals"
    """Bounds of sums over the integers."""
    ALGEBRA = "algebra"
    """Polynomials are equal."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a table's AIR implies.

    Attributes:
        table: name of the AIR.
        subject: the operation, or what the claim is about; unique within table and sizes.
        statement: what is claimed, a clause for the page without a full stop.
        method: how it is shown.
        sizes: sizes of segments for which this showing holds; empty for tables of circuits.
        air: gives the AIR for which it is shown.
        show: shows the claim of that AIR, or of one that lacks a constraint or a lookup. Raises
            `RefutedError` or `UndecidedError`.
        slow: whether it takes more than a few seconds.
    """

    table: str
    subject: str
    statement: str
    method: Method
    air: Callable[[], Air] = field(repr=False)
    show: Callable[[Air], None] = field(repr=False)
    sizes: tuple[int, ...] = LOG_SIZES
    slow: bool = False

    @property
    def name(self) -> str:
        """What tests and the page call the claim."""
        sizes = "-".join(str(size) for size in self.sizes)
        return " ".join(part for part in (self.table, self.subject, sizes) if part).replace(" ", "-")


def digest_of(air: Air) -> str:
    """Digest of all that an AIR says: its page in `docs/tables` without the prose."""
    return hashlib.sha256(describe_air(air).encode()).hexdigest()


def alike(
    air_of: Callable[[int], Air],
    view: Callable[[Air], Air] = lambda air: air,
    sizes: Sequence[int] = LOG_SIZES,
) -> list[tuple[int, ...]]:
    """Sizes in groups for which the AIR is the same, so that a claim is shown once for a group.

    `view`: leaves out what a claim does not look at.
    """
    groups: dict[str, list[int]] = {}
    for size in sizes:
        groups.setdefault(digest_of(view(air_of(size))), []).append(size)
    return [tuple(group) for group in groups.values()]
