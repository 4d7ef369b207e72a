"""The prover's openings: values at zeta and at the next point, and the codeword that FRI tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from zisk.field import quintic, quintic_array
from zisk.field.koalabear import from_montgomery, inverse, root_of_unity, to_montgomery
from zisk.field.quintic import DEGREE, Element
from zisk.kernels.cpu.opening import (
    add_scaled_columns,
    add_weighted_sums,
    barycentric_weights,
    deep_quotient,
)
from zisk.kernels.pool import Pool
from zisk.stark.batching import BatchingOrder, Tree, combine, powers_of
from zisk.stark.domain import coset_offset, coset_points, leaf_order
from zisk.stark.errors import TraceError
from zisk.stark.evaluation import row_pieces
from zisk.stark.lifting import lifted_sum

ROWS_PER_TASK = 1 << 13
"""Rows of a block when columns are combined, and when their sums are divided."""

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
    next_zeta = quintic.scale(zeta, root_of_unity(log_size))
    openings = [
        _Opening(one, columns, powers, is_next)
        for is_next in (False, True)
        for one in sorted(tables, key=lambda table: -table.log_height)
        for columns, powers in [order.columns(one.tree, one.table, following=is_next)]
        if columns.size
    ]
    wanted = dict.fromkeys((one.table.log_height, one.is_next) for one in openings)
    points = {
        (log_height, is_next): quintic.power(next_zeta if is_next else zeta, 1 << (log_size - log_height))
        for log_height, is_next in wanted
    }
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


_Place = tuple[int, bool]
"""log2 of the rows of a table, and whether it is opened at the next point."""


def _values(
    openings: Sequence[_Opening], weights: Mapping[_Place, np.ndarray], pool: Pool
) -> list[list[Element]]:
    """For each opening, the sums of weights times each column on coset 0."""
    sums = [np.zeros((one.columns.size, DEGREE), dtype=np.uint32) for one in openings]

    def task(index: int, first: int, last: int) -> None:
        one = openings[index]
        factors = weights[one.table.log_height, one.is_next]
        columns, rows = one.columns[first:last], one.table.columns.shape[2]
        add_weighted_sums(one.table.columns, columns, factors, 0, rows, sums[index][first:last])

    pieces = [
        (index, *piece)
        for index, one in enumerate(openings)
        for piece in pool.chunks(one.columns.size, max(1, CELLS_PER_TASK >> one.table.log_height))
    ]
    pool.map(lambda piece: task(*piece), pieces)
    return [quintic_array.to_elements(from_montgomery(one).T) for one in sums]


def _weights(points: Mapping[_Place, Element], log_blowup: int, pool: Pool) -> dict[_Place, np.ndarray]:
    """Barycentric weights over coset 0, for several heights and points: f(z) = sum of weights_i f(x_i).

    With s the coset's first point: ((z / s)^n - 1) / n * x_i / (z - x_i).
    """
    weights: dict[_Place, np.ndarray] = {}
    known: dict[_Place, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for place, point in points.items():
        log_height, n = place[0], 1 << place[0]
        offset = coset_offset(log_height, log_blowup, 0)
        scaled = quintic.power(quintic.scale(point, inverse(offset)), n)
        factor = quintic.scale(quintic.sub(scaled, quintic.ONE), inverse(n))
        known[place] = coset_points(log_height, log_blowup, 0), _array(point), _array(factor)
        weights[place] = np.empty((DEGREE, n), dtype=np.uint32)

    def task(place: _Place, first: int, last: int) -> bool:
        return barycentric_weights(*known[place], first, last, weights[place])

    pieces = [(place, *piece) for place in points for piece in row_pieces(1 << place[0], ROWS_PER_TASK)]
    if not all(pool.map(lambda piece: task(*piece), pieces)):
        raise TraceError("the opening point lies in an evaluation domain")
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
    value = combine(gammas, here)
    value_next = combine([gammas[power] for power in order.following], following)
    factor = quintic.mul(gammas[-1], gamma)
    next_zeta = quintic.scale(zeta, root_of_unity(log_size))
    factors = to_montgomery(np.array(gammas, dtype=np.uint64))
    size = 1 << log_size
    codeword = np.empty((size << log_blowup, DEGREE), dtype=np.uint32)
    scalars = _array(zeta), _array(next_zeta), _array(value), _array(value_next), _array(factor)
    combined = _by_height(tables, order, factors)

    def divide(
        points: np.ndarray, sums: tuple[np.ndarray, np.ndarray], leaves: np.ndarray, first: int, last: int
    ) -> None:
        deep_quotient(points, *sums, *scalars, leaves, first, last, codeword)

    for coset in range(1 << log_blowup):
        sums = _combined(combined, coset, size, pool)
        points, leaves = coset_points(log_size, log_blowup, coset), leaf_order(log_size, log_blowup, coset)
        pieces = row_pieces(size, ROWS_PER_TASK)
        pool.map(partial(divide, points, sums, leaves), *zip(*pieces, strict=True))
    return codeword


_Combined = dict[tuple[bool, int], list[tuple[np.ndarray, np.ndarray, np.ndarray]]]
"""What is combined for each point, next or not, and number of rows: tables, their columns, the factors."""


def _by_height(tables: Sequence[OpenedTable], order: BatchingOrder, factors: np.ndarray) -> _Combined:
    found: _Combined = {}
    for is_next in (False, True):
        for table in tables:
            columns, powers = order.columns(table.tree, table.table, following=is_next)
            if columns.size:
                one = table.columns, columns, np.ascontiguousarray(factors[powers])
                found.setdefault((is_next, table.columns.shape[2]), []).append(one)
    return found


def _combined(combined: _Combined, coset: int, size: int, pool: Pool) -> tuple[np.ndarray, np.ndarray]:
    """Sums of gamma powers times columns on one coset, lifted to the largest domain: uint32[5, N] each.

    The first is over all columns, the second over those read next.
    """
    totals = {place: np.zeros((DEGREE, place[1]), dtype=np.uint32) for place in combined}

    def task(place: tuple[bool, int], first: int, last: int) -> None:
        for table, columns, factors in combined[place]:
            add_scaled_columns(table, coset, columns, factors, first, last, totals[place])

    pieces = [
        (place, *piece, (piece[1] - piece[0]) * sum(columns.size for _, columns, _ in parts))
        for place, parts in combined.items()
        for piece in row_pieces(place[1], ROWS_PER_TASK)
    ]
    pieces.sort(key=lambda piece: -piece[3])
    pool.map(lambda piece: task(*piece[:3]), pieces)
    here, following = (
        lifted_sum(
            {rows: total for (is_next, rows), total in totals.items() if is_next is at_next}, size, pool
        )
        for at_next in (False, True)
    )
    return here, following


def _array(element: Element) -> np.ndarray:
    return to_montgomery(np.array(element, dtype=np.uint64))
