"""lb, lbu, lh, lhu, lw, lwu at a multiple of their width: a part of one word, sign- or zero-extended.

Columns of its own: three bits of the offset; `half`, the 16-bit limb of the word that the bits name (the
lower one for lw); `upper`, its upper byte; d[0] and d[1]; `negative`, the sign that fills the limbs above;
`rest`, the part read without its sign bit.

Why rd cannot be anything else:
- The offset is three bits, so it is below 8, and bits below the width are forced to zero.
- `half` is one limb of the word, chosen by the bits, and a limb from the memory bus is below 2^16.
- Byte loads: `upper` and half - 256 upper are bytes, and 256 upper + lower is below 2^16, so the split is
  the only one; the lowest offset bit chooses the byte.
- Signed loads: the part read minus its sign bit is below half its range, so `negative` is that bit.
  Unsigned loads have `negative` 0.
- d[0] and d[1] equal such parts, with 0xFF00 or 0xFFFF where the sign fills; the upper limbs are 0xFFFF
  negative. All are below 2^16 without a check.
`upper` is used by byte loads only; no other row looks at it.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.operations import SIGNED_LOADS, Operation
from zisk.vm.tables.address import fill_address, word_key
from zisk.vm.tables.buses import BYTES, RANGE
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.trace import Operations, Record, Trace

WIDTHS = {"byte": Operation.LB, "half": Operation.LH, "word": Operation.LW}
"""The flags of the table with the signed load of each width."""

UNSIGNED = Operation.LBU - Operation.LB
"""What the unsigned load of a width adds to the opcode of the signed one."""


def load(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, WIDTHS)
        byte, half_flag, word = (frame.flags[name] for name in WIDTHS)
        unsigned = b.flag("unsigned")
        b.zero("unsigned is a step's", unsigned * (1 - frame.active))
        frame.opcode = frame.opcode + unsigned * UNSIGNED
        rd, rs1 = frame.register("rd"), frame.register("rs1")
        immediate = b.column("imm0"), b.column("imm1"), b.column("sign")

        bits = [b.flag(f"offset_bit[{index}]") for index in range(3)]
        b.zero("lh and lw are even", (half_flag + word) * bits[0])
        b.zero("lw is at 0 or 4", word * bits[1])
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        key = word_key(frame, a, immediate, bits[0] + bits[1] * 2 + bits[2] * 4)
        m = frame.read("m", key, SLOT_SECOND)

        half, upper = b.column("half"), b.column("upper")
        lower_limb = m[0] + bits[2] * (m[2] - m[0])
        upper_limb = m[1] + bits[2] * (m[3] - m[1])
        b.equal("half is the chosen limb", half, lower_limb + bits[1] * (upper_limb - lower_limb))
        lower = half - upper * 256
        b.send(BYTES, [0, lower, upper, 0], byte)

        d, negative, rest = b.columns("d", 2), b.flag("negative"), b.column("rest")
        b.zero("unsigned loads are not negative", unsigned * negative)
        chosen = lower + bits[0] * (upper - lower)
        b.zero("d of a byte", byte * (d[0] - chosen - negative * 0xFF00))
        b.zero("d of a half or word", (half_flag + word) * (d[0] - half))
        b.zero("d above a byte or half", (byte + half_flag) * (d[1] - negative * 0xFFFF))
        b.zero("d above the half of a word", word * (d[1] - upper_limb))
        b.equal(
            "rest is the part without its sign",
            rest,
            byte * (d[0] - negative * 0xFF80)
            + half_flag * (d[0] - negative * 0x8000)
            + word * (d[1] - negative * 0x8000),
        )
        b.send(RANGE, [byte * 7 + (half_flag + word) * 15, rest], frame.active - unsigned)
        frame.write("d", register_key(rd), SLOT_LAST, [*d, negative * 0xFFFF, negative * 0xFFFF])
        frame.finish(rd=rd, rs1=rs1, immediate=immediate)

    return build_air("load", define)


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, WIDTHS)
    executed = operations.op[record.slot]
    signed = np.isin(executed, list(SIGNED_LOADS))
    for name, operation in WIDTHS.items():
        trace[f"is_{name}"] |= executed == operation + UNSIGNED
    trace["unsigned"] = ~signed
    for name in ("rd", "rs1", "imm0", "imm1", "sign"):
        trace[name] = getattr(operations, name)[record.slot]
    trace.limbs("a", record.a)
    trace.gap("a", record.ts, SLOT_FIRST, record.a_prev)
    offset = fill_address(trace, record)
    for index in range(3):
        trace[f"offset_bit[{index}]"] = offset >> index & 1
    trace.limbs("m", record.m_old[:, 0])
    trace.gap("m", record.ts, SLOT_SECOND, record.m_prev[:, 0])

    half = record.m_old[:, 0] >> (16 * (offset >> 1)).astype(np.uint64) & np.uint64(0xFFFF)
    trace["half"] = half
    trace["upper"] = half >> np.uint64(8)
    trace.limbs("d", record.d, count=2)
    negative = signed & (record.d >> np.uint64(63) == 1)
    trace["negative"] = negative
    part = np.where(trace["is_word"] == 1, trace["d[1]"], trace["d[0]"])
    sign_and_above = np.where(trace["is_byte"] == 1, 0xFF80, 0x8000)
    trace["rest"] = part - sign_and_above * trace["negative"]
    trace.limbs("d_old", record.d_old)
    trace.gap("d", record.ts, SLOT_LAST, record.d_prev)
    return trace.matrix()
