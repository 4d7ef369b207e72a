"""The prover's openings: values at zeta and at the next point, and the codeword that FRI tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field import quintic, quintic_array
from zisk.field.koalabear import P, from_montgomery, inverse, root_of_unity, to_montgomery
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

ROWS_PER_TASK = 1 << 14
"""Rows of a block when columns are combined."""

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
    here: list[Element] = [quintic.ZERO] * len(order.places)
    following: list[Element] = [quintic.ZERO] * len(order.following)
    weights: dict[tuple[int, bool], np.ndarray] = {}

    for is_next, point, target in ((False, zeta, here), (True, next_zeta, following)):
        for table in tables:
            columns, powers = order.columns(table.tree, table.table, following=is_next)
            if not columns.size:
                continue
            if (table.log_height, is_next) not in weights:
                lifted = quintic.power(point, 1 << (log_size - table.log_height))
                weights[table.log_height, is_next] = _weights(table.log_height, log_blowup, lifted)
            values = _values(table.columns, columns, weights[table.log_height, is_next], pool)
            places = np.searchsorted(order.following, powers) if is_next else powers
            for place, one in zip(places, values, strict=True):
                target[place] = one
    return tuple(here), tuple(following)


def _values(table: np.ndarray, columns: np.ndarray, weights: np.ndarray, pool: Pool) -> list[Element]:
    """The sums of weights times each of some columns on coset 0."""
    rows = table.shape[2]
    sums = np.zeros((columns.size, DEGREE), dtype=np.uint32)

    def task(first: int, last: int) -> None:
        add_weighted_sums(table, columns[first:last], weights, 0, rows, sums[first:last])

    pieces = pool.chunks(columns.size, smallest=max(1, CELLS_PER_TASK // rows))
    pool.map(lambda piece: task(*piece), pieces)
    return quintic_array.to_elements(from_montgomery(sums).T)


def _weights(log_height: int, log_blowup: int, point: Element) -> np.ndarray:
    """Barycentric weights over coset 0: f(z) = sum of weights_i f(x_i).

    With s the coset's first point: ((z / s)^n - 1) / n * x_i / (z - x_i).
    """
    n = 1 << log_height
    offset = coset_offset(log_height, log_blowup, 0)
    scaled = quintic.power(quintic.scale(point, inverse(offset)), n)
    factor = quintic.scale(quintic.sub(scaled, quintic.ONE), inverse(n))
    weights = np.empty((DEGREE, n), dtype=np.uint32)
    points = coset_points(log_height, log_blowup, 0)
    if not barycentric_weights(points, _array(point), _array(factor), weights):
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
    for coset in range(1 << log_blowup):
        sums = [_combined(tables, order, factors, coset, is_next, size, pool) for is_next in (False, True)]
        _in_blocks(
            pool,
            size,
            lambda first, last, coset=coset, sums=sums: deep_quotient(
                coset_points(log_size, log_blowup, coset)[first:last],
                np.ascontiguousarray(sums[0][:, first:last]),
                np.ascontiguousarray(sums[1][:, first:last]),
                _array(zeta),
                _array(next_zeta),
                _array(value),
                _array(value_next),
                _array(factor),
                leaf_order(log_size, log_blowup, coset)[first:last],
                codeword,
            ),
        )
    return codeword


def _combined(
    tables: Sequence[OpenedTable],
    order: BatchingOrder,
    factors: np.ndarray,
    coset: int,
    is_next: bool,
    size: int,
    pool: Pool,
) -> np.ndarray:
    """Sum of gamma powers times columns on one coset, lifted to the largest domain: uint32[5, N]."""
    by_height: dict[int, np.ndarray] = {}
    for table in tables:
        columns, powers = order.columns(table.tree, table.table, following=is_next)
        if not columns.size:
            continue
        rows = table.columns.shape[2]
        out = by_height.setdefault(rows, np.zeros((DEGREE, rows), dtype=np.uint32))
        chosen = np.ascontiguousarray(factors[powers])
        _in_blocks(
            pool,
            rows,
            lambda first, last, t=table.columns, c=columns, f=chosen, o=out: add_scaled_columns(
                t, coset, c, f, first, last, o
            ),
        )
    total = np.zeros((DEGREE, 1), dtype=np.uint32)
    for rows in sorted(by_height):
        repeated = np.tile(total, (1, rows // total.shape[1]))
        total = (repeated + by_height[rows]) % np.uint32(P)
    return np.tile(total, (1, size // total.shape[1]))


def _in_blocks(pool: Pool, rows: int, task) -> None:
    starts = range(0, rows, ROWS_PER_TASK)
    pool.map(lambda first: task(first, min(first + ROWS_PER_TASK, rows)), starts)


def _array(element: Element) -> np.ndarray:
    return to_montgomery(np.array(element, dtype=np.uint64))
