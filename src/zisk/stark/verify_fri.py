"""The verifier's FRI: openings against caps, folds, and the final polynomial."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.field import quintic, quintic_array
from zisk.field.koalabear import P, coset_shift, inverse, inverse_array, root_of_unity
from zisk.field.quintic import DEGREE, Element
from zisk.hash.opening import verify_opening
from zisk.hash.rows import hash_leaves
from zisk.hash.tags import TAG_CODEWORD
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import Digest
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import TreeOpening

HALF = np.array(inverse(2), dtype=np.uint64)


def points_of_leaves(leaves: np.ndarray, shift: int, log_length: int) -> np.ndarray:
    """The domain points of leaves (int64, any shape): shift * w^bitreverse(leaf), canonical uint64."""
    points = np.full(leaves.shape, shift, dtype=np.uint64)
    for bit in range(log_length):
        root = np.uint64(root_of_unity(bit + 1))  # w^(2^(log_length - 1 - bit))
        points = np.where(leaves >> bit & 1, points * root % np.uint64(P), points)
    return points


def check_opening(
    name: str,
    tag: int,
    cap: Sequence[Digest],
    depth: int,
    cap_log: int,
    leaves: Sequence[int],
    opening: TreeOpening,
    *,
    parts: Sequence[int] = (),
) -> None:
    """Check that opened rows are the leaves of a committed tree of 2^depth leaves, with caps of 2^cap_log.

    `parts` are the columns of a row that are hashed apart, see `zisk.hash.rows.hash_leaves`.

    Raises:
        VerificationError: their number is wrong, or they do not hash to the cap.
    """
    if len(opening.rows) != len(leaves):
        raise VerificationError(
            Rejection.OPENING, f"{name}: {len(opening.rows)} leaves opened, {len(leaves)} queried"
        )
    digests = hash_leaves(tag, parts, opening.rows)
    if not verify_opening(cap, depth, cap_log, leaves, digests, opening.siblings):
        raise VerificationError(Rejection.OPENING, f"{name}: opened leaves do not hash to the cap")


def check_folds(
    leaves: Sequence[int],
    values: np.ndarray,
    caps: Sequence[Sequence[Digest]],
    layers: Sequence[TreeOpening],
    challenges: Sequence[Element],
    final_polynomial: Sequence[Element],
    log_size: int,
    parameters: SecurityParameters,
) -> None:
    """Check every queried value of the first codeword down to the final polynomial.

    `values`, uint64[5, k], are the codeword's values at the queried leaves (distinct, ascending), computed
    from the opened rows.

    Raises:
        VerificationError: a fold is inconsistent or the final polynomial disagrees.
    """
    log_arity = parameters.log_folding_arity
    log_length, shift = log_size + parameters.log_blowup, coset_shift(log_size)
    places = np.array(leaves, dtype=np.int64)
    for number, (cap, layer, challenge) in enumerate(zip(caps, layers, challenges, strict=True)):
        groups = np.unique(places >> log_arity)
        check_opening(
            f"fold {number}",
            TAG_CODEWORD,
            cap,
            log_length - log_arity,
            parameters.cap_log,
            groups.tolist(),
            layer,
        )
        rows = layer.rows.astype(np.uint64).reshape(len(groups), -1, DEGREE).transpose(2, 0, 1)
        inside = np.searchsorted(groups, places >> log_arity), places & ((1 << log_arity) - 1)
        if not np.array_equal(rows[:, inside[0], inside[1]], values):
            raise VerificationError(
                Rejection.DEGREE, f"fold {number}: a codeword disagrees with the layer before it"
            )
        values = fold_leaves(groups, rows, challenge, shift, log_length)
        places, log_length = groups, log_length - log_arity
        shift = pow(shift, 1 << log_arity, P)
    if not np.array_equal(_horner(final_polynomial, points_of_leaves(places, shift, log_length)), values):
        raise VerificationError(Rejection.DEGREE, "the final polynomial disagrees with the last fold")


def fold_leaves(
    leaves: np.ndarray, rows: np.ndarray, challenge: Element, shift: int, log_length: int
) -> np.ndarray:
    """Fold the values of each leaf, uint64[5, k, arity], to one, uint64[5, k], a pair (x, -x) at a time."""
    while rows.shape[2] > 1:
        firsts = leaves[:, None] * rows.shape[2] + np.arange(0, rows.shape[2], 2)
        inverses = inverse_array(points_of_leaves(firsts, shift, log_length))
        a, b = rows[:, :, 0::2], rows[:, :, 1::2]
        factor = quintic_array.from_element(challenge)[:, None, None]
        odd = quintic_array.mul(quintic_array.scale(quintic_array.sub(a, b), inverses), factor)
        rows = quintic_array.scale(quintic_array.add(quintic_array.add(a, b), odd), HALF)
        log_length, shift = log_length - 1, shift * shift % P
        challenge = quintic.mul(challenge, challenge)
    return rows[:, :, 0]


def _horner(coefficients: Sequence[Element], points: np.ndarray) -> np.ndarray:
    """The values of a polynomial over K at elements of F: uint64[5, k]."""
    total = quintic_array.from_base(np.zeros_like(points))
    for coefficient in reversed(coefficients):
        column = quintic_array.from_element(coefficient)[:, None]
        total = quintic_array.add(quintic_array.scale(total, points), column)
    return total
