"""sd and sdz at a multiple of 8: the word becomes rs2, or zero.

Why the word cannot be anything else: the offset is 0, so `zisk.vm.tables.address` fixes the key. The new
limbs are those of rs2 as the memory bus gave them, so they need no range check. `sdz` rows make no access
to rs2 and have its limbs forced to zero. The old limbs are what the memory bus holds.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.address import fill_address, word_key
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_MEMORY, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {"sd": Operation.SD, "sdz": Operation.SDZ}


def store_double(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rs1, rs2 = frame.register("rs1"), frame.register("rs2")
        immediate = b.column("imm0"), b.column("imm1"), b.column("sign")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        value = frame.read("b", register_key(rs2), SLOT_SECOND, when=frame.flags["sd"])
        for index in range(4):
            b.zero(f"sdz stores zero {index}", frame.flags["sdz"] * value[index])
        key = word_key(frame, a, immediate, 0, stores=frame.active)
        frame.write("m", key, SLOT_MEMORY, value)
        frame.finish(rs1=rs1, rs2=rs2, immediate=immediate)

    return build_air("sd", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    for name in ("rs1", "rs2", "imm0", "imm1", "sign"):
        trace[name] = getattr(operations, name)[record.slot]
    trace.limbs("a", record.a)
    trace.gap("a", record.ts, SLOT_FIRST, record.a_prev)
    reads = trace["is_sd"] == 1
    trace.limbs("b", np.where(reads, record.b, 0))
    trace.gap("b", record.ts, SLOT_SECOND, record.b_prev, when=reads)
    fill_address(trace, record)
    trace.limbs("m_old", record.m_old[:, 0])
    trace.gap("m", record.ts, SLOT_MEMORY, record.m_prev[:, 0])
    return trace.matrix()
