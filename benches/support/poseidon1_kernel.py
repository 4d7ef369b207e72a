"""Poseidon of width 24 on many states side by side, emitted like the kernel of Poseidon2.

The circulant matrix of a full round is a product modulo X^24 - 1, which is the product of X^3 - w^k over the
eighth roots of unity w^k. So three transforms of length eight leave nine products for each root, 72 in the
place of 576. Partial rounds are sparse (`poseidon1.sparse_rounds`).

It is compiled anew in each process: files of `zisk.kernels.jit` are named by the sources of the package, and
a change of what is emitted here would go unnoticed. So full rounds stand in the code once, and nothing in it
makes or copies arrays.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numba
import numpy as np
from numba import types

from zisk.field.koalabear import to_montgomery
from zisk.kernels.cpu.poseidon2 import _less_p, load_state, store_state
from zisk.kernels.cpu.vector_ir import LANES, START, Elements, VectorField, align_stack
from zisk.kernels.intrinsics import emitted
from zisk.kernels.parameters import MONTGOMERY_BITS, P_INVERSE, P
from zisk.kernels.poseidon2_constants import WIDTH

from .poseidon1 import CONSTANTS, HALF_FULL_ROUNDS, MATRIX, PARTIAL_ROUNDS, sparse_rounds

ROOTS, DEGREE = 8, 3
"""X^24 - 1 has eight factors X^3 - w^k."""
ROOT = pow(3, (P - 1) // ROOTS, P)

Widened = tuple[Any, Any]


class ProductField(VectorField):
    """Sums of products, with one reduction each."""

    def sum_products(self, left: list[Widened], right: list[Widened]) -> Any:
        """The sum of up to 24 products of widened reduced vectors, reduced.

        Four products are below 4 p^2 < 2^33 p, which is below 2^64. Less 2^32 p, where that does not wrap,
        they are below 2^32 p; two such sums, below 2^33 p, are brought below it in the same way.
        """
        halves = []
        for half in range(2):
            products = [self._builder.mul(x[half], y[half]) for x, y in zip(left, right, strict=True)]
            groups = [products[k : k + 4] for k in range(0, len(products), 4)]
            total, *others = [self._cut(self._plain_sum(group)) for group in groups]
            for other in others:
                total = self._cut(self._builder.add(total, other))
            quotient = self._low(self._builder.mul(self._low(total), self._wide_constant(P_INVERSE)))
            cut = self._builder.mul(quotient, self._wide_constant(P))
            halves.append(self._builder.sub(total, cut))  # the low 32 bits cancel, the high ones are signed
        return self.normalise(self._merge(halves))

    def montgomery(self, value: int) -> Any:
        """A canonical number known beforehand, in every lane, in Montgomery form."""
        return self.constant((value << MONTGOMERY_BITS) % P)

    def _plain_sum(self, values: list[Any]) -> Any:
        total, *others = values
        for other in others:
            total = self._builder.add(total, other)
        return total


def _remainders(values: list[int]) -> list[list[int]]:
    """For each root w^k the three coefficients modulo X^3 - w^k of a polynomial of 24."""
    return [
        [
            sum(values[DEGREE * place + low] * pow(ROOT, k * place, P) for place in range(ROOTS)) % P
            for low in range(DEGREE)
        ]
        for k in range(ROOTS)
    ]


_FIRST_COLUMN = [line[0] * pow(ROOTS, -1, P) % P for line in MATRIX]
_FACTORS = _remainders(_FIRST_COLUMN)
"""Of the matrix as a polynomial; the eighth that the way back needs is in them."""

_REVERSED = (0, 4, 2, 6, 1, 5, 3, 7)
"""Which root each place of a transform has: it ends in bit-reversed order, and the way back begins there."""


def circulant_layer(field: ProductField, state: list[Any]) -> list[Any]:
    """The circulant matrix on 24 reduced vectors."""
    columns = [_forward(field, state[low::DEGREE]) for low in range(DEGREE)]
    products = []
    for place, k in enumerate(_REVERSED):
        values = [field.widen(column[place]) for column in columns]
        once = [field.widen(field.montgomery(factor)) for factor in _FACTORS[k]]
        wrapped = [field.widen(field.montgomery(factor * pow(ROOT, k, P))) for factor in _FACTORS[k]]
        products.append(
            [
                field.sum_products(
                    values, [once[low - i] if i <= low else wrapped[low - i] for i in range(DEGREE)]
                )
                for low in range(DEGREE)
            ]
        )
    back = [_backward(field, [product[low] for product in products]) for low in range(DEGREE)]
    return list(chain(*zip(*back, strict=True)))


def _forward(field: ProductField, values: list[Any]) -> list[Any]:
    """The values at the eighth roots of unity, in bit-reversed order."""
    size = len(values)
    if size == 1:
        return values
    half, step = size // 2, ROOTS // size
    pairs = list(zip(values[:half], values[half:], strict=True))
    sums = [field.add(x, y) for x, y in pairs]
    rest = [_times_root(field, field.sub(x, y), step * k) for k, (x, y) in enumerate(pairs)]
    return _forward(field, sums) + _forward(field, rest)


def _backward(field: ProductField, values: list[Any]) -> list[Any]:
    """Eight times the coefficients that have these values."""
    size = len(values)
    if size == 1:
        return values
    half, step = size // 2, ROOTS // size
    sums, rest = _backward(field, values[:half]), _backward(field, values[half:])
    rest = [_times_root(field, value, -step * k) for k, value in enumerate(rest)]
    pairs = list(zip(sums, rest, strict=True))
    return [field.add(x, y) for x, y in pairs] + [field.sub(x, y) for x, y in pairs]


def _times_root(field: ProductField, value: Any, exponent: int) -> Any:
    return field.mul(value, field.montgomery(pow(ROOT, exponent % ROOTS, P))) if exponent else value


_SPARSE = sparse_rounds()
FULL = _less_p([*CONSTANTS[:HALF_FULL_ROUNDS], *CONSTANTS[-HALF_FULL_ROUNDS:]]).reshape(-1)
"""What full rounds add, 24 numbers each, less p."""
PARTIAL = _less_p(_SPARSE.constants)
"""What partial rounds add, less p."""
LINES = to_montgomery(
    [
        [first, *row, *column]
        for first, row, column in zip(_SPARSE.firsts, _SPARSE.rows, _SPARSE.columns, strict=True)
    ]
).astype(np.uint32)
"""Of each partial round: its first number, row and column, 47 numbers."""
DENSE = to_montgomery(_SPARSE.dense).astype(np.uint32)
ADDED = to_montgomery(_SPARSE.added).astype(np.uint32)
WIDE = WIDTH - 1


@emitted
def _full_round(typing_context: Any, block: Any, added: Any, start: Any) -> Any:
    """Add the 24 constants from `added[start]` on, cube, apply the matrix."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        field = ProductField(builder)
        rows = Elements(context, builder, signature.args[0], arguments[0])
        numbers = Elements(context, builder, signature.args[1], arguments[1])
        cubes = [
            field.cube(field.add_signed(value, field.broadcast(numbers.scalar(arguments[2], k))))
            for k, value in enumerate(load_state(rows))
        ]
        store_state(rows, circulant_layer(field, cubes))
        return context.get_dummy_value()

    return types.void(block, added, types.int64), emit


@emitted
def _partial_round(typing_context: Any, block: Any, added: Any, index: Any, lines: Any, start: Any) -> Any:
    """Add `added[index]` to the first element, cube it, apply the sparse matrix from `lines[start]` on."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        field = ProductField(builder)
        rows = Elements(context, builder, signature.args[0], arguments[0])
        numbers = Elements(context, builder, signature.args[1], arguments[1])
        matrix = Elements(context, builder, signature.args[3], arguments[3])
        first, *others = load_state(rows)
        first = field.cube(field.add_signed(first, field.broadcast(numbers.scalar(arguments[2]))))
        across = [field.broadcast_wide(matrix.scalar(arguments[4], k)) for k in range(WIDTH)]
        mixed = [field.sum_products([field.widen(value) for value in (first, *others)], across)]
        for k, value in enumerate(others):
            down = field.broadcast(matrix.scalar(arguments[4], WIDTH + k))
            mixed.append(field.add(value, field.mul(first, down)))
        store_state(rows, mixed)
        return context.get_dummy_value()

    return types.void(block, added, types.int64, lines, types.int64), emit


@emitted
def _dense_line(typing_context: Any, block: Any, out: Any, place: Any, matrix: Any, start: Any) -> Any:
    """Write to `out[place]` the block without its first row, times the 23 numbers from `matrix[start]` on."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        field = ProductField(builder)
        rows = Elements(context, builder, signature.args[0], arguments[0])
        target = Elements(context, builder, signature.args[1], arguments[1])
        numbers = Elements(context, builder, signature.args[3], arguments[3])
        values = [field.widen(value) for value in load_state(rows)[1:]]
        line = [field.broadcast_wide(numbers.scalar(arguments[4], k)) for k in range(WIDE)]
        target.store(field.sum_products(values, line), arguments[2])
        return context.get_dummy_value()

    return types.void(block, out, types.int64, matrix, types.int64), emit


@emitted
def _replace_rest(typing_context: Any, block: Any, rest: Any, added: Any) -> Any:
    """Take all but the first row of the block from `rest`, and add 24 constants."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        field = ProductField(builder)
        rows = Elements(context, builder, signature.args[0], arguments[0])
        others = Elements(context, builder, signature.args[1], arguments[1])
        numbers = Elements(context, builder, signature.args[2], arguments[2])
        values = [load_state(rows)[0], *load_state(others)[1:]]
        state = [
            field.add(value, field.broadcast(numbers.scalar(START, k))) for k, value in enumerate(values)
        ]
        store_state(rows, state)
        return context.get_dummy_value()

    return types.void(block, rest, added), emit


_compiled = numba.njit(nogil=True, error_model="numpy", boundscheck=False)
"""The options of `zisk.kernels.jit`, without its files."""


def permute_blocks1(states: np.ndarray, start: int, stop: int) -> None:
    """Permute the blocks `start` to `stop` of `states`, uint32[blocks, 24, LANES] in Montgomery form."""
    _permute(states, start, stop, np.empty((WIDTH, LANES), np.uint32))


@_compiled
def _permute(states: np.ndarray, start: int, stop: int, mixed: np.ndarray) -> None:
    align_stack()
    for number in range(start, stop):
        block = states[number]
        for half in range(2):
            if half:
                for index in range(PARTIAL_ROUNDS):
                    _partial_round(block, PARTIAL, index, LINES, index * (2 * WIDTH - 1))
                for index in range(WIDE):
                    _dense_line(block, mixed, (index + 1) * LANES, DENSE, index * WIDE)
                _replace_rest(block, mixed, ADDED)
            for index in range(HALF_FULL_ROUNDS):
                _full_round(block, FULL, (half * HALF_FULL_ROUNDS + index) * WIDTH)
