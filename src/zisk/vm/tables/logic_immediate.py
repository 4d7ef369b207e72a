"""andi, ori, xori: rd = rs1 op immediate.

Bytes of the lowest limb go through the bytes lookup. The immediate's other limbs are 0 or 0xFFFF, and of
such a limb each operation is linear in a: and keeps a or nothing, or takes 0xFFFF or a, xor takes 0xFFFF -
a or a.

Columns of its own: the bytes of a's and d's lowest limbs and of imm0; `ones`, whether imm1 is 0xFFFF (it is
not always `sign`: andi with 2^32 - 1 takes the low half).

Why rd cannot be anything else:
- Bytes of a and imm0 are bytes by lookup, and a pair of them makes a limb below 2^16 in one way only; d's
  two are op of them.
- `ones` is boolean, so imm1 is 0 or 0xFFFF; a program with another one has no row for this table to look
  up. With `ones` and `sign` known, d's other limbs are stated outright. They are between 0 and 0xFFFF as
  a's are.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.buses import BYTES, ByteOperation
from zisk.vm.tables.byte_limbs import limbs_of
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, Frame, register_key
from zisk.vm.tables.trace import Operations, Record, Trace, limb

OPERATIONS = {"xori": Operation.XORI, "ori": Operation.ORI, "andi": Operation.ANDI}
ALL_ONES = (1 << 16) - 1


def logic_immediate(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rd, rs1 = frame.register("rd"), frame.register("rs1")
        sign, ones = b.column("sign"), b.flag("ones")
        low_a, low_immediate, low_d = (b.columns(name, 2) for name in ("a_byte", "imm0_byte", "d_byte"))
        a = [*limbs_of(low_a), *b.columns("a_high", 3)]
        d = [*limbs_of(low_d), *b.columns("d_high", 3)]
        frame.access("a", register_key(rs1), SLOT_FIRST, a, a)
        frame.write("d", register_key(rd), SLOT_LAST, d)

        keeps, sets, flips = (frame.flags[name] for name in ("andi", "ori", "xori"))
        kind = keeps * ByteOperation.AND + sets * ByteOperation.OR + flips * ByteOperation.XOR
        for x, y, z in zip(low_a, low_immediate, low_d, strict=True):
            b.send(BYTES, [kind, x, y, z], frame.active)
        for index, full in ((1, ones), (2, sign), (3, sign)):
            kept = keeps * full * a[index]
            set_ = sets * (a[index] + full * (ALL_ONES - a[index]))
            flipped = flips * (a[index] + full * (ALL_ONES - 2 * a[index]))
            b.equal(f"limb {index} of d", d[index], kept + set_ + flipped)
        frame.finish(rd=rd, rs1=rs1, immediate=(*limbs_of(low_immediate), ones * ALL_ONES, sign))

    return build_air("logici", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    trace.operands(record, operations)
    trace["ones"] = operations.imm1[record.slot] == ALL_ONES
    trace.limbs("imm0_byte", operations.imm0[record.slot].astype(np.uint64), count=2, bits=8)
    for name, words in (("a", record.a), ("d", record.d)):
        trace.limbs(f"{name}_byte", words, count=2, bits=8)
        for index in range(3):
            trace[f"{name}_high[{index}]"] = limb(words, index + 1)
    return trace.matrix()
