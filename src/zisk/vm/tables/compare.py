"""slt and sltu: rd = 1 if rs1 < rs2, otherwise 0.

Why rd cannot be anything else: `less` is boolean and `ordering` ties it to the operands, with signed top
limbs on rows of slt. The limbs of rd above the lowest are the constant 0.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.ordering import fill_orders, fill_signed_top, integer_limbs, orders, signed_top
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {"slt": Operation.SLT, "sltu": Operation.SLTU}


def compare(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rd, rs1, rs2 = frame.register("rd"), frame.register("rs1"), frame.register("rs2")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        second = frame.read("b", register_key(rs2), SLOT_SECOND)
        less = b.flag("less")
        frame.write("d", register_key(rd), SLOT_LAST, [less, 0, 0, 0])
        signed = frame.flags["slt"]
        a_top = signed_top(b, "a_top", a[3], signed, frame.active)
        b_top = signed_top(b, "b_top", second[3], signed, frame.active)
        orders(b, [*a[:3], a_top], [*second[:3], b_top], less, frame.active)
        frame.finish(rd=rd, rs1=rs1, rs2=rs2)

    return build_air("slt", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    trace.operands(record, operations)
    trace.limbs("a", record.a)
    trace.limbs("b", record.b)
    trace["less"] = record.d
    signed = trace["is_slt"] == 1
    a_top = fill_signed_top(trace, "a_top", record.a, signed)
    b_top = fill_signed_top(trace, "b_top", record.b, signed)
    left, right = integer_limbs(record.a, a_top), integer_limbs(record.b, b_top)
    fill_orders(trace, left, right, record.d == 1, np.ones(trace.rows, dtype=bool))
    return trace.matrix()
