"""Poseidon2 written once for whatever can be added and scaled: expressions of an AIR, columns of its table.

Source: Grassi, Khovratovich, Schofnegger, "Poseidon2" (2023). `zisk.hash.poseidon2` is the function itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from zisk.kernels.poseidon2_constants import (
    BLOCK,
    DIAGONAL,
    EXTERNAL_FINAL,
    EXTERNAL_INITIAL,
    INTERNAL,
    WIDTH,
)

Value = TypeVar("Value", bound=Any)

CUBES = (len(EXTERNAL_INITIAL) + len(EXTERNAL_FINAL)) * WIDTH + len(INTERNAL)
"""How many cubes a permutation takes: 24 in an external round, one in an internal one."""


def permutation(
    values: Sequence[Value], cube: Callable[[Value], Value], reduce: Callable[[Value], Value]
) -> list[Value]:
    """The permutation of 24 values.

    `cube` gives the cube of a value, `reduce` an equal value that is small again: between two calls of it a
    value grows by a factor below 2^32.
    """
    state = _external_layer(values, reduce)
    for constants in EXTERNAL_INITIAL:
        state = _external_round(state, constants, cube, reduce)
    for constant in INTERNAL:
        state[0] = cube(reduce(state[0] + constant))
        total = reduce(_sum(state))
        state = [reduce(x * factor + total) for x, factor in zip(state, DIAGONAL, strict=True)]
    for constants in EXTERNAL_FINAL:
        state = _external_round(state, constants, cube, reduce)
    return state


def _external_round(
    state: Sequence[Value],
    constants: Sequence[int],
    cube: Callable[[Value], Value],
    reduce: Callable[[Value], Value],
) -> list[Value]:
    cubes = [cube(reduce(x + constant)) for x, constant in zip(state, constants, strict=True)]
    return _external_layer(cubes, reduce)


def _external_layer(values: Sequence[Value], reduce: Callable[[Value], Value]) -> list[Value]:
    mixed = [
        _sum([values[k - k % 4 + j] * factor for j, factor in enumerate(BLOCK[k % 4])]) for k in range(WIDTH)
    ]
    sums = [_sum(mixed[place::4]) for place in range(4)]
    return [reduce(x + sums[k % 4]) for k, x in enumerate(mixed)]


def _sum(values: Sequence[Value]) -> Value:
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result
