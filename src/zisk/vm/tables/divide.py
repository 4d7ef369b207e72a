"""divu and remu: rd = rs1 / rs2 or rs1 modulo rs2, unsigned; by zero, 2^64 - 1 and rs1.

Columns of its own: the bytes of the divisor and of the quotient; the limbs of the remainder; `by_zero`;
`carry`; and those of `ordering`.

Why rd cannot be anything else:
- Divisor and quotient are bytes by lookup, remainder limbs are range-checked. By `product`, quotient times
  divisor plus remainder is the dividend over the integers: the lower four limbs have no carry out, and the
  byte products that belong to upper limbs add up to 0. There are 28 of those, so their sum is below 2^21,
  and none is negative.
- `by_zero` is boolean, and 0 unless all bytes of the divisor are 0: they add up to at most 2040. Where it
  is 0 on an active row, remainder < divisor by `ordering`; no remainder is below a divisor of 0, so
  `by_zero` is 1 exactly on a division by zero, and otherwise quotient and remainder are the only such pair.
- On a division by zero the quotient is stated to be all ones, and the remainder is the dividend, the
  product being 0.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import lift
from zisk.vm.operations import Operation
from zisk.vm.tables.byte_limbs import BYTES_PER_WORD, check_bytes, limbs_of
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Frame, range_check, register_key
from zisk.vm.tables.ordering import fill_orders, integer_limbs, orders
from zisk.vm.tables.product import carries, limb_share_arrays, limb_shares
from zisk.vm.tables.trace import LIMB_BITS, Operations, Record, Trace, limb

OPERATIONS = {"divu": Operation.DIVU, "remu": Operation.REMU}
ALL_ONES = (1 << LIMB_BITS) - 1


def divide(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rd, rs1, rs2 = frame.register("rd"), frame.register("rs1"), frame.register("rs2")
        dividend = frame.read("a", register_key(rs1), SLOT_FIRST)
        divisor, quotient = b.columns("b", BYTES_PER_WORD), b.columns("quotient", BYTES_PER_WORD)
        divisor_limbs, quotient_limbs = limbs_of(divisor), limbs_of(quotient)
        frame.access("b", register_key(rs2), SLOT_SECOND, divisor_limbs, divisor_limbs)
        remainder, by_zero = b.columns("remainder", 4), b.flag("by_zero")
        check_bytes(b, [*divisor, *quotient], frame.active)
        range_check(b, remainder, frame.active)

        shares = limb_shares(quotient, divisor)
        sums = [share + part for share, part in zip(shares[:4], remainder, strict=True)]
        carries(b, sums, dividend, frame.active)
        beyond = lift(0)
        for i in range(BYTES_PER_WORD):
            for j in range(BYTES_PER_WORD - i, BYTES_PER_WORD):
                beyond = beyond + quotient[i] * divisor[j]
        b.zero("the product has 64 bits", beyond)

        b.zero("the divisor is zero", by_zero * sum(divisor[1:], start=divisor[0]))
        for index, part in enumerate(quotient_limbs):
            b.zero(f"limb {index} of a quotient by zero", by_zero * (part - ALL_ONES))
        divides = frame.active - by_zero
        b.boolean("divides", divides)
        orders(b, remainder, divisor_limbs, 1, divides)

        d = b.columns("d", 4)
        for index in range(4):
            wanted = frame.flags["divu"] * quotient_limbs[index] + frame.flags["remu"] * remainder[index]
            b.equal(f"limb {index} of d", d[index], wanted)
        frame.write("d", register_key(rd), SLOT_LAST, d)
        frame.finish(rd=rd, rs1=rs1, rs2=rs2)

    return build_air("divu", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    trace.operands(record, operations)
    dividend, divisor = record.a, record.b
    by_zero = divisor == 0
    safe = np.where(by_zero, np.uint64(1), divisor)
    quotient = np.where(by_zero, np.uint64((1 << 64) - 1), dividend // safe)
    remainder = np.where(by_zero, dividend, dividend % safe)
    trace.limbs("a", dividend)
    trace.limbs("b", divisor, count=BYTES_PER_WORD, bits=8)
    trace.limbs("quotient", quotient, count=BYTES_PER_WORD, bits=8)
    trace.limbs("remainder", remainder)
    trace.limbs("d", record.d)
    trace["by_zero"] = by_zero
    factors = (
        [limb(words, place, 8).astype(np.int64) for place in range(8)] for words in (quotient, divisor)
    )
    total = np.zeros(trace.rows, dtype=np.int64)
    for place, share in enumerate(limb_share_arrays(*factors)[:3]):
        total += share + limb(remainder, place).astype(np.int64)
        total >>= LIMB_BITS
        trace[f"carry[{place}]"] = total
    tops = [limb(words, 3).astype(np.int64) for words in (remainder, divisor)]
    left, right = (integer_limbs(words, top) for words, top in zip((remainder, divisor), tops, strict=True))
    fill_orders(trace, left, right, np.ones(trace.rows, dtype=bool), ~by_zero)
    return trace.matrix()
