"""Poseidon2 as circuits need it: one state after another, and all cubes of many states.

`poseidon2` permutes many states side by side. A chain of permutations has one at a time, so the state itself
is the vector here.
"""

import numpy as np

from zisk.kernels import poseidon2_constants as constants
from zisk.kernels.cpu.field import add, mul, reduce
from zisk.kernels.jit import inline_kernel, kernel
from zisk.kernels.parameters import MONTGOMERY_BITS, P
from zisk.kernels.poseidon2_constants import HALF_EXTERNAL_ROUNDS, INTERNAL_ROUNDS, WIDTH

CUBES = 2 * HALF_EXTERNAL_ROUNDS * WIDTH + INTERNAL_ROUNDS
"""Cubes of a permutation."""

LANES = 64
"""Permutations side by side: their states take 6 KiB of the first cache."""


def _montgomery(values: object) -> np.ndarray:
    return ((np.array(values, np.uint64) << np.uint64(MONTGOMERY_BITS)) % np.uint64(P)).astype(np.uint32)


_EXTERNAL = _montgomery(constants.EXTERNAL_INITIAL + constants.EXTERNAL_FINAL)
_INTERNAL = _montgomery(constants.INTERNAL)
_DIAGONAL = _montgomery(constants.DIAGONAL)
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


@inline_kernel
def _mix(state):
    """The external layer on uint32[24, LANES]."""
    for k in range(0, WIDTH, 4):
        for lane in range(LANES):
            a, b, c, d = state[k, lane], state[k + 1, lane], state[k + 2, lane], state[k + 3, lane]
            ab, cd = add(a, b), add(c, d)
            total = add(ab, cd)
            with_b, with_d = add(total, b), add(total, d)
            state[k, lane] = add(with_b, ab)
            state[k + 1, lane] = add(with_b, add(c, c))
            state[k + 2, lane] = add(with_d, cd)
            state[k + 3, lane] = add(with_d, add(a, a))
    for place in range(4):
        for lane in range(LANES):
            total = state[place, lane]
            for k in range(4 + place, WIDTH, 4):
                total = add(total, state[k, lane])
            for k in range(place, WIDTH, 4):
                state[k, lane] = add(state[k, lane], total)


@inline_kernel
def _external_round(state, constants_of_round, out, start, lanes):
    for k in range(WIDTH):
        row = state[k]
        for lane in range(LANES):
            row[lane] = _cube(add(row[lane], constants_of_round[k]))
        _write(out[k], row, start, lanes)
    _mix(state)


@inline_kernel
def _write(out, row, start, lanes):
    part = out[start : start + lanes]
    if lanes == LANES:
        for lane in range(LANES):
            part[lane] = row[lane]
    else:
        for lane in range(lanes):
            part[lane] = row[lane]


@kernel
def fill_cubes(inputs, cubes, first, last):
    """Write the cubes of permutations `first` to `last`, exclusive.

    inputs: uint32[24, n]. cubes: uint32[215, n], in the order in which a permutation takes them. Montgomery.
    """
    state = np.zeros((WIDTH, LANES), np.uint32)
    totals = np.zeros(LANES, np.uint64)
    for start in range(first, last, LANES):
        lanes = min(LANES, last - start)
        for k in range(WIDTH):
            for lane in range(lanes):
                state[k, lane] = inputs[k, start + lane]
        _mix(state)
        count = 0
        for index in range(HALF_EXTERNAL_ROUNDS):
            _external_round(state, _EXTERNAL[index], cubes[count : count + WIDTH], start, lanes)
            count += WIDTH
        for index in range(INTERNAL_ROUNDS):
            for lane in range(LANES):
                value = _cube(add(state[0, lane], _INTERNAL[index]))
                state[0, lane] = value
                totals[lane] = np.uint64(value)
            _write(cubes[count], state[0], start, lanes)
            count += 1
            for k in range(1, WIDTH):
                for lane in range(LANES):
                    totals[lane] += np.uint64(state[k, lane])
            for lane in range(LANES):
                totals[lane] = _scaled_sum(totals[lane])
            for k in range(WIDTH):
                factor = np.uint64(_DIAGONAL[k])
                for lane in range(LANES):
                    # Below p^2 + p < 2^32 p.
                    state[k, lane] = reduce(np.uint64(state[k, lane]) * factor + totals[lane])
        for index in range(HALF_EXTERNAL_ROUNDS, 2 * HALF_EXTERNAL_ROUNDS):
            _external_round(state, _EXTERNAL[index], cubes[count : count + WIDTH], start, lanes)
            count += WIDTH


def warm() -> None:
    """Compile the kernels of this module."""
    permute_one(np.zeros(WIDTH, np.uint32))
    fill_cubes(np.zeros((WIDTH, 1), np.uint32), np.zeros((CUBES, 1), np.uint32), 0, 1)
