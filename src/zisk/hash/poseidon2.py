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
    values = _external_layer(state)
    for constants in EXTERNAL_INITIAL:
        values = _external_layer([(x + c) ** 3 % P for x, c in zip(values, constants, strict=True)])
    for constant in INTERNAL:
        values[0] = (values[0] + constant) ** 3 % P
        total = sum(values)
        values = [(total + v * x) % P for v, x in zip(DIAGONAL, values, strict=True)]
    for constants in EXTERNAL_FINAL:
        values = _external_layer([(x + c) ** 3 % P for x, c in zip(values, constants, strict=True)])
    return [x % P for x in values]


def permute_array(states: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Apply the permutation to each column of `uint64[24, n]`, returning a new array."""
    if states.shape[1] > _COLUMNS:
        starts = range(0, states.shape[1], _COLUMNS)
        return np.concatenate([permute_array(states[:, i : i + _COLUMNS]) for i in starts], axis=1)
    values = _external_layer_array(states)
    for constants in _EXTERNAL_INITIAL:
        values = _external_layer_array(_cube_array(values + constants))
    values %= _P64
    for constant in _INTERNAL:
        values[0] = _cube_array(values[0] + constant)
        total = values.sum(axis=0, dtype=np.uint64)  # 24 terms below 2^31
        values *= _DIAGONAL
        values += total
        values %= _P64
    for constants in _EXTERNAL_FINAL:
        values = _external_layer_array(_cube_array(values + constants))
    return values % _P64


_P64 = np.uint64(P)
_COLUMNS = 256
"""States taken at a time: they stay in the cache, and BLAS starts no threads for products of this size."""

_DIAGONAL = np.array(DIAGONAL, np.uint64)[:, None]
_INTERNAL = np.array(INTERNAL, np.uint64)
_EXTERNAL_INITIAL = np.array(EXTERNAL_INITIAL, np.uint64)[:, :, None]
_EXTERNAL_FINAL = np.array(EXTERNAL_FINAL, np.uint64)[:, :, None]
_EXTERNAL_MATRIX = np.kron(np.ones((WIDTH // 4, WIDTH // 4)) + np.eye(WIDTH // 4), np.array(BLOCK))
"""The external layer: `BLOCK` mixes four neighbours, once for themselves and once for their sums.

In doubles, for the sake of the processor's matrix products.
"""


def _external_layer(values: Sequence[int]) -> list[int]:
    """The external layer, not reduced: entries grow 49-fold at most."""
    mixed: list[int] = []
    for k in range(0, WIDTH, 4):
        a, b, c, d = values[k : k + 4]
        ab, cd = a + b, c + d
        with_b, with_d = ab + cd + b, ab + cd + d
        mixed += (with_b + ab, with_b + c + c, with_d + cd, with_d + a + a)
    sums = [sum(mixed[place::4]) for place in range(4)]
    return [x + y for x, y in zip(mixed, sums * (WIDTH // 4), strict=True)]


def _cube_array(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = values % _P64
    return values * values % _P64 * values % _P64


def _external_layer_array(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The external layer of canonical columns, not reduced.

    A row of the matrix adds up to 49: with entries below 2^31 every sum stays below 2^37, so doubles hold it
    exactly, in whatever order it is added up.
    """
    return (_EXTERNAL_MATRIX @ values.astype(np.float64)).astype(np.uint64)
