"""Poseidon2 of width 24 over KoalaBear: in plain integers, and in NumPy over many states.

Source: Grassi, Khovratovich, Schofnegger, "Poseidon2" (2023). All numbers are canonical. The kernel of
`zisk.kernels.cpu.poseidon2` computes the same function in Montgomery form.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zisk.field.koalabear import P
from zisk.kernels.poseidon2_constants import (
    BLOCK,
    DIAGONAL,
    EXTERNAL_FINAL,
    EXTERNAL_INITIAL,
    INTERNAL,
    WIDTH,
)

__all__ = ["WIDTH", "permute", "permute_array"]


def permute(state: Sequence[int]) -> list[int]:
    """Apply the permutation to 24 integers."""
    values = _external_layer(list(state))
    for constants in EXTERNAL_INITIAL:
        values = _external_layer([_cube(x + c) for x, c in zip(values, constants, strict=True)])
    for constant in INTERNAL:
        values[0] = _cube(values[0] + constant)
        total = sum(values)
        values = [(total + v * x) % P for v, x in zip(DIAGONAL, values, strict=True)]
    for constants in EXTERNAL_FINAL:
        values = _external_layer([_cube(x + c) for x, c in zip(values, constants, strict=True)])
    return values


def permute_array(states: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Apply the permutation to each column of `uint64[24, n]`, returning a new array."""
    values = _external_layer_array(np.asarray(states, np.uint64))
    for constants in _EXTERNAL_INITIAL:
        values = _external_layer_array(_cube_array(values + constants))
    for constant in INTERNAL:
        values[0] = _cube_array(values[0] + np.uint64(constant))
        total = values.sum(axis=0, dtype=np.uint64)  # 24 terms below 2^31
        values = (values * _DIAGONAL + total) % _P64
    for constants in _EXTERNAL_FINAL:
        values = _external_layer_array(_cube_array(values + constants))
    return values


_P64 = np.uint64(P)
_DIAGONAL = np.array(DIAGONAL, np.uint64)[:, None]
_EXTERNAL_INITIAL = np.array(EXTERNAL_INITIAL, np.uint64)[:, :, None]
_EXTERNAL_FINAL = np.array(EXTERNAL_FINAL, np.uint64)[:, :, None]


def _cube(x: int) -> int:
    return x * x * x % P


def _external_layer(values: list[int]) -> list[int]:
    mixed = [sum(BLOCK[k % 4][j] * values[k - k % 4 + j] for j in range(4)) for k in range(WIDTH)]
    sums = [sum(mixed[place::4]) for place in range(4)]
    return [(x + sums[k % 4]) % P for k, x in enumerate(mixed)]


def _cube_array(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = values % _P64
    return values * values % _P64 * values % _P64


def _external_layer_array(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    blocks = values.reshape(WIDTH // 4, 4, -1)
    mixed = np.empty_like(blocks)
    for row, factors in enumerate(BLOCK):
        mixed[:, row] = sum(np.uint64(factor) * blocks[:, k] for k, factor in enumerate(factors))
    return ((mixed + mixed.sum(axis=0, dtype=np.uint64)) % _P64).reshape(WIDTH, -1)
