"""beq, bne and their forms against x0: to the target if the operands are equal, or if they are not.

The immediate is the index of the target. Forms against x0 do not read rs2; their b is zero, forced limb by
limb.

Columns of its own: `equal`, whether a = b; `hint[i]`, field elements; `successor`, the next step's pc.

Why `equal` cannot be anything else: it is stated that `equal` times any difference of two limbs is 0, and
that the sum of hint[i] (a[i] - b[i]) is 1 - `equal`. Where limbs differ, the first makes it 0; where none
do, the sum is 0 and the second makes it 1. So it needs no check of its own.

Why the branch cannot go elsewhere: `unless` is boolean and 0 on rows without a step. It raises the opcode by
one, from beq to bne and from beqz to bnez: the program lookup fixes opcode 19 to 22, and each is one choice
of flag and `unless`. The branch is taken if exactly one of `equal` and `unless` is 1.
"""

from functools import cache

import numpy as np

from zisk.field.koalabear import P, inverse_array
from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import lift
from zisk.vm.operations import Operation
from zisk.vm.tables.branching import branch_target, exactly_one, fill_branch
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.trace import LIMB_BITS, Operations, Record, Trace

OPERATIONS = {"register": Operation.BEQ, "zero": Operation.BEQZ}
"""The flags of the table with the branch of each form that is taken if the operands are equal."""

UNLESS = Operation.BNE - Operation.BEQ
"""What the branch that is taken unless they are equal adds to the opcode of a form."""


def branch_equal(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        unless = b.flag("unless")
        b.zero("unless is a step's", unless * (1 - frame.active))
        frame.opcode = frame.opcode + unless * UNLESS
        rs1, rs2 = frame.register("rs1"), frame.register("rs2")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        second = frame.read("b", register_key(rs2), SLOT_SECOND, when=frame.flags["register"])
        equal, hints = b.column("equal"), b.columns("hint", 4)
        found = lift(0)
        for index in range(4):
            difference = a[index] - second[index]
            b.zero(f"x0 is zero {index}", frame.flags["zero"] * second[index])
            b.zero(f"equal limbs {index}", equal * difference)
            found = found + hints[index] * difference
        b.equal("a limb differs unless equal", found, frame.active - equal)
        successor, immediate = branch_target(frame, exactly_one(equal, unless))
        frame.finish(next_pc=successor, rs1=rs1, rs2=rs2, immediate=immediate)

    return build_air("beq", define)


@cache
def _inverses() -> np.ndarray:
    """The inverse modulo p of every limb; 0 for 0."""
    return inverse_array(np.arange(1 << LIMB_BITS, dtype=np.uint64))


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, {})
    executed = operations.op[record.slot]
    register = executed < Operation.BEQZ
    unless = (executed == Operation.BNE) | (executed == Operation.BNEZ)
    for name, rows in (("is_register", register), ("is_zero", ~register), ("unless", unless)):
        trace[name] = rows
    trace.operands(record, operations, reads_second=register)
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
    fill_branch(trace, equal != unless)
    return trace.matrix()
