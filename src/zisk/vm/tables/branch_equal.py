"""beq, bne and their forms against x0: to the target if the operands are equal, or if they are not.

The immediate is the index of the target. Forms against x0 do not read rs2; their b is zero, forced limb by
limb.

Columns of its own: `equal`, whether a = b; `hint[i]`, field elements; `successor`, the next step's pc.

Why `equal` cannot be anything else: it is stated that `equal` times any difference of two limbs is 0, and
that the sum of hint[i] (a[i] - b[i]) is 1 - `equal`. Where limbs differ, the first makes it 0; where none
do, the sum is 0 and the second makes it 1. So it needs no check of its own.
"""

from functools import cache

import numpy as np

from zisk.field.koalabear import P, inverse_array
from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import lift
from zisk.vm.operations import Operation
from zisk.vm.tables.branching import branch_target, fill_branch
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.trace import LIMB_BITS, Operations, Record, Trace

OPERATIONS = {
    "beq": Operation.BEQ,
    "bne": Operation.BNE,
    "beqz": Operation.BEQZ,
    "bnez": Operation.BNEZ,
}


def branch_equal(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rs1, rs2 = frame.register("rs1"), frame.register("rs2")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        second = frame.read("b", register_key(rs2), SLOT_SECOND, when=frame.any_of("beq", "bne"))
        equal, hints = b.column("equal"), b.columns("hint", 4)
        found = lift(0)
        for index in range(4):
            difference = a[index] - second[index]
            b.zero(f"x0 is zero {index}", frame.any_of("beqz", "bnez") * second[index])
            b.zero(f"equal limbs {index}", equal * difference)
            found = found + hints[index] * difference
        b.equal("a limb differs unless equal", found, frame.active - equal)
        wants = frame.any_of("beq", "beqz")
        taken = wants * equal + frame.any_of("bne", "bnez") * (1 - equal)
        successor, immediate = branch_target(frame, taken)
        frame.finish(next_pc=successor, rs1=rs1, rs2=rs2, immediate=immediate)

    return build_air("beq", define)


@cache
def _inverses() -> np.ndarray:
    """The inverse modulo p of every limb; 0 for 0."""
    return inverse_array(np.arange(1 << LIMB_BITS, dtype=np.uint64))


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    reads_second = (trace["is_beq"] | trace["is_bne"]) == 1
    trace.operands(record, operations, reads_second=reads_second)
    trace.limbs("a", record.a)
    trace.limbs("b", record.b)
    equal = record.a == record.b
    trace["equal"] = equal
    undecided = ~equal
    for index in range(4):
        a, b = trace[f"a[{index}]"], trace[f"b[{index}]"]
        here = undecided & (a != b)
        inverses = _inverses()[np.maximum(a, b) - np.minimum(a, b)]
        trace[f"hint[{index}]"] = np.where(here, np.where(a > b, inverses, P - inverses), 0)
        undecided = undecided & ~here
    wants = (trace["is_beq"] | trace["is_beqz"]) == 1
    fill_branch(trace, equal == wants)
    return trace.matrix()
