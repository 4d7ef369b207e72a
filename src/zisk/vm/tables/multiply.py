"""mul and mulhu: rd = the lower or upper 64 bits of rs1 times rs2, unsigned.

Columns of its own: the bytes of both operands; `other`, the limbs of the half that is not rd; `carry`.

Why rd cannot be anything else: the operands' bytes are bytes by lookup, and a limb has one such pair. All
eight limbs of the product are range-checked, and by `product` they are those of the product over the
integers, with no carry out of the highest. The flag says which half is rd.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.byte_limbs import BYTES_PER_WORD, check_bytes, limbs_of
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Frame, range_check, register_key
from zisk.vm.tables.product import carries, limb_share_arrays, limb_shares
from zisk.vm.tables.trace import LIMB_BITS, Operations, Record, Trace, limb

OPERATIONS = {"mul": Operation.MUL, "mulhu": Operation.MULHU}


def multiply(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rd, rs1, rs2 = frame.register("rd"), frame.register("rs1"), frame.register("rs2")
        first, second = b.columns("a", BYTES_PER_WORD), b.columns("b", BYTES_PER_WORD)
        a_limbs, b_limbs = limbs_of(first), limbs_of(second)
        frame.access("a", register_key(rs1), SLOT_FIRST, a_limbs, a_limbs)
        frame.access("b", register_key(rs2), SLOT_SECOND, b_limbs, b_limbs)
        check_bytes(b, [*first, *second], frame.active)

        d, other = b.columns("d", 4), b.columns("other", 4)
        range_check(b, [*d, *other], frame.active)
        lower, upper = frame.flags["mul"], frame.flags["mulhu"]
        halves = [
            (lower * one) + (upper * another) for one, another in zip([*d, *other], [*other, *d], strict=True)
        ]
        carries(b, limb_shares(first, second), halves, frame.active)
        frame.write("d", register_key(rd), SLOT_LAST, d)
        frame.finish(rd=rd, rs1=rs1, rs2=rs2)

    return build_air("mul", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    trace.operands(record, operations)
    trace.limbs("a", record.a, count=BYTES_PER_WORD, bits=8)
    trace.limbs("b", record.b, count=BYTES_PER_WORD, bits=8)
    trace.limbs("d", record.d)
    factors = (
        [limb(words, place, 8).astype(np.int64) for place in range(8)] for words in (record.a, record.b)
    )
    lower = trace["is_mul"] == 1
    total = np.zeros(trace.rows, dtype=np.int64)
    for place, share in enumerate(limb_share_arrays(*factors)):
        total += share
        if place < 7:
            trace[f"carry[{place}]"] = total >> LIMB_BITS
        others = trace[f"other[{place % 4}]"]
        np.copyto(others, total & 0xFFFF, where=lower == (place >= 4), casting="unsafe")
        total >>= LIMB_BITS
    return trace.matrix()
