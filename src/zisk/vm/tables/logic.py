"""and, or, xor: rd = rs1 op rs2, byte by byte.

Why rd cannot be anything else: a limb of rs1 or rs2 is low byte + 256 high byte, and the bytes lookup says
that both are bytes and that the byte of d is op of them. A limb has one such pair, since both sides are
below 2^16. `above_xor` is 0, 1 or 2, and 0 on rows without a step. The opcode is that of xor plus `above_xor`
and the lookup's number of op that of xor less `above_xor`: the program lookup fixes both.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import Operation
from zisk.vm.tables.buses import BYTES, ByteOperation
from zisk.vm.tables.byte_limbs import BYTES_PER_WORD, limbs_of
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.trace import Operations, Record, Trace

OPERATIONS = {"logic": Operation.XOR}
"""The flag of the table with the lowest of its opcodes; or and and have the next two."""

MOST_ABOVE = Operation.AND - Operation.XOR
"""The largest `above_xor`."""


def logic(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, OPERATIONS)
        above_xor = b.column("above_xor")
        b.zero("above_xor is 0, 1 or 2", above_xor * (above_xor - 1) * (above_xor - MOST_ABOVE))
        b.zero("above_xor is a step's", above_xor * (1 - frame.active))
        frame.opcode = frame.opcode + above_xor
        rd, rs1, rs2 = frame.register("rd"), frame.register("rs1"), frame.register("rs2")
        first, second, result = (b.columns(name, BYTES_PER_WORD) for name in ("a", "b", "d"))
        for name, key, slot, operand in (
            ("a", register_key(rs1), SLOT_FIRST, limbs_of(first)),
            ("b", register_key(rs2), SLOT_SECOND, limbs_of(second)),
        ):
            frame.access(name, key, slot, operand, operand)
        frame.write("d", register_key(rd), SLOT_LAST, limbs_of(result))
        kind = frame.active * ByteOperation.XOR - above_xor
        for x, y, z in zip(first, second, result, strict=True):
            b.send(BYTES, [kind, x, y, z], frame.active)
        frame.finish(rd=rd, rs1=rs1, rs2=rs2)

    return build_air("logic", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, {})
    trace["is_logic"] = 1
    trace["above_xor"] = operations.op[record.slot] - Operation.XOR
    trace.operands(record, operations)
    for name, words in (("a", record.a), ("b", record.b), ("d", record.d)):
        trace.limbs(name, words, count=BYTES_PER_WORD, bits=8)
    return trace.matrix()
