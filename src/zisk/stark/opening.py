"""The prover's openings: values at zeta and at the next point, and the codeword that FRI tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field import quintic, quintic_array
from zisk.field.koalabear import from_montgomery, inverse, root_of_unity, to_montgomery
from zisk.field.quintic import DEGREE, Element
from zisk.kernels import workspace
from zisk.kernels.cpu.opening import add_weighted_sums, deep_quotient, rational_values
from zisk.kernels.pool import Pool
from zisk.stark.batching import BatchingOrder, Tree, combine, powers_of
from zisk.stark.combination import ROWS_PER_TASK, Combination, ScaledColumns
from zisk.stark.domain import coset_offset, coset_points, leaf_order
from zisk.stark.errors import TraceError
from zisk.stark.evaluation import row_pieces
from zisk.stark.reciprocal import Reciprocal

CELLS_PER_TASK = 1 << 15
"""Cells that are worth a task of their own when columns are opened."""


@dataclass(frozen=True, slots=True)
class OpenedTable:
    """One table of one tree on its cosets: columns uint32[c, B, n], Montgomery."""

    tree: Tree
    table: int
    columns: np.ndarray

    @property
    def log_height(self) -> int:
        """log2 of the table's rows."""
        return self.columns.shape[2].bit_length() - 1


def open_tables(
    tables: Sequence[OpenedTable],
    order: BatchingOrder,
    zeta: Element,
    log_size: int,
    log_blowup: int,
    pool: Pool,
) -> tuple[tuple[Element, ...], tuple[Element, ...]]:
    """Values of all columns, lifted, at zeta, and of those read next at w_N zeta, in batching order.

    Raises:
        TraceError: zeta lies in an evaluation domain.
    """
    openings = [
        _Opening(one, columns, powers, is_next)
        for is_next in (False, True)
        for one in sorted(tables, key=lambda table: -table.log_height)
        for columns, powers in [order.columns(one.tree, one.table, following=is_next)]
        if columns.size
    ]
    heights = dict.fromkeys(one.table.log_height for one in openings)
    points = {height: quintic.power(zeta, 1 << (log_size - height)) for height in heights}
    weights = _weights(points, log_blowup, pool)
    here: list[Element] = [quintic.ZERO] * len(order.places)
    following: list[Element] = [quintic.ZERO] * len(order.following)
    for one, values in zip(openings, _values(openings, weights, pool), strict=True):
        places = np.searchsorted(order.following, one.powers) if one.is_next else one.powers
        target = following if one.is_next else here
        for place, value in zip(places.tolist(), values, strict=True):
            target[place] = value
    return tuple(here), tuple(following)


@dataclass(frozen=True, slots=True)
class _Opening:
    """Columns of one table that are opened at one of the two points, and their powers of gamma."""

    table: OpenedTable
    columns: np.ndarray
    powers: np.ndarray
    is_next: bool


def _values(
    openings: Sequence[_Opening], weights: Mapping[int, np.ndarray], pool: Pool
) -> list[list[Element]]:
    """For each opening, the sums of weights times each column on coset 0."""
    sums = [np.zeros((one.columns.size, DEGREE), dtype=np.uint32) for one in openings]

    def task(index: int, first: int, last: int) -> None:
        one = openings[index]
        columns, skip = one.columns[first:last], 0 if one.is_next else 1
        add_weighted_sums(
            one.table.columns, columns, weights[one.table.log_height], skip, sums[index][first:last]
        )

    pieces = [
        (index, *piece)
        for index, one in enumerate(openings)
        for piece in pool.chunks(one.columns.size, max(1, CELLS_PER_TASK >> one.table.log_height))
    ]
    pool.map(lambda piece: task(*piece), pieces)
    return [quintic_array.to_elements(from_montgomery(one).T) for one in sums]


def _weights(points: Mapping[int, Element], log_blowup: int, pool: Pool) -> dict[int, np.ndarray]:
    """Barycentric weights over coset 0, for one point z at each of several heights: uint32[5, 1 + n].

    f(z) is the sum of weights_(1 + i) f(x_i). With s the coset's first point a weight is
    ((z / s)^n - 1) / n * x / (z - x) = f (z / (z - x) - 1), where f stands for the first two factors.
    At w_n z the same f and (x_i / w_n) / (z - x_i / w_n) make the weight of x_i the one of x_(i - 1) at z.
    So weights_0 repeats the last one, and f(w_n z) is the sum of weights_i f(x_i).
    """
    weights: dict[int, np.ndarray] = {}
    known: dict[int, tuple[np.ndarray, np.ndarray, Reciprocal]] = {}
    for log_height, point in points.items():
        n = 1 << log_height
        offset = coset_offset(log_height, log_blowup, 0)
        scaled = quintic.power(quintic.scale(point, inverse(offset)), n)
        factor = quintic.scale(quintic.sub(quintic.ONE, scaled), inverse(n))
        fraction = Reciprocal.of(point, quintic.mul(factor, point))
        known[log_height] = coset_points(log_height, log_blowup, 0), _array(factor), fraction
        weights[log_height] = workspace.empty((DEGREE, 1 + n))

    def task(log_height: int, first: int, last: int) -> bool:
        points, whole, fraction = known[log_height]
        part = np.empty((DEGREE, last - first), dtype=np.uint32)
        invertible = rational_values(points[first:last], whole, fraction.numerator, fraction.norm, part)
        weights[log_height][:, 1 + first : 1 + last] = part
        return invertible

    pieces = [(height, *piece) for height in points for piece in row_pieces(1 << height, ROWS_PER_TASK)]
    if not all(pool.map(lambda piece: task(*piece), pieces)):
        raise TraceError("the opening point lies in an evaluation domain")
    for one in weights.values():
        one[:, 0] = one[:, -1]
    return weights


def fri_codeword(
    tables: Sequence[OpenedTable],
    order: BatchingOrder,
    here: Sequence[Element],
    following: Sequence[Element],
    zeta: Element,
    gamma: Element,
    log_size: int,
    log_blowup: int,
    pool: Pool,
) -> np.ndarray:
    """The DEEP quotient of all columns, in the order of leaves: uint32[B N, 5], Montgomery.

    Sum of gamma^i (f_i(x) - f_i(zeta)) / (x - zeta), plus gamma^M times the same sum over the columns read
    next, with the same powers, at w_N zeta; M is the number of columns.
    """
    gammas = powers_of(gamma, len(order.places))
    shift = quintic.scale(quintic.mul(gammas[-1], gamma), inverse(root_of_unity(log_size)))
    gammas_next = {power: quintic.mul(shift, gammas[power]) for power in order.following}
    value, value_next = combine(gammas, here), combine(list(gammas_next.values()), following)
    sums = (
        _combination(tables, order, dict(enumerate(gammas)), value, following=False),
        _combination(tables, order, gammas_next, value_next, following=True),
    )
    fraction, zero = Reciprocal.of(zeta), _array(quintic.ZERO)
    size = 1 << log_size
    codeword = workspace.empty((size << log_blowup, DEGREE))
    for coset in range(1 << log_blowup):
        points, leaves = coset_points(log_size, log_blowup, coset), leaf_order(log_size, log_blowup, coset)
        lower = [one.lifted(size, coset, pool) for one in sums]

        def divide(
            piece: tuple[int, int],
            coset: int = coset,
            points: np.ndarray = points,
            leaves: np.ndarray = leaves,
            lower: Sequence[np.ndarray] = lower,
        ) -> bool:
            first, last = piece
            part = points[first - 1 : last] if first else np.append(points[-1:], points[:last])
            inverses = np.empty((DEGREE, part.size), dtype=np.uint32)
            invertible = rational_values(part, zero, fraction.numerator, fraction.norm, inverses)
            at_zeta, at_next = (
                one.block(below, size, coset, first, last) for one, below in zip(sums, lower, strict=True)
            )
            deep_quotient(at_zeta, at_next, inverses, leaves, first, last, codeword)
            return invertible

        if not all(pool.map(divide, row_pieces(size, ROWS_PER_TASK))):
            raise TraceError("the opening point lies in an evaluation domain")
    return codeword


def _combination(
    tables: Sequence[OpenedTable],
    order: BatchingOrder,
    factors: Mapping[int, Element],
    value: Element,
    *,
    following: bool,
) -> Combination:
    """All columns, or those read next, times the factors of their powers of gamma, less a value."""
    parts: dict[int, list[ScaledColumns]] = {}
    for table in tables:
        columns, powers = order.columns(table.tree, table.table, following=following)
        if columns.size:
            chosen = np.array([factors[power] for power in powers.tolist()], dtype=np.uint64)
            one = ScaledColumns(table.columns, columns, to_montgomery(chosen))
            parts.setdefault(table.columns.shape[2], []).append(one)
    return Combination(_array(quintic.neg(value)), parts)


def _array(element: Element) -> np.ndarray:
    return to_montgomery(np.array(element, dtype=np.uint64))
