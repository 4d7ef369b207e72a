"""slliw, srliw and sraiw: rd = the low 32 bits of rs1 shifted by a constant below 32, sign-extended.

Columns of its own, besides those of `shifter`: `is_sraiw`; `signed_limb`, the limb whose sign extends the
result: of rs1 for sraiw, of rd for the others; `negative`, that sign; `fill`, `negative` on rows of sraiw.

Why rd cannot be anything else: `shifter` fixes both limbs from amount, direction and `fill`; moves exist
for one limb at most, so an amount of 32 or more has no row. Both are below 2^16. `signed_limb` is stated
outright; `word` says why `negative` is its sign. The result of an arithmetic shift has the sign of its
operand, so `negative` extends it as well.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, Frame, register_key
from zisk.vm.tables.shifter import Splits, declare_moves, fill_moves, fill_splits
from zisk.vm.tables.trace import Operations, Record, Trace, limb
from zisk.vm.tables.word import extension_of, sign_of

OPERATIONS = {"slliw": Operation.SLLIW, "srliw": Operation.SRLIW, "sraiw": Operation.SRAIW}
LIMBS = 2


def shift_immediate_word(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        moves, arithmetic = declare_moves(b, LIMBS), b.column("is_sraiw")
        flags = {"slliw": moves.is_left, "srliw": moves.is_right - arithmetic, "sraiw": arithmetic}
        frame = Frame(b, log_size, OPERATIONS, flags)
        rd, rs1, amount = frame.register("rd"), frame.register("rs1"), b.column("imm0")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        d = b.columns("d", LIMBS)
        signed_limb, fill = b.column("signed_limb"), b.column("fill")
        b.equal("signed limb", signed_limb, d[1] + arithmetic * (a[1] - d[1]))
        negative = sign_of(b, signed_limb, frame.active)
        b.equal("fill", fill, arithmetic * negative)
        splits = Splits(b, LIMBS, amount, moves.quotient, frame.active)
        for index, result in enumerate(splits.shifted(moves, fill)):
            splits.split(index, a[index], is_left=moves.is_left, is_right=moves.is_right)
            b.equal(f"limb {index} of d", d[index], result)
        frame.write("d", register_key(rd), SLOT_LAST, [*d, *extension_of(negative)])
        frame.finish(rd=rd, rs1=rs1, immediate=(amount, 0, 0))

    return build_air("shiftiw", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, {"sraiw": Operation.SRAIW})
    trace.operands(record, operations)
    trace.limbs("a", record.a)
    trace.limbs("d", record.d, count=LIMBS)
    is_left = operations.op[record.slot] == Operation.SLLIW
    arithmetic = trace["is_sraiw"] == 1
    amount = trace["imm0"]
    fill_moves(trace, amount, np.ones(trace.rows, dtype=bool), is_left)
    fill_splits(trace, record.a, amount, is_left, LIMBS)
    trace["signed_limb"] = np.where(arithmetic, trace["a[1]"], trace["d[1]"])
    trace["negative"] = limb(record.d, 63, bits=1)
    trace["fill"] = trace["negative"] * arithmetic
    return trace.matrix()
