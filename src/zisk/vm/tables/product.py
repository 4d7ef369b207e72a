"""Products of two words held as bytes, limb by limb, without wrapping.

The share of limb k is the sum of x[i] y[j] over i + j = 2k and 256 times the same over i + j = 2k + 1: at
most 8 products of each sort, so at most 8 * 255^2 * 257 < 2^27. Carries are below 2^11: the largest share
and carry together, over 2^16, are below 2041. So a share, a limb and a carry in add up to less than 2^28,
and 2^16 times a carry out and a limb to less than 2^28; both are far below p, and the equation of a limb
holds over the integers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.stark.air import Builder
from zisk.stark.expression import Expression, lift
from zisk.vm.tables.byte_limbs import BYTES_PER_WORD
from zisk.vm.tables.trace import LIMB_BITS

LIMB = 1 << LIMB_BITS
CARRY_BITS = 11


def limb_shares(x: Sequence[Expression], y: Sequence[Expression]) -> list[Expression]:
    """What the byte products contribute to each of the product's eight limbs, lowest first; degree 2."""
    shares = [lift(0)] * BYTES_PER_WORD
    for i, left in enumerate(x):
        for j, right in enumerate(y):
            place, odd = divmod(i + j, 2)
            shares[place] = shares[place] + left * right * (256 if odd else 1)
    return shares


def carries(
    b: Builder,
    sums: Sequence[Expression],
    limbs: Sequence[Expression],
    kept: Sequence[Expression | int],
) -> list[Expression]:
    """State that the sums, each of weight 2^16 to its place, are the number with these limbs.

    Declares and returns `carry[k]` out of limb k for all but the highest, which has none; that they are below
    2^CARRY_BITS is the caller's to check.

    `kept`: for each of these columns a factor, 0 on rows where there is no such carry, and 1 on others.
    """
    columns = b.columns("carry", len(sums) - 1)
    entering = lift(0)
    for place, (total, limb) in enumerate(zip(sums, limbs, strict=True)):
        leaving = columns[place] * kept[place] if place < len(columns) else lift(0)
        b.equal(f"limb {place} of the product", total + entering, limb + leaving * LIMB)
        entering = leaving
    return columns


def limb_share_arrays(x: Sequence[np.ndarray], y: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The same as `limb_shares`, of int64 arrays."""
    shares = [np.zeros_like(x[0]) for _ in range(BYTES_PER_WORD)]
    for i, left in enumerate(x):
        for j, right in enumerate(y):
            place, odd = divmod(i + j, 2)
            shares[place] += left * right << (8 * odd)
    return shares
