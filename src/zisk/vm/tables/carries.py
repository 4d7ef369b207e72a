"""Addition of words in limbs of 16 bits, with carries that take no columns.

Why the total cannot be anything else: each carry is what a limb's sum exceeds the total's limb by, over
2^16, and it is boolean. All limbs are integers from 0 to 2^16 (the caller's part), so a sum and its total
differ by less than 2^18 and the equation holds over the integers, not only modulo p. So the total is the
sum modulo 2^(16 limbs): the carry out of the highest limb is boolean too, and dropped unless the caller
says what it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from zisk.field.koalabear import inverse
from zisk.stark.air import Builder
from zisk.stark.expression import Expression, lift

LIMB = 1 << 16


def adds_up(
    b: Builder,
    name: str,
    augend: Sequence[Expression | int],
    addend: Sequence[Expression | int],
    total: Sequence[Expression | int],
    when: Expression | None = None,
) -> Expression:
    """State that augend + addend = total, limb by limb from the lowest; returns the carry out of the highest.

    `when`: an expression of degree 1, 0 on rows of which this is not said.
    """
    carry = lift(0)
    for index, (left, right, limb) in enumerate(zip(augend, addend, total, strict=True)):
        carry = (lift(left) + right + carry - limb) * inverse(LIMB)
        boolean = carry * (carry - 1)
        b.zero(f"{name} {index} is boolean", boolean if when is None else when * boolean)
    return carry
