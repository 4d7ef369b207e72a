"""sb, sh, sw and their forms that store zero, at a multiple of their width: a part of one word.

Columns of its own: three bits of the offset; `old_half` and `new_half`, the 16-bit limb of the word that
the bits name (the lower one for sw) before and after; the bytes `kept` and `over` of `old_half`, the second
one being overwritten; `value`, the lowest byte of rs2; m[0..3], the word afterwards.

Why the word cannot be anything else:
- The offset is three bits, so it is below 8, and bits below the width are forced to zero.
- `old_half` is one limb of the old word, so below 2^16. `kept` and `over` are bytes by lookup, and their
  order is that of the lowest offset bit, so there is one such split. In the same way `value` is rs2's
  lowest byte.
- `new_half` is `value` in the place of `over` beside `kept` for sb, and rs2's lowest limb for sh and sw.
- Each new limb is the old one, `new_half`, or for sw's upper half rs2's second limb, as the bits say. All
  are below 2^16 without a check.
- Rows of the zero forms make no access to rs2 and have its limbs forced to zero.
`kept`, `over` and `value` are used by sb only; no other row looks at them.
"""

import numpy as np

from zisk.field.koalabear import inverse
from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import Expression
from zisk.vm.operations import Operation
from zisk.vm.tables.address import fill_address, word_key
from zisk.vm.tables.buses import BYTES
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_MEMORY, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.trace import Operations, Record, Trace

WIDTHS = {"byte": Operation.SB, "half": Operation.SH, "word": Operation.SW}
"""The flags of the table with the store of each width."""

ZERO_FORM = Operation.SBZ - Operation.SB
"""What the form that stores zero adds to the opcode of a width."""


def store(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, WIDTHS)
        byte, half, word = (frame.flags[name] for name in WIDTHS)
        zero = b.flag("zero")
        b.zero("zero is a step's", zero * (1 - frame.active))
        frame.opcode = frame.opcode + zero * ZERO_FORM
        rs1, rs2 = frame.register("rs1"), frame.register("rs2")
        immediate = b.column("imm0"), b.column("imm1"), b.column("sign")

        bits = [b.flag(f"offset_bit[{index}]") for index in range(3)]
        b.zero("sh and sw are even", (half + word) * bits[0])
        b.zero("sw is at 0 or 4", word * bits[1])
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        value = frame.read("b", register_key(rs2), SLOT_SECOND, when=frame.active - zero)
        for index in range(4):
            b.zero(f"zero forms store zero {index}", zero * value[index])
        key = word_key(frame, a, immediate, bits[0] + bits[1] * 2 + bits[2] * 4, stores=frame.active)
        new = b.columns("m", 4)
        old = frame.write("m", key, SLOT_MEMORY, new)

        old_half, new_half = b.column("old_half"), b.column("new_half")
        lower_limb = old[0] + bits[2] * (old[2] - old[0])
        upper_limb = old[1] + bits[2] * (old[3] - old[1])
        b.equal("old_half is the chosen limb", old_half, lower_limb + bits[1] * (upper_limb - lower_limb))
        kept, over, low_byte = b.column("kept"), b.column("over"), b.column("value")
        b.send(BYTES, [0, kept, over, 0], byte)
        b.send(BYTES, [0, low_byte, (value[0] - low_byte) * inverse(256), 0], byte)
        b.zero("sb splits the old half", byte * (old_half - _pair(bits[0], over, kept)))
        b.zero("sb joins the new half", byte * (new_half - _pair(bits[0], low_byte, kept)))
        b.zero("sh and sw take rs2's half", (half + word) * (new_half - value[0]))
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            this_pair = bits[2] if index >= 2 else 1 - bits[2]
            change = bits[1] * (new_half - before) if index % 2 else (1 - bits[1]) * (new_half - before)
            if index % 2:
                change = change + word * (value[1] - before)
            b.equal(f"new limb {index}", after, before + this_pair * change)
        frame.finish(rs1=rs1, rs2=rs2, immediate=immediate)

    return build_air("store", define)


def _pair(odd: Expression, chosen: Expression, other: Expression) -> Expression:
    """Two bytes as a limb: `chosen` is the upper one where `odd` is set."""
    return chosen + other * 256 + odd * (other - chosen + (chosen - other) * 256)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, WIDTHS)
    executed = operations.op[record.slot]
    for name, operation in WIDTHS.items():
        trace[f"is_{name}"] |= executed == operation + ZERO_FORM
    zero = executed >= Operation.SBZ
    trace["zero"] = zero
    for name in ("rs1", "rs2", "imm0", "imm1", "sign"):
        trace[name] = getattr(operations, name)[record.slot]
    trace.limbs("a", record.a)
    trace.gap("a", record.ts, SLOT_FIRST, record.a_prev)
    trace.limbs("b", np.where(zero, 0, record.b))
    trace.gap("b", record.ts, SLOT_SECOND, record.b_prev, when=~zero)
    offset = fill_address(trace, record)
    for index in range(3):
        trace[f"offset_bit[{index}]"] = offset >> index & 1
    trace.limbs("m_old", record.m_old[:, 0])
    trace.limbs("m", record.m_new[:, 0])
    trace.gap("m", record.ts, SLOT_MEMORY, record.m_prev[:, 0])

    shift = (16 * (offset >> 1)).astype(np.uint64)
    old_half = (record.m_old[:, 0] >> shift).astype(np.uint32) & 0xFFFF
    trace["old_half"] = old_half
    trace["new_half"] = (record.m_new[:, 0] >> shift).astype(np.uint32) & 0xFFFF
    byte, odd = trace["is_byte"] == 1, offset % 2 == 1
    lower, upper = old_half & 0xFF, old_half >> 8
    trace["kept"] = np.where(byte, np.where(odd, lower, upper), 0)
    trace["over"] = np.where(byte, np.where(odd, upper, lower), 0)
    trace["value"] = np.where(byte, trace["b[0]"] & 0xFF, 0)
    return trace.matrix()
