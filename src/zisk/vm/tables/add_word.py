"""addw and subw: rd = the low 32 bits of rs1 + rs2 or rs1 - rs2, sign-extended.

Why rd cannot be anything else: rows of addw state a + b = d modulo 2^32, rows of subw d + b = a, by
`carries`; both limbs of d are below 2^16 by `word`, which also fixes those above.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.carries import adds_up
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Frame, range_check, register_key
from zisk.vm.tables.trace import Operations, Record, Trace, limb
from zisk.vm.tables.word import extension_of, sign_of

OPERATIONS = {"addw": Operation.ADDW, "subw": Operation.SUBW}


def add_word(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rd, rs1, rs2 = frame.register("rd"), frame.register("rs1"), frame.register("rs2")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        second = frame.read("b", register_key(rs2), SLOT_SECOND)
        d = b.columns("d", 2)
        adds_up(b, "carry", a[:2], second[:2], d, when=frame.flags["addw"])
        adds_up(b, "borrow", d, second[:2], a[:2], when=frame.flags["subw"])
        range_check(b, d[:1], frame.active)
        negative = sign_of(b, d[1], frame.active)
        frame.write("d", register_key(rd), SLOT_LAST, [*d, *extension_of(negative)])
        frame.finish(rd=rd, rs1=rs1, rs2=rs2)

    return build_air("addw", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    trace.operands(record, operations)
    trace.limbs("a", record.a)
    trace.limbs("b", record.b)
    trace.limbs("d", record.d, count=2)
    trace["negative"] = limb(record.d, 63, bits=1)
    return trace.matrix()
