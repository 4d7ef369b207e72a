"""Poseidon2 over whatever can be added and scaled: the expressions of an AIR.

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


def permutation(values: Sequence[Value], cube: Callable[[Value], Value]) -> list[Value]:
    """The permutation of 24 values; `cube` gives the cube of a value."""
    state = _external_layer(values)
    for constants in EXTERNAL_INITIAL:
        state = _external_round(state, constants, cube)
    for constant in INTERNAL:
        state[0] = cube(state[0] + constant)
        total = _sum(state)
        state = [x * factor + total for x, factor in zip(state, DIAGONAL, strict=True)]
    for constants in EXTERNAL_FINAL:
        state = _external_round(state, constants, cube)
    return state


def _external_round(
    state: Sequence[Value], constants: Sequence[int], cube: Callable[[Value], Value]
) -> list[Value]:
    return _external_layer([cube(x + constant) for x, constant in zip(state, constants, strict=True)])


def _external_layer(values: Sequence[Value]) -> list[Value]:
    mixed = [
        _sum([values[k - k % 4 + j] * factor for j, factor in enumerate(BLOCK[k % 4])]) for k in range(WIDTH)
    ]
    sums = [_sum(mixed[place::4]) for place in range(4)]
    return [x + sums[k % 4] for k, x in enumerate(mixed)]


def _sum(values: Sequence[Value]) -> Value:
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result
