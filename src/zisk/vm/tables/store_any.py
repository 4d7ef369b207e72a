"""sh, sw, sd and their forms that store zero, at any offset: parts of a word and the next one.

Columns of its own: `at[o]`, one-hot for the offset o; the upper bytes of the eight old limbs of both words
and of rs2's four; the eight new limbs.

Why the words cannot be anything else:
- Exactly one of the eight `at` is set on an active row, so the offset is that o, below 8.
- The second word's key is the first one's plus one. Past the last word of RAM no region has it.
- Limbs from the memory bus are below 2^16, and both bytes of each are checked by lookup, so there is one
  split.
- Byte j of the two words becomes byte j - o of rs2 where o <= j < o + width, and stays as it was elsewhere.
  A new limb is two of these bytes, so it is below 2^16.
- Rows of the zero forms make no access to rs2 and have its limbs forced to zero.
The executor sends here what is not aligned; an aligned access would be computed just as well.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.address import fill_address, word_key
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_MEMORY, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.load_any import WORD_BYTES, offsets, split_bytes
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {
    "sh": Operation.SH,
    "sw": Operation.SW,
    "sd": Operation.SD,
    "shz": Operation.SHZ,
    "swz": Operation.SWZ,
    "sdz": Operation.SDZ,
}
STORING = ("sh", "sw", "sd")
"""The operations that read rs2."""


def store_any(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        rs1, rs2 = frame.register("rs1"), frame.register("rs2")
        immediate = b.column("imm0"), b.column("imm1"), b.column("sign")

        at, offset = offsets(b, frame.active)
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        value = frame.read("b", register_key(rs2), SLOT_SECOND, when=frame.any_of(*STORING))
        for index in range(4):
            b.zero(f"zero forms store zero {index}", frame.any_of("shz", "swz", "sdz") * value[index])
        key = word_key(frame, a, immediate, offset, stores=True)
        new = b.columns("m", 8)
        old = [
            *frame.write("m", key, SLOT_MEMORY, new[:4]),
            *frame.write("n", key + 1, SLOT_LAST, new[4:]),
        ]
        before = split_bytes(b, "old_upper", old, frame.active)
        stored = split_bytes(b, "b_upper", value, frame.active)
        word_or_double = frame.any_of("sw", "swz", "sd", "sdz")
        writes = [frame.active] * 2 + [word_or_double] * 2 + [frame.any_of("sd", "sdz")] * 4
        after = list(before)
        for o, flag in enumerate(at):
            for index, (wide_enough, byte) in enumerate(zip(writes, stored, strict=True)):
                place = o + index
                after[place] = after[place] + flag * wide_enough * (byte - before[place])
        for index, limb in enumerate(new):
            b.equal(f"new limb {index}", limb, after[2 * index] + after[2 * index + 1] * 256)
        frame.finish(rs1=rs1, rs2=rs2, immediate=immediate)

    return build_air("storex", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, OPERATIONS)
    for name in ("rs1", "rs2", "imm0", "imm1", "sign"):
        trace[name] = getattr(operations, name)[record.slot]
    trace.limbs("a", record.a)
    trace.gap("a", record.ts, SLOT_FIRST, record.a_prev)
    reads = np.isin(operations.op[record.slot], [OPERATIONS[name] for name in STORING])
    trace.limbs("b", np.where(reads, record.b, 0))
    trace.gap("b", record.ts, SLOT_SECOND, record.b_prev, when=reads)
    offset = fill_address(trace, record)
    for index in range(WORD_BYTES):
        trace[f"at[{index}]"] = offset == index
    for place, (name, slot) in enumerate((("m", SLOT_MEMORY), ("n", SLOT_LAST))):
        trace.limbs(f"{name}_old", record.m_old[:, place])
        trace.gap(name, record.ts, slot, record.m_prev[:, place])
        for index in range(4):
            trace[f"m[{4 * place + index}]"] = record.m_new[:, place] >> np.uint64(16 * index) & np.uint64(
                0xFFFF
            )
            trace[f"old_upper[{4 * place + index}]"] = trace[f"{name}_old[{index}]"] >> 8
    for index in range(4):
        trace[f"b_upper[{index}]"] = trace[f"b[{index}]"] >> 8
    return trace.matrix()
