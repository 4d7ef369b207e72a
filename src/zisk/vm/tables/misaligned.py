"""Loads and stores of 2, 4 or 8 bytes at any offset: parts of a word and the next one.

Columns of its own: `at[o]`, one-hot for the offset o; `value`, the limbs of rd after a load, of rs2 before a
store, with `value_old`, those that the register has before; `m`, the eight new limbs of both words, with
`m_old` and `n_old`, the old ones; the upper bytes of the old limbs and of `value`; `negative`, the sign that
fills the limbs above a load's; `rest`, the highest limb that a load reads without its sign bit.

Why the words and registers touched cannot be others:
- Exactly one of the eight `at` is set on an active row, so the offset is that o, below 8, and
  `zisk.vm.tables.address` fixes the key. The second word's key is the first one's plus one. Past the last
  word of RAM, or of the address space, no region has it: the edges refuse an access that runs over the end.
- rd is stated to be 0 on stores and rs2 on loads, so rd + rs2 is the register of `value`; a program with both
  has no row for this table to look up.
- The slots are those of a load or of a store, by sums of flags: one access in each.

Why a load's rd cannot be anything else:
- A limb from the memory bus is below 2^16; its upper byte u and limb - 256 u are bytes by lookup, so there is
  one such split.
- Limb j of the 64 bits at the offset is two of these bytes, so it is below 2^16. rd takes as many of them as
  the width says; limbs above are 0xFFFF `negative`.
- Signed loads: the highest limb read minus 2^15 `negative` is below 2^15, so `negative` is its sign. Unsigned
  loads have `negative` 0; ld and stores never look at it.
- No byte of rs2 has a weight, so each new limb is the old one: the words stay as they are.

Why a store's words cannot be anything else:
- The bytes of the old limbs are as above; rs2's limbs have their bytes checked by lookup too.
- Byte j of the two words becomes byte j - o of rs2 where o <= j < o + width, and stays as it was elsewhere. A
  new limb is two of these bytes, so it is below 2^16.
- `value_old` is stated to be `value`, so rs2 stays as it is. Rows of the zero forms make no access to rs2 and
  have its limbs forced to zero.

`unsigned` and `zero` are boolean, and 0 on rows that have no such form. They raise the opcode from lh and lw
to lhu and lwu, and from sh and sw to shz and swz: no two choices of flags and forms have one opcode.
The executor sends here what is not aligned; an aligned access would be computed just as well.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import Expression, lift
from zisk.vm.operations import SIGNED_LOADS, Operation
from zisk.vm.tables.address import fill_address, word_key
from zisk.vm.tables.buses import BYTES, RANGE, ByteOperation
from zisk.vm.tables.frame import (
    SLOT_FIRST,
    SLOT_LAST,
    SLOT_MEMORY,
    SLOT_SECOND,
    Frame,
    register_key,
)
from zisk.vm.tables.load import UNSIGNED
from zisk.vm.tables.store import ZERO_FORM
from zisk.vm.tables.trace import Operations, Record, Trace, limb

LOADS = {"lh": Operation.LH, "lw": Operation.LW, "ld": Operation.LD}
STORES = {"sh": Operation.SH, "sw": Operation.SW, "sd": Operation.SD, "sdz": Operation.SDZ}
"""The flags of the table; `unsigned` and `zero` give the other forms."""

WORD_BYTES = 8
LIMBS = 4


def misaligned(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        frame = Frame(b, log_size, LOADS | STORES)
        unsigned, zero = b.flag("unsigned"), b.flag("zero")
        b.zero("only lh and lw have an unsigned form", unsigned * (1 - frame.any_of("lh", "lw")))
        b.zero("only sh and sw have a form of this flag", zero * (1 - frame.any_of("sh", "sw")))
        frame.opcode = frame.opcode + unsigned * UNSIGNED + zero * ZERO_FORM
        loads, stores, zeros = frame.any_of(*LOADS), frame.any_of(*STORES), zero + frame.flags["sdz"]
        rd, rs1, rs2 = frame.register("rd"), frame.register("rs1"), frame.register("rs2")
        b.zero("loads have no rs2", loads * rs2)
        b.zero("stores have no rd", stores * rd)
        immediate = b.column("imm0"), b.column("imm1"), b.column("sign")

        at, offset = _offsets(b, frame.active)
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        key = word_key(frame, a, immediate, offset, stores=stores)
        value, value_old = b.columns("value", LIMBS), b.columns("value_old", LIMBS)
        slot = loads * SLOT_LAST + stores * SLOT_SECOND
        frame.access("value", register_key(rd + rs2), slot, value_old, value, when=frame.active - zeros)
        for index in range(LIMBS):
            b.zero(f"rs2 stays {index}", stores * (value_old[index] - value[index]))
            b.zero(f"zero forms store zero {index}", zeros * value[index])

        new = b.columns("m", 2 * LIMBS)
        m_old, n_old = b.columns("m_old", LIMBS), b.columns("n_old", LIMBS)
        slot = loads * SLOT_SECOND + stores * SLOT_MEMORY
        frame.access("m", key, slot, m_old, new[:LIMBS])
        frame.access("n", key + 1, slot + 1, n_old, new[LIMBS:])
        before = _split_bytes(b, "old_upper", [*m_old, *n_old], frame.active)
        _state_words(b, frame, at, before, _split_bytes(b, "value_upper", value, stores), new)
        _state_register(b, frame, at, before, value, unsigned)
        frame.finish(rd=rd, rs1=rs1, rs2=rs2, immediate=immediate)

    return build_air("misaligned", define)


def _state_words(
    b: Builder,
    frame: Frame,
    at: list[Expression],
    before: list[Expression],
    stored: list[Expression],
    new: list[Expression],
) -> None:
    """State both words' new limbs: the bytes `before`, where a store's width reaches those `stored`."""
    at_least_word = frame.any_of("sw", "sd", "sdz")
    writes = [frame.any_of(*STORES)] * 2 + [at_least_word] * 2 + [frame.any_of("sd", "sdz")] * 4
    after = list(before)
    for o, flag in enumerate(at):
        for index, (wide_enough, byte) in enumerate(zip(writes, stored, strict=True)):
            place = o + index
            after[place] = after[place] + flag * wide_enough * (byte - before[place])
    for index, part in enumerate(new):
        b.equal(f"new limb {index}", part, after[2 * index] + after[2 * index + 1] * 256)


def _state_register(
    b: Builder,
    frame: Frame,
    at: list[Expression],
    stream: list[Expression],
    value: list[Expression],
    unsigned: Expression,
) -> None:
    """State a load's `value`: the limbs of the stream of bytes at the offset, and the sign above them."""
    half, word, double = (frame.flags[name] for name in LOADS)
    read = [lift(0)] * LIMBS
    for o, flag in enumerate(at):
        for index in range(LIMBS):
            place = o + 2 * index
            read[index] = read[index] + flag * (stream[place] + stream[place + 1] * 256)
    negative, rest = b.flag("negative"), b.column("rest")
    fill_limb = negative * 0xFFFF
    b.zero("unsigned loads are not negative", unsigned * negative)
    for index, (reads, extends) in enumerate(
        [(half + word + double, lift(0)), (word + double, half), *[(double, half + word)] * 2]
    ):
        b.zero(f"value[{index}] is read", reads * (value[index] - read[index]))
        if index:
            b.zero(f"value[{index}] is sign", extends * (value[index] - fill_limb))
    top = half * value[0] + word * value[1] - (half + word) * negative * 0x8000
    b.equal("rest is the highest limb without its sign", rest, top)
    b.send(RANGE, [15, rest], half + word - unsigned)


def _offsets(b: Builder, active: Expression) -> tuple[list[Expression], Expression]:
    """Declare `at[0]` to `at[7]`, exactly one of them set on active rows; also returns the offset."""
    at = [b.flag(f"at[{index}]") for index in range(WORD_BYTES)]
    total, offset = lift(0), lift(0)
    for index, flag in enumerate(at):
        total, offset = total + flag, offset + flag * index
    b.equal("one offset", total, active)
    return at, offset


def _split_bytes(b: Builder, name: str, limbs: list[Expression], when: Expression) -> list[Expression]:
    """Declare the upper bytes of limbs and check both bytes of each; returns all bytes, lowest first."""
    uppers = b.columns(name, len(limbs))
    stream: list[Expression] = []
    for whole, upper in zip(limbs, uppers, strict=True):
        lower = whole - upper * 256
        b.send(BYTES, [ByteOperation.RANGE, lower, upper, 0], when)
        stream += [lower, upper]
    return stream


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, LOADS | STORES)
    executed = operations.op[record.slot]
    trace["unsigned"] = (executed == Operation.LHU) | (executed == Operation.LWU)
    trace["zero"] = (executed == Operation.SHZ) | (executed == Operation.SWZ)
    for flag, form, step in (("unsigned", LOADS, UNSIGNED), ("zero", STORES, ZERO_FORM)):
        for name, operation in form.items():
            trace[f"is_{name}"] |= trace[flag] & (executed == operation + step)
    for name in ("rd", "rs1", "rs2", "imm0", "imm1", "sign"):
        trace[name] = getattr(operations, name)[record.slot]
    trace.limbs("a", record.a)
    trace.gap("a", record.ts, SLOT_FIRST, record.a_prev)
    offset = fill_address(trace, record)
    for index in range(WORD_BYTES):
        trace[f"at[{index}]"] = offset == index

    loads, zeros = executed < Operation.SD, (trace["zero"] | trace["is_sdz"]) == 1
    stored = np.where(zeros, np.uint64(0), record.b)
    trace.limbs("value", np.where(loads, record.d, stored))
    trace.limbs("value_old", np.where(loads, record.d_old, stored))
    slot = np.where(loads, SLOT_LAST, SLOT_SECOND)
    trace.gap("value", record.ts, slot, np.where(loads, record.d_prev, record.b_prev), when=~zeros)
    for index in range(LIMBS):
        trace[f"value_upper[{index}]"] = np.where(loads, 0, trace[f"value[{index}]"] >> 8)
    slot = np.where(loads, SLOT_SECOND, SLOT_MEMORY)
    for place, name in enumerate("mn"):
        trace.limbs(f"{name}_old", record.m_old[:, place])
        trace.gap(name, record.ts, slot + place, record.m_prev[:, place])
        for index in range(LIMBS):
            trace[f"m[{LIMBS * place + index}]"] = limb(record.m_new[:, place], index)
            trace[f"old_upper[{LIMBS * place + index}]"] = trace[f"{name}_old[{index}]"] >> 8

    negative = np.isin(executed, list(SIGNED_LOADS)) & (record.d >> np.uint64(63) == 1)
    trace["negative"] = negative
    highest = trace["is_lh"] * trace["value[0]"] + trace["is_lw"] * trace["value[1]"]
    trace["rest"] = highest - 0x8000 * trace["negative"]
    return trace.matrix()
