"""The sign of a limb, and 32-bit results extended by it.

Why the sign cannot be anything else: `negative` is boolean and the limb less 2^15 `negative` is below 2^15.
An integer below 2^16 has one such `negative`, its highest bit; and an element that has one is below 2^16,
so this checks the limb's range as well.
"""

from __future__ import annotations

from zisk.stark.air import Builder
from zisk.stark.expression import Expression
from zisk.vm.tables.buses import RANGE

SIGN_BIT = 1 << 15
ALL_ONES = (1 << 16) - 1


def sign_of(b: Builder, limb: Expression, when: Expression) -> Expression:
    """Declare `negative`, the sign bit of a limb on rows where `when` is 1, and check the limb's range."""
    negative = b.flag("negative")
    b.send(RANGE, [15, limb - negative * SIGN_BIT], when)
    return negative


def extension_of(negative: Expression) -> list[Expression]:
    """The upper two limbs of a sign-extended 32-bit result."""
    return [negative * ALL_ONES, negative * ALL_ONES]
