"""Evaluation domains: the points of a table's cosets, its selectors there, and the order of leaves."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from zisk.field.koalabear import P, bit_reversal, coset_shift, inverse, root_of_unity, to_montgomery
from zisk.kernels.cpu.inversion import invert_base
from zisk.kernels.cpu.opening import powers
from zisk.stark.expression import Selector


def coset_offset(log_height: int, log_blowup: int, coset: int) -> int:
    """The first point of a coset of a table of this height: shift * w_{Bn}^coset."""
    root = root_of_unity(log_height + log_blowup)
    return coset_shift(log_height) * pow(root, coset, P) % P


def coset_power(log_height: int, log_blowup: int, coset: int) -> int:
    """x^n for every point x of a coset of a table of n = 2^log_height rows."""
    return pow(coset_offset(log_height, log_blowup, coset), 1 << log_height, P)


@lru_cache(maxsize=64)
def coset_points(log_height: int, log_blowup: int, coset: int) -> np.ndarray:
    """The points of a coset in the order of rows: uint32[n], Montgomery."""
    points = np.empty(1 << log_height, dtype=np.uint32)
    offset = to_montgomery(np.array([coset_offset(log_height, log_blowup, coset)]))[0]
    powers(to_montgomery(np.array([root_of_unity(log_height)]))[0], offset, points)
    return points


@lru_cache(maxsize=24)
def selectors(log_height: int, log_blowup: int) -> np.ndarray:
    """The selectors of a table on its cosets: uint32[3, B, n], Montgomery.

    First and last row: w^i (x^n - 1) / (n (x - w^i)), one on row i and zero on the others.
    Transition: x - w^-1, zero on the last row.
    """
    n, cosets = 1 << log_height, 1 << log_blowup
    values = np.empty((len(Selector), cosets, n), dtype=np.uint32)
    last = inverse(root_of_unity(log_height))
    for coset in range(cosets):
        points = coset_points(log_height, log_blowup, coset).astype(np.uint64)
        vanishing = coset_power(log_height, log_blowup, coset) - 1
        for which, row in ((Selector.FIRST, 1), (Selector.LAST, last)):
            difference = _minus(points, row)
            if which is Selector.LAST:
                values[Selector.TRANSITION, coset] = difference
            invert_base(difference)
            factor = row * vanishing * inverse(n) % P
            values[which, coset] = difference.astype(np.uint64) * np.uint64(factor) % np.uint64(P)
    return values


@lru_cache(maxsize=8)
def leaf_order(log_size: int, log_blowup: int, coset: int) -> np.ndarray:
    """The Merkle leaf of each row of a coset: int64[n]."""
    order = bit_reversal(log_size).astype(np.int64)
    block = int(bit_reversal(log_blowup)[coset]) if log_blowup else 0
    order = order + (block << log_size)
    return order


def _minus(points: np.ndarray, value: int) -> np.ndarray:
    shifted = (points + np.uint64(P - int(to_montgomery(np.array([value]))[0]))) % np.uint64(P)
    return shifted.astype(np.uint32)
