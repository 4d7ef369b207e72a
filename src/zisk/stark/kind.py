"""A kind of segment: which tables it has, in which order, how tall they may be, and what its publics say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from zisk.field.koalabear import P
from zisk.stark.air import Air, Bus
from zisk.stark.errors import AirError
from zisk.stark.expression import Scope
from zisk.stark.public_values import PublicTerm, Requirement, Residues, Term, evaluate, places_read

WEIGHT_LIMIT = 1 << 29
"""Weights of all segments of a job add up below this, so that no sum of two children can wrap p."""

GLOBAL_TERMS = 2
"""Most messages that the verifier adds to the global buses for one segment, by its kind's terms."""

CIRCUIT_KIND_NUMBER = 3
"""What digests of keys call the kind of circuits; kinds of segments have others."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table's place in a kind."""

    air: Air
    max_log_height: int


@dataclass(frozen=True, eq=False)
class Kind:
    """The shape of a multi-table proof.

    Attributes:
        name, number: what messages and digests call it.
        log_size: log2 of N, a constant of the kind and the job's size.
        tables: in the order of table ids, which is the order of hashing and batching.
        sponges: numbers of tables, from the first on, whose columns have a sponge of their own in the leaves
            of the main and the LogUp tree. Tables that are tall together should share one.
        public_names: the segment's public values in the order of the transcript.
        terms: the verifier's own bus messages, expressions over the public values.
        requirements: what the public values must be.
    """

    name: str
    number: int
    log_size: int
    tables: tuple[TableShape, ...]
    public_names: tuple[str, ...] = ()
    terms: tuple[PublicTerm, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    sponges: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self._check_names()
        self._check_sponges()
        self._check_statements()
        self._check_heights()
        self._check_buses()

    @property
    def airs(self) -> tuple[Air, ...]:
        """The AIRs in the order of table ids."""
        return tuple(table.air for table in self.tables)

    @cached_property
    def is_preprocessed(self) -> bool:
        """Whether any table has preprocessed columns, hence the kind a preprocessed tree."""
        return any(air.preprocessed_width for air in self.airs)

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

    def public_terms(self, values: Sequence[int]) -> list[Term]:
        """The verifier's own bus messages for these public values."""
        return [term.at(values) for term in self.terms]

    def unmet(self, values: Sequence[int]) -> list[str]:
        """For each requirement that these public values do not meet, its sentence and what they are."""
        return [self._complaint(one, values) for one in self.requirements if not one.is_met(values)]

    def _complaint(self, requirement: Requirement, values: Sequence[int]) -> str:
        places = sorted(places_read(requirement.value))
        found = " and ".join(f"{self.public_names[place]} is {values[place]}" for place in places)
        return f"{requirement.sentence}, but {found}"

    @cached_property
    def row_weights(self) -> tuple[int, ...]:
        """For each table the messages that a row sends or receives on global buses, whichever are more."""
        return tuple(
            max(sum(1 for one in air.fractions(Scope.GLOBAL) if one.sent is sent) for sent in (True, False))
            for air in self.airs
        )

    def weight(self, log_heights: Sequence[int]) -> int:
        """A bound on the messages that a segment sends on global buses, and on those it receives."""
        return sum(weight << height for weight, height in zip(self.row_weights, log_heights, strict=True))

    def _check_names(self) -> None:
        for air in self.airs:
            unknown = set(air.public_names) - set(self.public_names)
            if unknown:
                raise AirError(f"{self.name}: table {air.name} reads unknown public values {sorted(unknown)}")

    def _check_sponges(self) -> None:
        if self.sponges and (min(self.sponges) < 1 or sum(self.sponges) >= len(self.tables)):
            raise AirError(
                f"{self.name}: {self.sponges} of {len(self.tables)} tables cannot have own sponges"
            )

    def _check_statements(self) -> None:
        values = [0] * len(self.public_names)
        for term in self.terms:
            if len(term.message) != term.bus.length:
                raise AirError(
                    f"{self.name}: a public term has {len(term.message)} elements, "
                    f"bus {term.bus.name} carries {term.bus.length}"
                )
        expressions = [element for term in self.terms for element in term.message]
        for expression in (*expressions, *(one.value for one in self.requirements)):
            unknown = [place for place in places_read(expression) if not 0 <= place < len(values)]
            if unknown:
                raise AirError(f"{self.name}: there are no public values number {sorted(unknown)}")
            evaluate(Residues(), expression, values)

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
