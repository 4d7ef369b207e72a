"""mul, mulhu, divu and remu: halves of a product; quotient or remainder, by zero 2^64 - 1 and rs1. Unsigned.

All four say that factor times rs2 plus something is something:

    product:   rs1 * rs2 = low + 2^64 high
    division:  quotient * rs2 + remainder = rs1

Columns of its own: `second`, 1 for the second result of a pair, mulhu and remu; the bytes `factor`, of rs1 or
of the quotient, and those of rs2; `other`, the half that is not rd, or the remainder; `carry`, of which a
division needs the lower three and has in the upper four the *distance* rs2 - remainder - 1. A division is
`division` or `by_zero`, flags with one opcode.

Why rd of a product cannot be anything else: `factor` is stated to be rs1. The operands' bytes are bytes by
lookup, and a limb has one such pair. All eight limbs of the product are range-checked, and by `product` they
are those of the product over the integers, with no carry out of the highest. `second` says which half is rd.

Why rd of a division cannot be anything else:
- Divisor and quotient are bytes by lookup, remainder limbs are range-checked. By `product`, quotient times
  divisor plus remainder is the dividend over the integers: the lower four limbs have no carry out, and the
  share of each upper limb is 0. Its byte products are not negative and it is below 2^27, so each is 0.
- On rows of `division` the remainder plus the distance plus 1 is the divisor: `carries` without a carry out
  of the highest limb, which is stated to be 0. The limbs of the distance are range-checked, so the remainder
  is smaller than the divisor, and quotient and remainder are the only such pair. No divisor of 0 has a
  distance.
- On rows of `by_zero` the divisor's bytes add up to 0. They are at most 2040 together, so it is 0. The
  quotient is stated to be all ones. The product is 0, so the remainder is the dividend. The distance is not
  looked at.
- rd is stated to be the quotient, or where `second` is set the remainder.

`second` is boolean and 0 on rows without a step. It raises the opcode by one, from mul to mulhu and from divu
to remu: the program lookup fixes opcode 43 to 46, and each is one choice of flag and `second`.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import Expression
from zisk.vm.operations import Operation
from zisk.vm.tables.byte_limbs import BYTES_PER_WORD, check_bytes, limbs_of
from zisk.vm.tables.carries import adds_up
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Frame, range_check, register_key
from zisk.vm.tables.product import CARRY_BITS, carries, limb_share_arrays, limb_shares
from zisk.vm.tables.trace import LIMB_BITS, Operations, Record, Trace, limb

OPERATIONS = {"product": Operation.MUL, "division": Operation.DIVU, "by_zero": Operation.DIVU}
"""The flags of the table with the first operation of each."""

SECOND = Operation.MULHU - Operation.MUL
"""What the second result of a pair adds to the opcode of the first; the same for remu and divu."""

ALL_ONES = (1 << LIMB_BITS) - 1
LIMBS = 4
DIVISION_CARRIES = LIMBS - 1
"""Carries of a division; the other columns of carries hold the distance."""


def multiply_divide(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        product, division, by_zero = (frame.flags[name] for name in OPERATIONS)
        divides = division + by_zero
        second = b.flag("second")
        b.zero("second is a step's", second * (1 - frame.active))
        frame.opcode = frame.opcode + second * SECOND
        rd, rs1, rs2 = frame.register("rd"), frame.register("rs1"), frame.register("rs2")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        factor, divisor = b.columns("factor", BYTES_PER_WORD), b.columns("b", BYTES_PER_WORD)
        factor_limbs, b_limbs = limbs_of(factor), limbs_of(divisor)
        frame.access("b", register_key(rs2), SLOT_SECOND, b_limbs, b_limbs)
        check_bytes(b, [*factor, *divisor], frame.active)
        d, other = b.columns("d", LIMBS), b.columns("other", LIMBS)
        range_check(b, [*d, *other], frame.active)

        low = [one + second * (another - one) for one, another in zip(d, other, strict=True)]
        high = [another + second * (one - another) for one, another in zip(d, other, strict=True)]
        shares = limb_shares(factor, divisor)
        sums = [share + divides * part for share, part in zip(shares[:LIMBS], other, strict=True)]
        totals = [product * part + divides * limb_of_a for part, limb_of_a in zip(low, a, strict=True)]
        totals += [product * part for part in high]
        kept = [1] * DIVISION_CARRIES + [product] * LIMBS
        columns = carries(b, [*sums, *shares[LIMBS:]], totals, kept)
        distance = columns[DIVISION_CARRIES:]
        range_check(b, columns[:DIVISION_CARRIES], frame.active, CARRY_BITS)
        for part in distance:
            _range_check_either(b, part, product, divides)

        for index in range(LIMBS):
            b.zero(f"factor {index} of a product", product * (a[index] - factor_limbs[index]))
            result = factor_limbs[index] + second * (other[index] - factor_limbs[index])
            b.zero(f"limb {index} of a division", divides * (d[index] - result))
        raised = [other[0] + 1, *other[1:]]
        out = adds_up(b, "distance carry", raised, distance, b_limbs, when=division)
        b.zero("the remainder is smaller", division * out)
        b.zero("the divisor is zero", by_zero * sum(divisor[1:], start=divisor[0]))
        for index, part in enumerate(factor_limbs):
            b.zero(f"limb {index} of a quotient by zero", by_zero * (part - ALL_ONES))
        frame.write("d", register_key(rd), SLOT_LAST, d)
        frame.finish(rd=rd, rs1=rs1, rs2=rs2)

    return build_air("muldiv", define)


def _range_check_either(b: Builder, column: Expression, product: Expression, divides: Expression) -> None:
    """Check that a column is a carry on rows of products, and a limb on rows of divisions."""
    range_check(b, [column], product + divides, product * CARRY_BITS + divides * LIMB_BITS)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, {})
    trace.operands(record, operations)
    executed = operations.op[record.slot]
    product = executed < Operation.DIVU
    by_zero = ~product & (record.b == 0)
    division = ~product & ~by_zero
    for name, rows in (("product", product), ("division", division), ("by_zero", by_zero)):
        trace[f"is_{name}"] = rows
    trace["second"] = (executed == Operation.MULHU) | (executed == Operation.REMU)

    quotient = np.full_like(record.a, (1 << 64) - 1)
    np.floor_divide(record.a, record.b, out=quotient, where=division)
    factor = np.where(product, record.a, quotient)
    remainder = record.a - quotient * record.b
    trace.limbs("a", record.a)
    trace.limbs("factor", factor, count=BYTES_PER_WORD, bits=8)
    trace.limbs("b", record.b, count=BYTES_PER_WORD, bits=8)
    trace.limbs("d", record.d)
    trace.limbs("other", remainder)
    factors = ([limb(words, place, 8).astype(np.int64) for place in range(8)] for words in (factor, record.b))
    distance = np.where(by_zero, np.uint64(0), record.b - remainder - np.uint64(1))
    lower = trace["second"] == 0
    total = np.zeros(trace.rows, dtype=np.int64)
    for place, share in enumerate(limb_share_arrays(*factors)):
        total += share
        if place < LIMBS:
            total += np.where(product, 0, limb(remainder, place).astype(np.int64))
        others = trace[f"other[{place % LIMBS}]"]
        np.copyto(others, total & ALL_ONES, where=product & (lower == (place >= LIMBS)), casting="unsafe")
        total >>= LIMB_BITS
        if place < DIVISION_CARRIES:
            trace[f"carry[{place}]"] = total
        elif place < 2 * LIMBS - 1:
            trace[f"carry[{place}]"] = np.where(product, total, limb(distance, place - DIVISION_CARRIES))
    return trace.matrix()
