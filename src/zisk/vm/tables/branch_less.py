"""blt, bge, bltu, bgeu and the forms against x0: to the target if rs1 < rs2, or if it is not.

The immediate is the index of the target. Forms against x0 do not read rs2: bltz and bgez compare rs1 with
0; blez and bgtz compare it with 1, since a <= 0 is a < 1. Their b is forced limb by limb.

Why the branch cannot go elsewhere: `less` is boolean and `ordering` ties it to the operands. `unsigned` and
`unless` are boolean, and 0 on rows that have no such form. They raise the opcode by two, from blt and bge to
bltu and bgeu, and by one, from blt, bltu and bltz to bge, bgeu and bgez: the program lookup fixes opcode 23
to 30, and each is one choice of flag and forms. Rows with `unless`, and bgtz, branch if `less` is 0, others
if it is 1; `branching` does the rest.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.branching import branch_target, exactly_one, fill_branch
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.ordering import fill_orders, fill_signed_top, integer_limbs, orders, signed_top
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {
    "register": Operation.BLT,
    "zero": Operation.BLTZ,
    "bgtz": Operation.BGTZ,
    "blez": Operation.BLEZ,
}
"""The flags of the table; the first two with the signed branch that is taken if rs1 is less."""

UNSIGNED = Operation.BLTU - Operation.BLT
"""What an unsigned branch adds to the opcode of the signed one."""

UNLESS = Operation.BGE - Operation.BLT
"""What a branch that is taken unless rs1 is less adds to the opcode of the one that is taken if it is."""

IF_LESS = (Operation.BLT, Operation.BLTU, Operation.BLTZ, Operation.BLEZ)
AGAINST_ONE = (Operation.BGTZ, Operation.BLEZ)


def branch_less(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        register, zero, bgtz, blez = (frame.flags[name] for name in OPERATIONS)
        unsigned, unless = b.flag("unsigned"), b.flag("unless")
        b.zero("only forms with rs2 are unsigned", unsigned * (1 - register))
        b.zero("bgtz, blez and padding have no such form", unless * (1 - register - zero))
        frame.opcode = frame.opcode + unsigned * UNSIGNED + unless * UNLESS
        rs1, rs2 = frame.register("rs1"), frame.register("rs2")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        second = frame.read("b", register_key(rs2), SLOT_SECOND, when=register)
        constant, one = zero + bgtz + blez, bgtz + blez
        for index in range(4):
            b.equal(f"constant limb {index}", constant * second[index], one if index == 0 else 0)
        less, signed = b.flag("less"), frame.active - unsigned
        a_top = signed_top(b, "a_top", a[3], signed, frame.active)
        b_top = signed_top(b, "b_top", second[3], signed, frame.active)
        orders(b, [*a[:3], a_top], [*second[:3], b_top], less, frame.active)
        successor, immediate = branch_target(frame, exactly_one(less, unless + bgtz))
        frame.finish(next_pc=successor, rs1=rs1, rs2=rs2, immediate=immediate)

    return build_air("blt", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    executed = operations.op[record.slot]
    register, zero = executed < Operation.BLTZ, np.isin(executed, (Operation.BLTZ, Operation.BGEZ))
    unsigned = (executed == Operation.BLTU) | (executed == Operation.BGEU)
    if_less = np.isin(executed, IF_LESS)
    for name, rows in (
        ("is_register", register),
        ("is_zero", zero),
        ("unsigned", unsigned),
        ("unless", (register | zero) & ~if_less),
    ):
        trace[name] = rows
    trace.operands(record, operations, reads_second=register)
    second = np.where(register, record.b, np.isin(executed, AGAINST_ONE).astype(np.uint64))
    trace.limbs("a", record.a)
    trace.limbs("b", second)
    signed = ~unsigned
    a_top = fill_signed_top(trace, "a_top", record.a, signed)
    b_top = fill_signed_top(trace, "b_top", second, signed)
    flip = np.where(signed, np.uint64(1 << 63), np.uint64(0))
    less = (record.a ^ flip) < (second ^ flip)
    trace["less"] = less
    left, right = integer_limbs(record.a, a_top), integer_limbs(second, b_top)
    fill_orders(trace, left, right, less, np.ones(trace.rows, dtype=bool))
    fill_branch(trace, less == if_less)
    return trace.matrix()
