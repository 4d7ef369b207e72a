"""lh, lhu, lw, lwu, ld at any offset: parts of a word and the next one.

Columns of its own: `at[o]`, one-hot for the offset o; the upper bytes of the eight limbs of both words;
rd's limbs; `negative`, the sign that fills the limbs above; `rest`, the highest limb read without its sign
bit.

Why rd cannot be anything else:
- Exactly one of the eight `at` is set on an active row, so the offset is that o, below 8.
- The second word's key is the first one's plus one. Past the last word of the address space no region has
  it, so an access that runs over 2^32 is refused by the edges.
- A limb from the memory bus is below 2^16; its upper byte u and limb - 256 u are bytes by lookup, so there
  is one such split.
- Limb j of the 64 bits at the offset is two of these bytes, so it is below 2^16. rd takes as many of them
  as the width says; limbs above are 0xFFFF `negative`.
- Signed loads: the highest limb read minus 2^15 `negative` is below 2^15, so `negative` is its sign.
  Unsigned loads have `negative` 0, and ld never looks at it.
The executor sends here what is not aligned; an aligned access would be computed just as well.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import Expression, lift
from zisk.vm.operations import SIGNED_LOADS, Operation
from zisk.vm.tables.address import fill_address, word_key
from zisk.vm.tables.buses import BYTES, RANGE
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_MEMORY, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.load import UNSIGNED
from zisk.vm.tables.trace import Operations, Record, Trace

WIDTHS = {"half": Operation.LH, "word": Operation.LW, "double": Operation.LD}
"""The flags of the table with the signed load of each width."""

WORD_BYTES = 8


def load_any(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, WIDTHS)
        half, word, double = (frame.flags[name] for name in WIDTHS)
        unsigned = b.flag("unsigned")
        b.zero("only lh and lw have an unsigned form", unsigned * (1 - half - word))
        frame.opcode = frame.opcode + unsigned * UNSIGNED
        rd, rs1 = frame.register("rd"), frame.register("rs1")
        immediate = b.column("imm0"), b.column("imm1"), b.column("sign")

        at, offset = offsets(b, frame.active)
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        key = word_key(frame, a, immediate, offset, stores=False)
        limbs = [*frame.read("m", key, SLOT_SECOND), *frame.read("n", key + 1, SLOT_MEMORY)]
        stream = split_bytes(b, "m_upper", limbs, frame.active)
        read = [lift(0)] * 4
        for o, flag in enumerate(at):
            for index in range(4):
                place = o + 2 * index
                read[index] = read[index] + flag * (stream[place] + stream[place + 1] * 256)

        d, negative, rest = b.columns("d", 4), b.flag("negative"), b.column("rest")
        fill_limb = negative * 0xFFFF
        b.zero("unsigned loads are not negative", unsigned * negative)
        b.equal("d[0] is read", d[0], read[0])
        b.zero("d[1] is read", (word + double) * (d[1] - read[1]))
        b.zero("d[1] is sign", half * (d[1] - fill_limb))
        for index in (2, 3):
            b.zero(f"d[{index}] is read", double * (d[index] - read[index]))
            b.zero(f"d[{index}] is sign", (half + word) * (d[index] - fill_limb))
        top = half * d[0] + word * d[1] - (half + word) * negative * 0x8000
        b.equal("rest is the highest limb without its sign", rest, top)
        b.send(RANGE, [15, rest], half + word - unsigned)
        frame.write("d", register_key(rd), SLOT_LAST, d)
        frame.finish(rd=rd, rs1=rs1, immediate=immediate)

    return build_air("loadx", define)


def offsets(b: Builder, active: Expression) -> tuple[list[Expression], Expression]:
    """Declare `at[0]` to `at[7]`, exactly one of them set on active rows; also returns the offset."""
    at = [b.flag(f"at[{index}]") for index in range(WORD_BYTES)]
    total, offset = lift(0), lift(0)
    for index, flag in enumerate(at):
        total, offset = total + flag, offset + flag * index
    b.equal("one offset", total, active)
    return at, offset


def split_bytes(b: Builder, name: str, limbs: list[Expression], when: Expression) -> list[Expression]:
    """Declare the upper bytes of limbs and check both bytes of each; returns all bytes, lowest first."""
    uppers = b.columns(name, len(limbs))
    stream: list[Expression] = []
    for limb, upper in zip(limbs, uppers, strict=True):
        lower = limb - upper * 256
        b.send(BYTES, [0, lower, upper, 0], when)
        stream += [lower, upper]
    return stream


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, WIDTHS)
    executed = operations.op[record.slot]
    signed = np.isin(executed, list(SIGNED_LOADS))
    for name in ("half", "word"):
        trace[f"is_{name}"] |= executed == WIDTHS[name] + UNSIGNED
    trace["unsigned"] = ~signed & (trace["is_double"] == 0)
    for name in ("rd", "rs1", "imm0", "imm1", "sign"):
        trace[name] = getattr(operations, name)[record.slot]
    trace.limbs("a", record.a)
    trace.gap("a", record.ts, SLOT_FIRST, record.a_prev)
    offset = fill_address(trace, record)
    for index in range(WORD_BYTES):
        trace[f"at[{index}]"] = offset == index
    for place, (name, slot) in enumerate((("m", SLOT_SECOND), ("n", SLOT_MEMORY))):
        trace.limbs(name, record.m_old[:, place])
        trace.gap(name, record.ts, slot, record.m_prev[:, place])
        for index in range(4):
            trace[f"m_upper[{4 * place + index}]"] = trace[f"{name}[{index}]"] >> 8
    trace.limbs("d", record.d)
    trace["negative"] = signed & (record.d >> np.uint64(63) == 1)
    highest = np.where(trace["is_word"] == 1, trace["d[1]"], trace["d[0]"])
    highest = np.where(trace["is_double"] == 1, 0, highest)
    trace["rest"] = highest - 0x8000 * trace["negative"]
    trace.limbs("d_old", record.d_old)
    trace.gap("d", record.ts, SLOT_LAST, record.d_prev)
    return trace.matrix()
