"""The effective address of a load or store, and the key of the word that holds it.

The address is rs1 + immediate modulo 2^64, added limb by limb. Its lowest limb is 8 `key_low` + offset, its
second one is `address_high`, and the two above are zero. The key is key_low + 2^13 address_high.

Why the key cannot be anything else:
- key_low is below 2^13 and the offset below 8 (its file says why), so the lowest limb is below 2^16. With a
  boolean carry there is one such limb.
- The carry out of the second limb is boolean, so address_high is the true limb, or 2^16 away from it. The
  key is then 2^29 away from the true one: an integer from -2^29 to 2^30, which cannot wrap modulo p, and
  outside 0 to 2^29. No region holds such a key, so no edges segment opens it and its messages stay
  unmatched.
- The carries above are boolean and their limbs zero, so an address of 2^32 or more satisfies no row.

Stores go to RAM and nowhere else: address_high - 0xA000 is range-checked below 2^13, which also fixes the
carry. So code, constants and input cannot be written, and an input word keeps the value that it starts
with.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zisk.field.koalabear import inverse
from zisk.stark.expression import Expression, lift
from zisk.vm.memory_map import RAM_BASE, RAM_SIZE
from zisk.vm.tables.buses import RANGE
from zisk.vm.tables.frame import Frame
from zisk.vm.tables.trace import LIMB_BITS, Record, Trace

LIMB = 1 << LIMB_BITS
OFFSET_BITS = 3
KEY_LOW_BITS = LIMB_BITS - OFFSET_BITS
"""Bits of the key that come from the address's lowest limb."""

RAM_HIGH = RAM_BASE >> LIMB_BITS
RAM_HIGH_BITS = (RAM_SIZE >> LIMB_BITS).bit_length() - 1
"""RAM is all addresses whose second limb is RAM_HIGH plus a number of this many bits."""


def word_key(
    frame: Frame,
    a: Sequence[Expression],
    immediate: Sequence[Expression],
    offset: Expression | int,
    *,
    stores: Expression | None = None,
) -> Expression:
    """Declare the address a + immediate and return the key of its word.

    Args:
        frame: the table's frame.
        a: limbs of rs1, known to be below 2^16.
        immediate: (imm0, imm1, sign) of the micro-operation.
        offset: address modulo 8, an expression of degree 1 that the caller shows to be below 8.
        stores: 1 on rows that may address RAM only, 0 on other ones; None where no row is bound to it.
    """
    b = frame.builder
    key_low, high = b.column("key_low"), b.column("address_high")
    imm0, imm1, sign = immediate
    carry = lift(0)
    limbs = (key_low * 8 + offset, high, lift(0), lift(0))
    addends = (imm0, imm1, sign * (LIMB - 1), sign * (LIMB - 1))
    for index, (addend, limb) in enumerate(zip(addends, limbs, strict=True)):
        carry = (a[index] + addend + carry - limb) * inverse(LIMB)
        b.boolean(f"address carry {index}", carry)
    b.send(RANGE, [KEY_LOW_BITS, key_low], frame.active)
    if stores is not None:
        b.send(RANGE, [RAM_HIGH_BITS, high - RAM_HIGH], stores)
    return key_low + high * (1 << KEY_LOW_BITS)


def fill_address(trace: Trace, record: Record) -> np.ndarray:
    """Set the address columns; returns the offsets, address modulo 8."""
    low = record.address & np.uint64(LIMB - 1)
    trace["key_low"] = low >> np.uint64(OFFSET_BITS)
    trace["address_high"] = record.address >> np.uint64(LIMB_BITS)
    return (low & np.uint64(7)).astype(np.int64)
