"""A 32-bit result, sign-extended: two limbs, and above them 0xFFFF where the sign bit is set.

Why the limbs above cannot be anything else: `negative` is boolean and the second limb less 2^15 `negative` is below
2^15. An integer of 16 bits has one such `negative`, its highest bit; and any element with one is below 2^16.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.stark.air import Builder
from zisk.stark.expression import Expression
from zisk.vm.tables.buses import RANGE
from zisk.vm.tables.trace import Trace, limb

SIGN_BIT = 1 << 15
ALL_ONES = (1 << 16) - 1


def sign_extended(
    b: Builder, limbs: Sequence[Expression], when: Expression, *, exact: bool = False
) -> list[Expression]:
    """Declare `negative` and extend two limbs to the four of a word.

    Args:
        b: the table's builder.
        limbs: the two limbs of the 32-bit result.
        when: 1 on rows that have this result.
        exact: the lower limb is known to be below 2^16; otherwise it is range-checked here.
    """
    negative = b.flag("negative")
    if not exact:
        b.send(RANGE, [16, limbs[0]], when)
    b.send(RANGE, [15, limbs[1] - negative * SIGN_BIT], when)
    return [*limbs, negative * ALL_ONES, negative * ALL_ONES]


def fill_sign_extended(trace: Trace, words: np.ndarray) -> None:
    """Set `negative` and the two limbs `d` of sign-extended results."""
    trace.limbs("d", words, count=2)
    trace["negative"] = limb(words, 63, bits=1)
