"""The verifier's FRI: openings against caps, folds, and the final polynomial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from zisk.field import quintic
from zisk.field.koalabear import P, bit_reverse, coset_shift, inverse, root_of_unity
from zisk.field.quintic import DEGREE, Element
from zisk.hash.opening import verify_opening
from zisk.hash.rows import hash_rows
from zisk.hash.tags import TAG_CODEWORD
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import Digest
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import TreeOpening

HALF = inverse(2)


def point_of_leaf(leaf: int, shift: int, log_length: int) -> int:
    """The domain point of a leaf: shift * w^bitreverse(leaf)."""
    return shift * pow(root_of_unity(log_length), bit_reverse(leaf, log_length), P) % P


def check_opening(
    name: str, tag: int, cap: Sequence[Digest], depth: int, leaves: Sequence[int], opening: TreeOpening
) -> None:
    """Check that opened rows are the leaves of a committed tree.

    Raises:
        VerificationError: their number is wrong, or they do not hash to the cap.
    """
    if len(opening.rows) != len(leaves):
        raise VerificationError(
            Rejection.OPENING, f"{name}: {len(opening.rows)} leaves opened, {len(leaves)} queried"
        )
    digests = hash_rows(tag, opening.rows)
    if not verify_opening(cap, depth, leaves, digests, opening.siblings):
        raise VerificationError(Rejection.OPENING, f"{name}: opened leaves do not hash to the cap")


def check_folds(
    values: Mapping[int, Element],
    caps: Sequence[Sequence[Digest]],
    layers: Sequence[TreeOpening],
    challenges: Sequence[Element],
    final_polynomial: Sequence[Element],
    log_size: int,
    parameters: SecurityParameters,
) -> None:
    """Check every queried value of the first codeword down to the final polynomial.

    `values` are the codeword's values at the queried leaves, computed from the opened rows.

    Raises:
        VerificationError: a fold is inconsistent or the final polynomial disagrees.
    """
    log_arity = parameters.log_folding_arity
    log_length, shift = log_size + parameters.log_blowup, coset_shift(log_size)
    for number, (cap, layer, challenge) in enumerate(zip(caps, layers, challenges, strict=True)):
        leaves = sorted({index >> log_arity for index in values})
        check_opening(f"fold {number}", TAG_CODEWORD, cap, log_length - log_arity, leaves, layer)
        opened = {
            leaf: [quintic.element(int(one) for one in value) for value in row.reshape(-1, DEGREE)]
            for leaf, row in zip(leaves, layer.rows.astype(np.int64), strict=True)
        }
        mask = (1 << log_arity) - 1
        for index, value in values.items():
            if opened[index >> log_arity][index & mask] != value:
                raise VerificationError(
                    Rejection.DEGREE, f"fold {number}: a codeword disagrees with the layer before it"
                )
        values = {leaf: _fold_leaf(leaf, row, challenge, shift, log_length) for leaf, row in opened.items()}
        log_length -= log_arity
        shift = pow(shift, 1 << log_arity, P)
    for index, value in values.items():
        if _horner(final_polynomial, point_of_leaf(index, shift, log_length)) != value:
            raise VerificationError(Rejection.DEGREE, "the final polynomial disagrees with the last fold")


def _fold_leaf(leaf: int, row: Sequence[Element], challenge: Element, shift: int, log_length: int) -> Element:
    """Fold the values of one leaf to one, a pair (x, -x) at a time."""
    start = leaf * len(row)
    while len(row) > 1:
        folded = []
        for pair in range(len(row) // 2):
            x = point_of_leaf(start + 2 * pair, shift, log_length)
            a, b = row[2 * pair], row[2 * pair + 1]
            odd = quintic.mul(quintic.scale(quintic.sub(a, b), inverse(x)), challenge)
            folded.append(quintic.scale(quintic.add(quintic.add(a, b), odd), HALF))
        row, start, log_length = folded, start // 2, log_length - 1
        shift = shift * shift % P
        challenge = quintic.mul(challenge, challenge)
    return row[0]


def _horner(coefficients: Sequence[Element], x: int) -> Element:
    total = quintic.ZERO
    for coefficient in reversed(coefficients):
        total = quintic.add(quintic.scale(total, x), coefficient)
    return total
