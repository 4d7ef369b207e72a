"""A kind of segment: which tables it has, in which order, how tall they may be, and its public terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from zisk.field.koalabear import P
from zisk.stark.air import Air, Bus
from zisk.stark.errors import AirError
from zisk.stark.expression import Scope

WEIGHT_LIMIT = 1 << 29
"""Weights of all segments of a job add up below this, so that no sum of two children can wrap p."""


@dataclass(frozen=True, slots=True)
class Term:
    """A message that the verifier adds to a bus because a public value says so."""

    bus: Bus
    message: tuple[int, ...]
    multiplicity: int
    """+1 where the verifier sends, -1 where it receives."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table's place in a kind."""

    air: Air
    max_log_height: int


Terms = Callable[[Mapping[str, int]], Sequence[Term]]


def no_terms(_: Mapping[str, int]) -> Sequence[Term]:
    """The public terms of a kind that has none."""
    return ()


@dataclass(frozen=True, eq=False)
class Kind:
    """The shape of a multi-table proof.

    Attributes:
        name, number: what messages and digests call it.
        log_size: log2 of N, a constant of the kind and the job's size.
        tables: in the order of table ids, which is the order of hashing and batching.
        public_names: the segment's public values in the order of the transcript.
        terms: the verifier's own bus messages, a function of the public values by name.
    """

    name: str
    number: int
    log_size: int
    tables: tuple[TableShape, ...]
    public_names: tuple[str, ...] = ()
    terms: Terms = no_terms

    def __post_init__(self) -> None:
        self._check_names()
        self._check_heights()
        self._check_buses()

    @property
    def airs(self) -> tuple[Air, ...]:
        """The AIRs in the order of table ids."""
        return tuple(table.air for table in self.tables)

    @cached_property
    def public_places(self) -> tuple[tuple[int, ...], ...]:
        """For each table, where each of its public values stands in `public_names`."""
        return tuple(tuple(self.public_names.index(name) for name in air.public_names) for air in self.airs)

    @cached_property
    def constraint_offsets(self) -> tuple[int, ...]:
        """For each table, the power of beta of its first constraint; at the end, how many there are."""
        offsets = [0]
        for air in self.airs:
            offsets.append(offsets[-1] + len(air.constraints))
        return tuple(offsets)

    def public_values(self, values: Sequence[int]) -> dict[str, int]:
        """Public values by name."""
        return dict(zip(self.public_names, values, strict=True))

    def weight(self, log_heights: Sequence[int]) -> int:
        """The larger of the numbers of messages that a segment sends and receives on global buses."""
        return max(
            sum(
                sum(1 for one in air.fractions(Scope.GLOBAL) if one.sent is sent) << height
                for air, height in zip(self.airs, log_heights, strict=True)
            )
            for sent in (True, False)
        )

    def _check_names(self) -> None:
        for air in self.airs:
            unknown = set(air.public_names) - set(self.public_names)
            if unknown:
                raise AirError(f"{self.name}: table {air.name} reads unknown public values {sorted(unknown)}")

    def _check_heights(self) -> None:
        for table in self.tables:
            if not 0 <= table.max_log_height <= self.log_size:
                raise AirError(f"{self.name}: table {table.air.name} may be taller than the segment")

    def _check_buses(self) -> None:
        """An id stands for one bus of one length; none can carry p fractions, since p equal ones vanish."""
        numbers: dict[int, Bus] = {}
        load: dict[str, int] = {}
        for table in self.tables:
            for one in table.air.interactions:
                if one.bus.number == 0 or numbers.setdefault(one.bus.number, one.bus) != one.bus:
                    raise AirError(f"{self.name}: bus id {one.bus.number} is zero or used twice")
                load[one.bus.name] = load.get(one.bus.name, 0) + (1 << table.max_log_height)
        for name, fractions in load.items():
            if fractions >= P:
                raise AirError(
                    f"{self.name}: bus {name} may carry {fractions} fractions, which is not below p"
                )
