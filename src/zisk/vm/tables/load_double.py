"""ld of a word at a multiple of 8: rd = the word.

Why rd cannot be anything else: the offset is 0, so `zisk.vm.tables.address` fixes the key. The word's limbs
come from the memory bus and are left in rd as they are, so they need no range check.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.address import fill_address, word_key
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {"ld": Operation.LD}


def load_double(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rd, rs1 = frame.register("rd"), frame.register("rs1")
        immediate = b.column("imm0"), b.column("imm1"), b.column("sign")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        key = word_key(frame, a, immediate, 0)
        word = frame.read("m", key, SLOT_SECOND)
        frame.write("d", register_key(rd), SLOT_LAST, word)
        frame.finish(rd=rd, rs1=rs1, immediate=immediate)

    return build_air("ld", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    for name in ("rd", "rs1", "imm0", "imm1", "sign"):
        trace[name] = getattr(operations, name)[record.slot]
    trace.limbs("a", record.a)
    trace.gap("a", record.ts, SLOT_FIRST, record.a_prev)
    fill_address(trace, record)
    trace.limbs("m", record.m_old[:, 0])
    trace.gap("m", record.ts, SLOT_SECOND, record.m_prev[:, 0])
    trace.limbs("d_old", record.d_old)
    trace.gap("d", record.ts, SLOT_LAST, record.d_prev)
    return trace.matrix()
