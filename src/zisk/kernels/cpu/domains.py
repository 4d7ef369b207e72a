"""What depends on a domain alone, and is kept for the next proof: points, selectors, the order of leaves.

A domain is offset * <w_n>, offset canonical.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from zisk.kernels import workspace
from zisk.kernels.cpu.inversion import invert_base
from zisk.kernels.cpu.opening import powers
from zisk.kernels.elements import bit_reversal, to_montgomery
from zisk.kernels.parameters import P, root_of_unity

FIRST, LAST, TRANSITION = range(3)
"""The selectors of `zisk.stark.expression.Selector`."""


@lru_cache(maxsize=64)
def domain_points(log_height: int, offset: int) -> np.ndarray:
    """The points in the order of rows: uint32[n], Montgomery."""
    return _sequence(root_of_unity(log_height), offset, np.empty(1 << log_height, dtype=np.uint32))


@lru_cache(maxsize=24)
def selectors(log_height: int, offsets: tuple[int, ...]) -> np.ndarray:
    """The selectors of a table on its cosets: uint32[3, B, n], Montgomery; see `Backend.selectors`."""
    n = 1 << log_height
    values = np.empty((3, len(offsets), n), dtype=np.uint32)
    last = pow(root_of_unity(log_height), -1, P)
    for coset, offset in enumerate(offsets):
        points = domain_points(log_height, offset).astype(np.uint64)
        vanishing = pow(offset, n, P) - 1
        for which, row in ((FIRST, 1), (LAST, last)):
            difference = _minus(points, row)
            if which == LAST:
                values[TRANSITION, coset] = difference
            invert_base(difference)
            factor = row * vanishing * pow(n, -1, P) % P
            values[which, coset] = difference.astype(np.uint64) * np.uint64(factor) % np.uint64(P)
    return values


@lru_cache(maxsize=8)
def leaf_order(log_size: int, log_blowup: int, coset: int) -> np.ndarray:
    """The Merkle leaf of each row of a coset: int64[n]."""
    return bit_reversal(log_size) + (int(bit_reversal(log_blowup)[coset]) << log_size)


@lru_cache(maxsize=24)
def inverse_pair_points(log_length: int, shift: int) -> np.ndarray:
    """1 / x of the first of each pair of leaves on shift * <w_n>: uint32[n / 2], Montgomery."""
    natural = workspace.empty((1 << (log_length - 1),))
    _sequence(pow(root_of_unity(log_length), -1, P), pow(shift, -1, P), natural)
    return natural[bit_reversal(log_length - 1)]


def _sequence(ratio: int, first: int, out: np.ndarray) -> np.ndarray:
    step, start = to_montgomery([ratio, first])
    powers(step, start, out)
    return out


def _minus(points: np.ndarray, value: int) -> np.ndarray:
    shifted = (points + np.uint64(P - int(to_montgomery(value)))) % np.uint64(P)
    return shifted.astype(np.uint32)
