"""Less-than of two words, decided at one limb.

One limb *decides*: those above it are equal, and it differs, or it is the lowest. `margin` is what it
exceeds the other word's limb by, less 1 where equality would not do. Columns: `decides[i]` for limbs 1 to 3
(limb 0 decides when none of them does) and `margin`.

Why `less` cannot be anything else: exactly one limb decides, and all above it are equal. The limbs are
integers between -2^15 and 2^16, so a difference of two, less 1, cannot wrap, and a `margin` below 2^16 says
it is not negative:
- `less` = 1: right limb - left limb - 1 >= 0, so left is strictly smaller there and on the whole;
- `less` = 0 at limbs 1 to 3: left limb - right limb - 1 >= 0, so left is strictly larger;
- `less` = 0 at limb 0: left limb - right limb >= 0, and all other limbs are equal, so left is not smaller.

For signed words the top limb is taken between -2^15 and 2^15: `top` is the limb or the limb - 2^16, and top
+ 2^15 is below 2^16. For unsigned ones top itself is below 2^16, so it is the limb.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.field.koalabear import P
from zisk.stark.air import Builder
from zisk.stark.expression import Expression, lift
from zisk.vm.tables.buses import RANGE
from zisk.vm.tables.trace import LIMB_BITS, Trace, limb

LIMB = 1 << LIMB_BITS
SIGN_BIT = LIMB >> 1
LIMBS = 4


def orders(
    b: Builder,
    left: Sequence[Expression],
    right: Sequence[Expression],
    less: Expression | int,
    when: Expression,
) -> None:
    """State that `less` is 1 if left < right and 0 otherwise, on rows where `when` is 1.

    Args:
        b: the table's builder.
        left: four limbs of degree 1, lowest first; the top one signed or not, as on the right.
        right: the same.
        less: 0 or 1 (the caller's part).
        when: 0 or 1 (the caller's part); 0 switches the statement off.
    """
    margin, decides = b.column("margin"), [b.flag(f"decides[{index}]") for index in range(1, LIMBS)]
    lowest = when
    for flag in decides:
        lowest = lowest - flag
    b.boolean("decides[0]", lowest)
    decides = [lowest, *decides]
    difference, at_or_below = lift(0), lift(0)
    for index in range(LIMBS):
        if index:
            b.zero(f"limbs {index} are equal", at_or_below * (left[index] - right[index]))
        at_or_below = at_or_below + decides[index]
        difference = difference + decides[index] * (right[index] - left[index])
    less = lift(less)
    b.equal("margin", margin, (2 * less - 1) * difference - when + lowest * (1 - less))
    b.send(RANGE, [LIMB_BITS, margin], when)


def signed_top(b: Builder, name: str, limb: Expression, signed: Expression, when: Expression) -> Expression:
    """Declare the top limb of a word as a number that is negative where `signed` and the sign bit say so.

    `limb` is known to be below 2^16.
    """
    top = b.column(name)
    b.zero(f"{name} is the limb or 2^16 below", (limb - top) * (limb - top - LIMB))
    b.send(RANGE, [LIMB_BITS, top + signed * SIGN_BIT], when)
    return top


def fill_signed_top(trace: Trace, name: str, words: np.ndarray, signed: np.ndarray) -> np.ndarray:
    """Set the signed top limbs of words; returns them as integers."""
    top = limb(words, LIMBS - 1).astype(np.int64)
    top = np.where(signed & (top >= SIGN_BIT), top - LIMB, top)
    trace[name] = top % P
    return top


def fill_orders(
    trace: Trace,
    left: Sequence[np.ndarray],
    right: Sequence[np.ndarray],
    less: np.ndarray,
    when: np.ndarray,
) -> None:
    """Set `decides` and `margin` from integer limbs, lowest first."""
    undecided, difference = when.copy(), np.zeros(trace.rows, dtype=np.int64)
    for index in range(LIMBS - 1, 0, -1):
        here = undecided & (left[index] != right[index])
        trace[f"decides[{index}]"] = here
        difference = np.where(here, right[index] - left[index], difference)
        undecided = undecided & ~here
    difference = np.where(undecided, right[0] - left[0], difference)
    margin = np.where(less, difference - 1, -difference - 1 + undecided)
    trace["margin"] = np.where(when, margin, 0)


def integer_limbs(words: np.ndarray, top: np.ndarray) -> list[np.ndarray]:
    """Limbs of words as int64, with another top limb."""
    return [*(limb(words, index).astype(np.int64) for index in range(LIMBS - 1)), top]
