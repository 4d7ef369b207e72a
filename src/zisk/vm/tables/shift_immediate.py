"""slli, srli and srai: rd = rs1 shifted by a constant below 64.

Columns of its own, besides those of `shifter`: `is_srai`, of the rows to the right those that are
arithmetic; `fill`, the sign of rs1 on such rows.

Why rd cannot be anything else: `shifter` fixes the limbs from the amount, the direction and `fill`. The
flags are sums of moves and `is_srai`, and the program lookup fixes the sum. `fill` is boolean and 0 except
on rows of srai; there the top limb of rs1 less 2^15 `fill` is below 2^15, so `fill` is the sign bit.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.buses import RANGE
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, Frame, register_key
from zisk.vm.tables.shifter import Splits, declare_moves, fill_moves, fill_splits
from zisk.vm.tables.trace import Operations, Record, Trace, limb
from zisk.vm.tables.word import SIGN_BIT

OPERATIONS = {"slli": Operation.SLLI, "srli": Operation.SRLI, "srai": Operation.SRAI}
LIMBS = 4


def shift_immediate(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        moves, arithmetic = declare_moves(b, LIMBS), b.column("is_srai")
        flags = {"slli": moves.is_left, "srli": moves.is_right - arithmetic, "srai": arithmetic}
        frame = Frame(b, log_size, OPERATIONS, flags)
        rd, rs1, amount = frame.register("rd"), frame.register("rs1"), b.column("imm0")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        fill = b.flag("fill")
        b.zero("only srai fills with ones", fill * (1 - arithmetic))
        b.send(RANGE, [15, a[-1] - fill * SIGN_BIT], arithmetic)
        splits = Splits(b, LIMBS, amount, moves.quotient, frame.active)
        d = b.columns("d", LIMBS)
        for index, result in enumerate(splits.shifted(moves, fill)):
            splits.split(index, a[index], is_left=moves.is_left, is_right=moves.is_right)
            b.equal(f"limb {index} of d", d[index], result)
        frame.write("d", register_key(rd), SLOT_LAST, d)
        frame.finish(rd=rd, rs1=rs1, immediate=(amount, 0, 0))

    return build_air("shifti", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, {"srai": Operation.SRAI})
    trace.operands(record, operations)
    trace.limbs("a", record.a)
    trace.limbs("d", record.d)
    is_left = operations.op[record.slot] == Operation.SLLI
    amount = trace["imm0"]
    fill_moves(trace, amount, np.ones(trace.rows, dtype=bool), is_left)
    fill_splits(trace, record.a, amount, is_left, LIMBS)
    trace["fill"] = (trace["is_srai"] == 1) & (limb(record.a, 63, bits=1) == 1)
    return trace.matrix()
