"""Poseidon2 of width 24 on many states side by side.

The rounds are emitted as vector code (`vector_ir`): a block of 24 rows of `LANES` elements stays in the first
cache, and each round reads and writes it once.
"""

from typing import Any

import numpy as np
from numba import types

from zisk.kernels import poseidon2_constants as constants
from zisk.kernels.cpu.vector_ir import LANES, START, Elements, VectorField, align_stack
from zisk.kernels.intrinsics import emitted
from zisk.kernels.jit import inline_kernel, kernel
from zisk.kernels.parameters import MONTGOMERY_BITS, P
from zisk.kernels.poseidon2_constants import DIAGONAL_FACTORS, HALF_EXTERNAL_ROUNDS, INTERNAL_ROUNDS, WIDTH


def _less_p(values: Any) -> np.ndarray:
    """Montgomery form less p, in two's complement: added to a reduced element it gives a signed one."""
    montgomery = (np.array(values, np.uint64) << np.uint64(MONTGOMERY_BITS)) % np.uint64(P)
    return (montgomery - np.uint64(P)).astype(np.uint32)


EXTERNAL = _less_p(constants.EXTERNAL_INITIAL + constants.EXTERNAL_FINAL).reshape(-1)
"""What external rounds add, 24 numbers each, less p."""

INTERNAL = _less_p(constants.INTERNAL)
"""What internal rounds add, less p."""


def load_state(block: Elements) -> list[Any]:
    """The 24 vectors of a block."""
    return [block.load(START, k * LANES) for k in range(WIDTH)]


def store_state(block: Elements, state: list[Any]) -> None:
    """Write the 24 vectors of a block."""
    for k, row in enumerate(state):
        block.store(row, START, k * LANES)


def mix(field: VectorField, state: list[Any]) -> list[Any]:
    """The external layer: the matrix `BLOCK` on four neighbours, then sums over equal places."""
    mixed: list[Any] = []
    for k in range(0, WIDTH, 4):
        a, b, c, d = state[k : k + 4]
        ab, cd = field.add(a, b), field.add(c, d)
        total = field.add(ab, cd)
        with_b, with_d = field.add(total, b), field.add(total, d)
        mixed += [field.add(with_b, ab), field.add(with_b, field.double(c))]
        mixed += [field.add(with_d, cd), field.add(with_d, field.double(a))]
    sums = [_sum(field, mixed[place::4]) for place in range(4)]
    return [field.add(value, sums[k % 4]) for k, value in enumerate(mixed)]


def mix_internal(field: VectorField, state: list[Any]) -> list[Any]:
    """The internal layer: the diagonal matrix, and the sum of all elements added to each.

    Elements that `LOOSE` names are any numbers of 32 bits, before and after; the others are reduced, and two
    of them add up to a number of 32 bits. The first diagonal element is -2: the rest less the first remains.
    """
    first, *others = state
    reduced = [value for value, loose in zip(others, LOOSE[1:], strict=True) if not loose]
    pairs = [field.wrapping_add(x, y) for x, y in zip(reduced[::2], reduced[1::2], strict=False)]
    unpaired = reduced[2 * len(pairs) :]
    unreduced = [value for value, loose in zip(others, LOOSE[1:], strict=True) if loose]
    rest = field.sum_loose(pairs + unpaired + unreduced)
    total = field.add(rest, first)
    mixed = [field.sub(rest, first)]
    for value, (factor, exponent) in zip(others, DIAGONAL_FACTORS[1:], strict=True):
        if exponent < 0:
            combine = field.add_quotient if factor > 0 else field.sub_quotient
            mixed.append(combine(total, value, -exponent))
        else:
            term = _multiple(field, value, abs(factor) << exponent)
            mixed.append(field.add(total, term) if factor > 0 else field.sub(total, term))
    return mixed


LOOSE = tuple(exponent < 0 and (factor, exponent) != (-1, -1) for factor, exponent in DIAGONAL_FACTORS)
"""Which elements internal rounds leave unreduced: those divided by powers of two, -1/2 excepted."""


def _sum(field: VectorField, values: list[Any]) -> Any:
    while len(values) > 1:
        pairs = [field.add(x, y) for x, y in zip(values[::2], values[1::2], strict=False)]
        values = pairs + values[2 * len(pairs) :]
    return values[0]


def _multiple(field: VectorField, x: Any, factor: int) -> Any:
    """1, 2, 3 or 4 times x."""
    if factor == 1:
        return x
    double = field.double(x)
    return double if factor == 2 else field.add(x, double) if factor == 3 else field.double(double)


@emitted
def external_layer(typing_context: Any, block: Any) -> Any:
    """Apply the external layer to a block."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        rows = Elements(context, builder, signature.args[0], arguments[0])
        store_state(rows, mix(VectorField(builder), load_state(rows)))
        return context.get_dummy_value()

    return types.void(block), emit


@emitted
def _external_round(typing_context: Any, block: Any, added: Any, start: Any) -> Any:
    """Add the 24 constants from `added[start]` on, cube, apply the external layer."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        field = VectorField(builder)
        rows = Elements(context, builder, signature.args[0], arguments[0])
        numbers = Elements(context, builder, signature.args[1], arguments[1])
        cubes = []
        for k, value in enumerate(load_state(rows)):
            number = field.broadcast(numbers.scalar(arguments[2], k))
            cubes.append(field.cube(field.add_signed(value, number)))
        store_state(rows, mix(field, cubes))
        return context.get_dummy_value()

    return types.void(block, added, types.int64), emit


@emitted
def _internal_round(typing_context: Any, block: Any, added: Any, index: Any) -> Any:
    """Add `added[index]` to the first element, cube it, apply the internal layer."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        field = VectorField(builder)
        rows = Elements(context, builder, signature.args[0], arguments[0])
        numbers = Elements(context, builder, signature.args[1], arguments[1])
        first, *others = load_state(rows)
        number = field.broadcast(numbers.scalar(arguments[2]))
        first = field.cube(field.add_signed(first, number))
        store_state(rows, mix_internal(field, [first, *others]))
        return context.get_dummy_value()

    return types.void(block, added, types.int64), emit


@emitted
def reduce_block(typing_context: Any, block: Any) -> Any:
    """Reduce the numbers that internal rounds leave in a block."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        field = VectorField(builder)
        rows = Elements(context, builder, signature.args[0], arguments[0])
        state = zip(load_state(rows), LOOSE, strict=True)
        store_state(rows, [field.reduce(value) if loose else value for value, loose in state])
        return context.get_dummy_value()

    return types.void(block), emit


@kernel
def permute_block(block: np.ndarray) -> None:
    """Permute the states in the columns of `block`, uint32[24, LANES], C-contiguous, in place."""
    align_stack()
    external_layer(block)
    for index in range(HALF_EXTERNAL_ROUNDS):
        _external_round(block, EXTERNAL, index * WIDTH)
    for index in range(INTERNAL_ROUNDS):
        _internal_round(block, INTERNAL, index)
    reduce_block(block)
    for index in range(HALF_EXTERNAL_ROUNDS, 2 * HALF_EXTERNAL_ROUNDS):
        _external_round(block, EXTERNAL, index * WIDTH)


@kernel
def permute(states: np.ndarray) -> None:
    """Permute the states in the columns of `states`, uint32[24, n] with any n, in place."""
    block = np.zeros((WIDTH, LANES), np.uint32)
    for first in range(0, states.shape[1], LANES):
        lanes = min(LANES, states.shape[1] - first)
        copy_lanes(states, first, block, 0, WIDTH, lanes)
        permute_block(block)
        copy_lanes(block, 0, states, first, WIDTH, lanes)


@kernel
def permute_after_each(state: np.ndarray, rows: np.ndarray) -> None:
    """Overwrite the first elements of `state`, uint32[24], with each of `rows`, uint32[n, r], and permute."""
    block = np.zeros((WIDTH, LANES), np.uint32)
    for k in range(WIDTH):
        block[k, 0] = state[k]
    for row in range(rows.shape[0]):
        for k in range(rows.shape[1]):
            block[k, 0] = rows[row, k]
        permute_block(block)
    for k in range(WIDTH):
        state[k] = block[k, 0]


@inline_kernel
def copy_lanes(
    source: np.ndarray, source_start: int, target: np.ndarray, target_start: int, rows: int, lanes: int
) -> None:
    """Copy `lanes` <= LANES neighbours of the first `rows` rows of a matrix to another.

    A full vector has a loop of its own, whose length the compiler knows.
    """
    for k in range(rows):
        given = source[k, source_start : source_start + lanes]
        taken = target[k, target_start : target_start + lanes]
        if lanes == LANES:
            for lane in range(LANES):
                taken[lane] = given[lane]
        else:
            for lane in range(lanes):
                taken[lane] = given[lane]


def warm() -> None:
    """Compile the kernels of this module."""
    permute(np.zeros((WIDTH, 1), np.uint32))
    permute_after_each(np.zeros(WIDTH, np.uint32), np.zeros((1, 1), np.uint32))
