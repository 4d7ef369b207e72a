"""blt, bge, bltu, bgeu and the forms against x0: to the target if rs1 < rs2, or if it is not.

The immediate is the index of the target. Forms against x0 do not read rs2: bltz and bgez compare rs1 with
0; blez and bgtz compare it with 1, since a <= 0 is a < 1. Their b is forced limb by limb.

Why the branch cannot go elsewhere: `less` is boolean and `ordering` ties it to the operands; `branching`
does the rest.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.branching import branch_target, fill_branch
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.ordering import fill_orders, fill_signed_top, integer_limbs, orders, signed_top
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {
    "blt": Operation.BLT,
    "bge": Operation.BGE,
    "bltu": Operation.BLTU,
    "bgeu": Operation.BGEU,
    "bltz": Operation.BLTZ,
    "bgez": Operation.BGEZ,
    "bgtz": Operation.BGTZ,
    "blez": Operation.BLEZ,
}
READS_SECOND = ("blt", "bge", "bltu", "bgeu")
AGAINST_ONE = ("bgtz", "blez")
UNSIGNED = ("bltu", "bgeu")
IF_LESS = ("blt", "bltu", "bltz", "blez")
"""Taken when a < b; the others are taken when it is not."""


def _others(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in OPERATIONS if name not in names)


def branch_less(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rs1, rs2 = frame.register("rs1"), frame.register("rs2")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        second = frame.read("b", register_key(rs2), SLOT_SECOND, when=frame.any_of(*READS_SECOND))
        constant = frame.any_of(*_others(READS_SECOND))
        for index in range(4):
            forced = frame.any_of(*AGAINST_ONE) if index == 0 else 0
            b.equal(f"constant limb {index}", constant * second[index], forced)
        less, signed = b.flag("less"), frame.any_of(*_others(UNSIGNED))
        a_top = signed_top(b, "a_top", a[3], signed, frame.active)
        b_top = signed_top(b, "b_top", second[3], signed, frame.active)
        orders(b, [*a[:3], a_top], [*second[:3], b_top], less, frame.active)
        taken = frame.any_of(*IF_LESS) * less + frame.any_of(*_others(IF_LESS)) * (1 - less)
        successor, immediate = branch_target(frame, taken)
        frame.finish(next_pc=successor, rs1=rs1, rs2=rs2, immediate=immediate)

    return build_air("blt", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)

    def rows_of(names: tuple[str, ...]) -> np.ndarray:
        return np.isin(operations.op[record.slot], [OPERATIONS[name] for name in names])

    trace.operands(record, operations, reads_second=rows_of(READS_SECOND))
    second = np.where(rows_of(READS_SECOND), record.b, rows_of(AGAINST_ONE).astype(np.uint64))
    trace.limbs("a", record.a)
    trace.limbs("b", second)
    signed = ~rows_of(UNSIGNED)
    a_top = fill_signed_top(trace, "a_top", record.a, signed)
    b_top = fill_signed_top(trace, "b_top", second, signed)
    flip = np.where(signed, np.uint64(1 << 63), np.uint64(0))
    less = (record.a ^ flip) < (second ^ flip)
    trace["less"] = less
    left, right = integer_limbs(record.a, a_top), integer_limbs(second, b_top)
    fill_orders(trace, left, right, less, np.ones(trace.rows, dtype=bool))
    fill_branch(trace, less == rows_of(IF_LESS))
    return trace.matrix()
