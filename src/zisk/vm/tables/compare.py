"""slt, sltu, slti and sltiu: rd = 1 if rs1 < rs2, or rs1 < immediate, otherwise 0.

Forms with an immediate do not read rs2; their b is the immediate, stated limb by limb. It is one of 12 bits,
sign-extended, so its limbs above the lowest are 0xFFFF `sign`: a program with another one has no row for this
table to look up.

Why rd cannot be anything else: `less` is boolean and `ordering` ties it to the operands, with top limbs that
are signed unless `unsigned` is set. The limbs of rd above the lowest are the constant 0. `unsigned` is
boolean and 0 on rows without a step. It raises the opcode by one, from slt to sltu and from slti to sltiu:
the program lookup fixes opcode 15 to 18, and each is one choice of flag and `unsigned`.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.ordering import LIMB, fill_orders, fill_signed_top, integer_limbs, orders, signed_top
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {"register": Operation.SLT, "immediate": Operation.SLTI}
"""The flags of the table with the signed comparison of each form."""

UNSIGNED = Operation.SLTU - Operation.SLT
"""What the unsigned comparison of a form adds to the opcode of the signed one."""

ALL_ONES = LIMB - 1


def compare(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        unsigned = b.flag("unsigned")
        b.zero("unsigned is a step's", unsigned * (1 - frame.active))
        frame.opcode = frame.opcode + unsigned * UNSIGNED
        rd, rs1, rs2 = frame.register("rd"), frame.register("rs1"), frame.register("rs2")
        imm0, sign = b.column("imm0"), b.column("sign")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        second = frame.read("b", register_key(rs2), SLOT_SECOND, when=frame.flags["register"])
        extension = sign * ALL_ONES
        for index, limb in enumerate((imm0, extension, extension, extension)):
            b.zero(f"b is the immediate {index}", frame.flags["immediate"] * (second[index] - limb))
        less = b.flag("less")
        frame.write("d", register_key(rd), SLOT_LAST, [less, 0, 0, 0])
        signed = frame.active - unsigned
        a_top = signed_top(b, "a_top", a[3], signed, frame.active)
        b_top = signed_top(b, "b_top", second[3], signed, frame.active)
        orders(b, [*a[:3], a_top], [*second[:3], b_top], less, frame.active)
        frame.finish(rd=rd, rs1=rs1, rs2=rs2, immediate=(imm0, extension, sign))

    return build_air("slt", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, {})
    executed = operations.op[record.slot]
    register = executed >= Operation.SLT
    unsigned = (executed == Operation.SLTIU) | (executed == Operation.SLTU)
    for name, rows in (("is_register", register), ("is_immediate", ~register), ("unsigned", unsigned)):
        trace[name] = rows
    trace.operands(record, operations, reads_second=register)
    second = np.where(register, record.b, operations.immediate[record.slot])
    trace.limbs("a", record.a)
    trace.limbs("b", second)
    trace["less"] = record.d
    a_top = fill_signed_top(trace, "a_top", record.a, ~unsigned)
    b_top = fill_signed_top(trace, "b_top", second, ~unsigned)
    left, right = integer_limbs(record.a, a_top), integer_limbs(second, b_top)
    fill_orders(trace, left, right, record.d == 1, np.ones(trace.rows, dtype=bool))
    return trace.matrix()
