"""slti and sltiu: rd = 1 if rs1 < immediate, otherwise 0.

The immediate is one of 12 bits, sign-extended, so its limbs above the lowest are 0xFFFF `sign`: a program
with another one has no row for this table to look up.

Why rd cannot be anything else: as in `compare`. `b_top` is the immediate's top limb, stated outright:
0xFFFF `sign` unsigned, -`sign` signed.
"""

import numpy as np

from zisk.field.koalabear import P
from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, Frame, register_key
from zisk.vm.tables.ordering import (
    LIMB,
    fill_orders,
    fill_signed_top,
    integer_limbs,
    orders,
    signed_top,
)
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {"slti": Operation.SLTI, "sltiu": Operation.SLTIU}
ALL_ONES = LIMB - 1


def compare_immediate(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rd, rs1 = frame.register("rd"), frame.register("rs1")
        imm0, sign, b_top = b.column("imm0"), b.column("sign"), b.column("b_top")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        less = b.flag("less")
        frame.write("d", register_key(rd), SLOT_LAST, [less, 0, 0, 0])
        signed, extension = frame.flags["slti"], sign * ALL_ONES
        b.equal("b_top", b_top, extension - signed * sign * LIMB)
        a_top = signed_top(b, "a_top", a[3], signed, frame.active)
        orders(b, [*a[:3], a_top], [imm0, extension, extension, b_top], less, frame.active)
        frame.finish(rd=rd, rs1=rs1, immediate=(imm0, extension, sign))

    return build_air("slti", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    trace.operands(record, operations)
    trace.limbs("a", record.a)
    trace["less"] = record.d
    signed = trace["is_slti"] == 1
    a_top = fill_signed_top(trace, "a_top", record.a, signed)
    extension = trace["sign"].astype(np.int64) * ALL_ONES
    b_top = np.where(signed, -trace["sign"].astype(np.int64), extension)
    trace["b_top"] = b_top % P
    right = [trace["imm0"].astype(np.int64), extension, extension, b_top]
    fill_orders(trace, integer_limbs(record.a, a_top), right, record.d == 1, np.ones(trace.rows, dtype=bool))
    return trace.matrix()
