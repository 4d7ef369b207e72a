"""addiw: rd = the low 32 bits of rs1 + immediate, sign-extended.

The immediate is one of 12 bits, sign-extended, so its second limb is 0xFFFF `sign`: a program with another
one has no row for this table to look up.

Why rd cannot be anything else: a + immediate = d modulo 2^32 by `carries`, both limbs of d are below 2^16 by
`word`, which also fixes those above.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.carries import adds_up
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, Frame, range_check, register_key
from zisk.vm.tables.trace import Operations, Record, Trace, limb
from zisk.vm.tables.word import ALL_ONES, extension_of, sign_of

OPERATIONS = {"addiw": Operation.ADDIW}


def add_immediate_word(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rd, rs1 = frame.register("rd"), frame.register("rs1")
        imm0, sign = b.column("imm0"), b.column("sign")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        d = b.columns("d", 2)
        adds_up(b, "carry", a[:2], [imm0, sign * ALL_ONES], d)
        range_check(b, d[:1], frame.active)
        negative = sign_of(b, d[1], frame.active)
        frame.write("d", register_key(rd), SLOT_LAST, [*d, *extension_of(negative)])
        frame.finish(rd=rd, rs1=rs1, immediate=(imm0, sign * ALL_ONES, sign))

    return build_air("addiw", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    trace.operands(record, operations)
    trace.limbs("a", record.a)
    trace.limbs("d", record.d, count=2)
    trace["negative"] = limb(record.d, 63, bits=1)
    return trace.matrix()
