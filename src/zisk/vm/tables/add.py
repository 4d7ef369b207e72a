"""add and sub: rd = rs1 + rs2, or rd = rs1 - rs2.

Why rd cannot be anything else: rows of add state a + b = d modulo 2^64, rows of sub d + b = a, by
`carries`; the limbs of a and b come from the memory bus and those of d are range-checked. Either equation
has one solution d.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.carries import adds_up
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Frame, range_check, register_key
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {"add": Operation.ADD, "sub": Operation.SUB}


def add(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rd, rs1, rs2 = frame.register("rd"), frame.register("rs1"), frame.register("rs2")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        second = frame.read("b", register_key(rs2), SLOT_SECOND)
        d = b.columns("d", 4)
        frame.write("d", register_key(rd), SLOT_LAST, d)
        adds_up(b, "carry", a, second, d, when=frame.flags["add"])
        adds_up(b, "borrow", d, second, a, when=frame.flags["sub"])
        range_check(b, d, frame.active)
        frame.finish(rd=rd, rs1=rs1, rs2=rs2)

    return build_air("add", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    trace.operands(record, operations)
    trace.limbs("a", record.a)
    trace.limbs("b", record.b)
    trace.limbs("d", record.d)
    return trace.matrix()
