"""addi and li: rd = rs1 + immediate, or rd = immediate.

`li` is also jal's link, lui and auipc: decode gives it the constant and the `next` to go to.

Why rd cannot be anything else: a + immediate = d modulo 2^64 by `carries`, and d's limbs are range-checked.
`li` rows have a = 0, forced limb by limb, and make no access to rs1.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.carries import LIMB, adds_up
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, Frame, range_check, register_key
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {"addi": Operation.ADDI, "li": Operation.LI}


def add_immediate(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rd, rs1 = frame.register("rd"), frame.register("rs1")
        imm0, imm1, sign = b.column("imm0"), b.column("imm1"), b.column("sign")
        a = frame.read("a", register_key(rs1), SLOT_FIRST, when=frame.flags["addi"])
        d = b.columns("d", 4)
        frame.write("d", register_key(rd), SLOT_LAST, d)
        for index in range(4):
            b.zero(f"li reads zero {index}", frame.flags["li"] * a[index])
        extension = sign * (LIMB - 1)
        adds_up(b, "carry", a, [imm0, imm1, extension, extension], d)
        range_check(b, d, frame.active)
        frame.finish(rd=rd, rs1=rs1, immediate=(imm0, imm1, sign))

    return build_air("addi", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    trace.operands(record, operations, reads_first=trace["is_addi"] == 1)
    trace.limbs("a", record.a)
    trace.limbs("d", record.d)
    return trace.matrix()
