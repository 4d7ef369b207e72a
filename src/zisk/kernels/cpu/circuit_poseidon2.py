"""Poseidon2 as circuits need it: one state after another, and all cubes of many states.

A chain of permutations has one state at a time, so the state itself is the vector. Cubes are those of many
states side by side, in the rounds of `poseidon2`.
"""

from typing import Any

import numpy as np
from numba import types

from zisk.kernels import poseidon2_constants as constants
from zisk.kernels.cpu.field import add, mul, reduce
from zisk.kernels.cpu.poseidon2 import (
    EXTERNAL,
    INTERNAL,
    copy_lanes,
    external_layer,
    load_state,
    mix,
    mix_internal,
    reduce_block,
    store_state,
)
from zisk.kernels.cpu.vector_ir import LANES, Elements, VectorField
from zisk.kernels.elements import to_montgomery
from zisk.kernels.intrinsics import emitted
from zisk.kernels.jit import inline_kernel, kernel
from zisk.kernels.parameters import MONTGOMERY_BITS, P
from zisk.kernels.poseidon2_constants import HALF_EXTERNAL_ROUNDS, INTERNAL_ROUNDS, WIDTH

CUBES = 2 * HALF_EXTERNAL_ROUNDS * WIDTH + INTERNAL_ROUNDS
"""Cubes of a permutation."""

_EXTERNAL = to_montgomery(constants.EXTERNAL_INITIAL + constants.EXTERNAL_FINAL)
_INTERNAL = to_montgomery(constants.INTERNAL)
_DIAGONAL = to_montgomery(constants.DIAGONAL)
_CUBED_RADIX = np.uint64(2 ** (3 * MONTGOMERY_BITS) % P)


@inline_kernel
def _scaled_sum(total):
    """S R^2 for a sum S R of at most 24 elements: added to a product before its reduction it counts S."""
    return np.uint64(reduce(np.uint64(reduce(total)) * _CUBED_RADIX))  # 24 p < 2^32 p


@inline_kernel
def _cube(value):
    return mul(mul(value, value), value)


@inline_kernel
def _mix_one(state):
    """The external layer on uint32[24]."""
    for k in range(0, WIDTH, 4):
        a, b, c, d = state[k], state[k + 1], state[k + 2], state[k + 3]
        ab, cd = add(a, b), add(c, d)
        total = add(ab, cd)
        with_b, with_d = add(total, b), add(total, d)
        state[k] = add(with_b, ab)
        state[k + 1] = add(with_b, add(c, c))
        state[k + 2] = add(with_d, cd)
        state[k + 3] = add(with_d, add(a, a))
    for place in range(4):
        total = state[place]
        for k in range(4 + place, WIDTH, 4):
            total = add(total, state[k])
        for k in range(place, WIDTH, 4):
            state[k] = add(state[k], total)


@kernel
def permute_one(state):
    """Permute uint32[24], Montgomery, in place."""
    _mix_one(state)
    for index in range(HALF_EXTERNAL_ROUNDS):
        for k in range(WIDTH):
            state[k] = _cube(add(state[k], _EXTERNAL[index, k]))
        _mix_one(state)
    # The first element stays out of the vector: what is in its place there is left out of the sum again.
    first = state[0]
    for index in range(INTERNAL_ROUNDS):
        total = np.uint64(0)
        for k in range(WIDTH):
            total += np.uint64(state[k])
        others = total - np.uint64(state[0])
        first = _cube(add(first, _INTERNAL[index]))
        added = _scaled_sum(others + np.uint64(first))
        for k in range(WIDTH):
            # Below p^2 + p < 2^32 p.
            state[k] = reduce(np.uint64(state[k]) * np.uint64(_DIAGONAL[k]) + added)
        first = reduce(np.uint64(first) * np.uint64(_DIAGONAL[0]) + added)
    state[0] = first
    for index in range(HALF_EXTERNAL_ROUNDS, 2 * HALF_EXTERNAL_ROUNDS):
        for k in range(WIDTH):
            state[k] = _cube(add(state[k], _EXTERNAL[index, k]))
        _mix_one(state)


@emitted
def _external_round(typing_context: Any, block: Any, added: Any, start: Any, cubes: Any, first: Any) -> Any:
    """An external round of a block that writes its cubes to 24 rows of `cubes`, from element `first` on."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        field = VectorField(builder)
        rows, numbers, kept = (
            Elements(context, builder, signature.args[place], arguments[place]) for place in (0, 1, 3)
        )
        state = []
        for k, value in enumerate(load_state(rows)):
            number = field.broadcast(numbers.scalar(arguments[2], k))
            state.append(field.cube(field.add_signed(value, number)))
            kept.store(state[k], arguments[4], k * LANES)
        store_state(rows, mix(field, state))
        return context.get_dummy_value()

    return types.void(block, added, types.int64, cubes, types.int64), emit


@emitted
def _internal_round(typing_context: Any, block: Any, added: Any, index: Any, cubes: Any, first: Any) -> Any:
    """An internal round of a block that writes its cube to `cubes`, from element `first` on."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        field = VectorField(builder)
        rows, numbers, kept = (
            Elements(context, builder, signature.args[place], arguments[place]) for place in (0, 1, 3)
        )
        one, *others = load_state(rows)
        cube = field.cube(field.add_signed(one, field.broadcast(numbers.scalar(arguments[2]))))
        kept.store(cube, arguments[4])
        store_state(rows, mix_internal(field, [cube, *others]))
        return context.get_dummy_value()

    return types.void(block, added, types.int64, cubes, types.int64), emit


@kernel
def fill_cubes(inputs, cubes, first, last):
    """Write the cubes of permutations `first` to `last`, exclusive.

    inputs: uint32[24, n]. cubes: uint32[215, n], in the order in which a permutation takes them. Montgomery.
    """
    block = np.zeros((WIDTH, LANES), np.uint32)
    kept = np.zeros((CUBES, LANES), np.uint32)
    for start in range(first, last, LANES):
        lanes = min(LANES, last - start)
        copy_lanes(inputs, start, block, 0, WIDTH, lanes)
        external_layer(block)
        count = 0
        for index in range(HALF_EXTERNAL_ROUNDS):
            _external_round(block, EXTERNAL, index * WIDTH, kept, count * LANES)
            count += WIDTH
        for index in range(INTERNAL_ROUNDS):
            _internal_round(block, INTERNAL, index, kept, count * LANES)
            count += 1
        reduce_block(block)
        for index in range(HALF_EXTERNAL_ROUNDS, 2 * HALF_EXTERNAL_ROUNDS):
            _external_round(block, EXTERNAL, index * WIDTH, kept, count * LANES)
            count += WIDTH
        copy_lanes(kept, 0, cubes, start, CUBES, lanes)


def warm() -> None:
    """Compile the kernels of this module."""
    permute_one(np.zeros(WIDTH, np.uint32))
    fill_cubes(np.zeros((WIDTH, 1), np.uint32), np.zeros((CUBES, 1), np.uint32), 0, 1)
