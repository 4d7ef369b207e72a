"""The prover's openings: values at zeta and at the next point, and the codeword that FRI tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from zisk.field import quintic, quintic_array
from zisk.field.koalabear import from_montgomery, inverse, root_of_unity, to_montgomery
from zisk.field.quintic import Element
from zisk.kernels.backend import Backend
from zisk.kernels.operands import (
    Array,
    Combination,
    OpenedColumns,
    ScaledColumns,
    Weights,
    ZeroDenominatorError,
)
from zisk.stark.batching import BatchingOrder, Tree, combine, powers_of
from zisk.stark.domain import coset_offset, coset_offsets
from zisk.stark.errors import TraceError
from zisk.stark.reciprocal import reciprocal


@dataclass(frozen=True, slots=True)
class OpenedTable:
    """One table of one tree on its cosets: columns uint32[c, B, n], Montgomery."""

    tree: Tree
    table: int
    columns: Array

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
    backend: Backend,
) -> tuple[tuple[Element, ...], tuple[Element, ...]]:
    """Values of all columns, lifted, at zeta, and of those read next at w_N zeta, in batching order.

    Raises:
        TraceError: zeta lies in an evaluation domain.
    """
    openings = [
        (OpenedColumns(one.columns, columns, is_next), powers)
        for is_next in (False, True)
        for one in sorted(tables, key=lambda table: -table.log_height)
        for columns, powers in [order.columns(one.tree, one.table, following=is_next)]
        if columns.size
    ]
    weights = {
        rows: _weights(quintic.power(zeta, (1 << log_size) // rows), rows, log_blowup)
        for rows in dict.fromkeys(one.table.shape[2] for one, _ in openings)
    }
    here: list[Element] = [quintic.ZERO] * len(order.places)
    following: list[Element] = [quintic.ZERO] * len(order.following)
    with _outside_of_domains():
        found = backend.open_columns([one for one, _ in openings], weights)
    for (one, powers), values in zip(openings, found, strict=True):
        places = np.searchsorted(order.following, powers) if one.following else powers
        target = following if one.following else here
        elements = quintic_array.to_elements(from_montgomery(values).T)
        for place, value in zip(places.tolist(), elements, strict=True):
            target[place] = value
    return tuple(here), tuple(following)


def _weights(z: Element, n: int, log_blowup: int) -> Weights:
    """Barycentric weights over coset 0 of a table of n rows for a point z.

    f(z) is the sum of weight(x_i) f(x_i). With s the coset's first point a weight is
    ((z / s)^n - 1) / n * x / (z - x) = f (z / (z - x) - 1), where f stands for the first two factors.
    At w_n z the same f and (x_i / w_n) / (z - x_i / w_n) make the weight of x_i the one of x_(i - 1) at z.
    """
    offset = coset_offset(n.bit_length() - 1, log_blowup, 0)
    scaled = quintic.power(quintic.scale(z, inverse(offset)), n)
    factor = quintic.scale(quintic.sub(quintic.ONE, scaled), inverse(n))
    return Weights(offset, reciprocal(z, quintic.mul(factor, z), factor))


def fri_codeword(
    tables: Sequence[OpenedTable],
    order: BatchingOrder,
    here: Sequence[Element],
    following: Sequence[Element],
    zeta: Element,
    gamma: Element,
    log_size: int,
    log_blowup: int,
    backend: Backend,
) -> Array:
    """The DEEP quotient of all columns, in the order of leaves: uint32[B N, 5], Montgomery.

    Sum of gamma^i (f_i(x) - f_i(zeta)) / (x - zeta), plus gamma^M times the same sum over the columns read
    next, with the same powers, at w_N zeta; M is the number of columns.

    Raises:
        TraceError: zeta lies in an evaluation domain.
    """
    gammas = powers_of(gamma, len(order.places))
    shift = quintic.scale(quintic.mul(gammas[-1], gamma), inverse(root_of_unity(log_size)))
    gammas_next = {power: quintic.mul(shift, gammas[power]) for power in order.following}
    value, value_next = combine(gammas, here), combine(list(gammas_next.values()), following)
    with _outside_of_domains():
        return backend.deep_codeword(
            _combination(tables, order, dict(enumerate(gammas)), value, following=False),
            _combination(tables, order, gammas_next, value_next, following=True),
            reciprocal(zeta),
            coset_offsets(log_size, log_blowup),
            1 << log_size,
        )


@contextmanager
def _outside_of_domains() -> Iterator[None]:
    try:
        yield
    except ZeroDenominatorError as error:
        raise TraceError("the opening point lies in an evaluation domain") from error


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
    return Combination(to_montgomery(quintic.neg(value)), parts)
