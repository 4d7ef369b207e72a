"""The batch of all columns at points of the evaluation domain (docs/soundness.md, section 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.readable.field import DEGREE, K, powers, root_of_unity
from tests.readable.proof import SegmentProof, committed


class Batch:
    """The batch word of one segment at the places whose rows are opened."""

    def __init__(
        self, proof: SegmentProof, zeta: K, gamma: K, rows: Mapping[str, Mapping[int, Sequence[int]]]
    ) -> None:
        self._rows, self._zeta = rows, zeta
        self._zeta_next = zeta * root_of_unity(proof.kind.log_size)
        self._powers = [power.coefficients for power in powers(gamma, len(proof.order))]
        self._scale = gamma ** len(proof.order)
        self._read_next = proof.read_next
        self._value = _combine(self._powers, proof.openings)
        self._powers_next = [self._powers[number] for number in proof.read_next]
        self._value_next = _combine(self._powers_next, proof.openings_next)
        starts: dict[tuple[str, int], int] = {}
        for tree, columns in committed(proof.kind).items():
            for table in range(len(columns.widths)):
                starts[tree, table] = sum(columns.widths[:table])
        self._places = [(tree, starts[tree, table] + column) for tree, table, column in proof.order]

    def value(self, place: int, x: int) -> K:
        """The batch at the point x, from the rows opened at a place."""
        rows = {tree: opened[place] for tree, opened in self._rows.items()}
        values = [rows[tree][column] for tree, column in self._places]
        at_zeta = _mix(self._powers, values) - self._value
        at_next = _mix(self._powers_next, [values[number] for number in self._read_next]) - self._value_next
        first = at_zeta * (-self._zeta + x).inverse()
        return first + self._scale * at_next * (-self._zeta_next + x).inverse()


def _mix(bases: Sequence[Sequence[int]], values: Sequence[int]) -> K:
    """The sum of base_k value_k, for values in F."""
    parts = zip(*bases, strict=True) if values else [()] * DEGREE
    return K(sum(map(int.__mul__, part, values)) for part in parts)


def _combine(bases: Sequence[Sequence[int]], values: Sequence[K]) -> K:
    """The sum of base_k value_k, for values in K."""
    return sum((K(base) * value for base, value in zip(bases, values, strict=True)), K.of(0))
