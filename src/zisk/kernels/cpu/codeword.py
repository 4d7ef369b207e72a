"""The codeword that FRI tests: the DEEP quotient of all columns, its folding, and the last polynomial."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.kernels import workspace
from zisk.kernels.cpu import combination
from zisk.kernels.cpu.domains import domain_points, inverse_pair_points, leaf_order
from zisk.kernels.cpu.evaluation import row_pieces
from zisk.kernels.cpu.fri import fold_pairs, square_even
from zisk.kernels.cpu.ntt import interpolate as interpolate_columns
from zisk.kernels.cpu.opening import deep_quotient, rational_values
from zisk.kernels.elements import bit_reversal, to_montgomery
from zisk.kernels.operands import Combination, Rational, ZeroDenominatorError
from zisk.kernels.parameters import DEGREE, P
from zisk.kernels.pool import Pool

ROWS_PER_TASK = 1 << 14
"""Rows of a folded codeword that are worth a task of their own."""

_HALF = to_montgomery([pow(2, -1, P)])[0]


def deep_codeword(
    here: Combination,
    following: Combination,
    fraction: Rational,
    offsets: Sequence[int],
    size: int,
    pool: Pool,
) -> np.ndarray:
    """The codeword in the order of leaves, uint32[B size, 5]; see `Backend.deep_codeword`.

    Raises:
        ZeroDenominatorError: the fraction's norm is zero on a coset.
    """
    sums = (here, following)
    log_size, log_blowup = size.bit_length() - 1, len(offsets).bit_length() - 1
    codeword = workspace.empty((len(offsets) * size, DEGREE))
    for coset, offset in enumerate(offsets):
        points, leaves = domain_points(log_size, offset), leaf_order(log_size, log_blowup, coset)
        lower = [combination.lifted(one, size, coset, pool) for one in sums]

        def divide(
            piece: tuple[int, int],
            coset: int = coset,
            points: np.ndarray = points,
            leaves: np.ndarray = leaves,
            lower: Sequence[np.ndarray] = lower,
        ) -> bool:
            first, last = piece
            part = points[first - 1 : last] if first else np.append(points[-1:], points[:last])
            inverses = np.empty((DEGREE, part.size), dtype=np.uint32)
            invertible = rational_values(part, fraction.whole, fraction.numerator, fraction.norm, inverses)
            at_zeta, at_next = (
                combination.block(one, below, size, coset, first, last)
                for one, below in zip(sums, lower, strict=True)
            )
            deep_quotient(at_zeta, at_next, inverses, leaves, first, last, codeword)
            return invertible

        if not all(pool.map(divide, row_pieces(size, combination.ROWS_PER_TASK))):
            raise ZeroDenominatorError
    return codeword


def fold(codeword: np.ndarray, shift: int, challenges: Sequence[np.ndarray], pool: Pool) -> np.ndarray:
    """Fold a codeword on shift * <w_n> in half for each challenge."""
    points = inverse_pair_points(len(codeword).bit_length() - 1, shift)
    for number, challenge in enumerate(challenges):
        if number:
            points = _squared(points)
        codeword = _fold_once(codeword, points, challenge, pool)
    return codeword


def interpolate(codeword: np.ndarray, shift: int, pool: Pool) -> np.ndarray:
    """The coefficients of a codeword on shift * <w_n>, lowest first: uint32[n, 5]."""
    order = bit_reversal(len(codeword).bit_length() - 1)
    natural = np.ascontiguousarray(codeword[order].T)
    return interpolate_columns(natural, shift, pool)[:, order].T


def _fold_once(codeword: np.ndarray, points: np.ndarray, challenge: np.ndarray, pool: Pool) -> np.ndarray:
    out = workspace.empty((len(codeword) // 2, DEGREE))

    def task(first: int) -> None:
        fold_pairs(codeword, points, challenge, _HALF, out, first, min(first + ROWS_PER_TASK, len(out)))

    pool.map(task, range(0, len(out), ROWS_PER_TASK))
    return out


def _squared(points: np.ndarray) -> np.ndarray:
    out = np.empty(points.size // 2, dtype=np.uint32)
    square_even(points, out)
    return out
