"""sll, srl, sra and their 32-bit forms: rd = rs1 shifted by the low bits of rs2.

Columns of its own, besides those of `shifter`: moves for words and, `_word`, for 32 bits; `arithmetic`;
`amount`, and `unused`, the bits of rs2's lowest limb above it; `signed_limb`, `negative` and `fill` as in
`shift_immediate_word`.

Why rd cannot be anything else:
- The flags are sums of moves and `arithmetic`, and the program lookup fixes them. `arithmetic` is boolean
  and so is each flag, hence it is 0 on rows to the left.
- The lowest limb of rs2 is amount + 64 `unused`, or amount + 32 `unused` on 32 bits, where `unused` is
  below 2^10 or 2^11. The amount is below 64 by lookup, and below 32 on 32 bits, whose moves stop at one
  limb. So both sides are below 2^16 and there is one such amount.
- `signed_limb` is stated outright and `negative` is its sign (`word`): of rs1 in arithmetic shifts, of the
  result in other 32-bit ones, and 0 in other 64-bit ones. So is `fill`. `shifter` fixes the limbs from
  them.
- Above the second limb a 32-bit result is 0xFFFF `negative`: arithmetic shifts keep the sign.
- Splits of the upper limbs are stated for 64-bit rows only; 32-bit moves never look at them.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.stark.expression import Expression, lift
from zisk.vm.operations import Operation
from zisk.vm.tables.buses import RANGE
from zisk.vm.tables.frame import SLOT_FIRST, SLOT_LAST, SLOT_SECOND, Frame, register_key
from zisk.vm.tables.shifter import Splits, declare_moves, fill_moves, fill_splits
from zisk.vm.tables.trace import Operations, Record, Trace
from zisk.vm.tables.word import extension_of, sign_of

OPERATIONS = {
    "sll": Operation.SLL,
    "srl": Operation.SRL,
    "sra": Operation.SRA,
    "sllw": Operation.SLLW,
    "srlw": Operation.SRLW,
    "sraw": Operation.SRAW,
}
LIMBS = 4
WORD_LIMBS = 2
AMOUNT_BITS = 6
"""Low bits of rs2 that are the amount; one less for 32-bit forms."""


def shift(log_size: int) -> Air:
    """The AIR for segments of 2^log_size steps."""

    def define(b: Builder) -> None:
        moves, word_moves = declare_moves(b, LIMBS), declare_moves(b, WORD_LIMBS, "_word")
        arithmetic, arithmetic_word = b.column("is_sra"), b.column("is_sraw")
        flags = {
            "sll": moves.is_left,
            "srl": moves.is_right - arithmetic,
            "sra": arithmetic,
            "sllw": word_moves.is_left,
            "srlw": word_moves.is_right - arithmetic_word,
            "sraw": arithmetic_word,
        }
        frame = Frame(b, log_size, OPERATIONS, flags)
        rd, rs1, rs2 = frame.register("rd"), frame.register("rs1"), frame.register("rs2")
        a = frame.read("a", register_key(rs1), SLOT_FIRST)
        second = frame.read("b", register_key(rs2), SLOT_SECOND)
        is_word = word_moves.is_left + word_moves.is_right
        amount = _amount(b, second[0], is_word, frame.active)

        d = b.columns("d", LIMBS)
        signed_limb, fill = b.column("signed_limb"), b.column("fill")
        extended = word_moves.is_left + frame.flags["srlw"]
        b.equal("signed limb", signed_limb, arithmetic * a[3] + arithmetic_word * a[1] + extended * d[1])
        negative = sign_of(b, signed_limb, frame.active)
        b.equal("fill", fill, (arithmetic + arithmetic_word) * negative)

        splits = Splits(b, LIMBS, amount, moves.quotient + word_moves.quotient, frame.active)
        upper = [is_word * extension for extension in extension_of(negative)]
        results = zip(splits.shifted(moves, fill), [*splits.shifted(word_moves, fill), *upper], strict=True)
        for index, (result, word_result) in enumerate(results):
            narrow = index < WORD_LIMBS
            splits.split(
                index,
                a[index],
                is_left=moves.is_left + (word_moves.is_left if narrow else 0),
                is_right=moves.is_right + (word_moves.is_right if narrow else 0),
            )
            b.equal(f"limb {index} of d", d[index], result + word_result)
        frame.write("d", register_key(rd), SLOT_LAST, d)
        frame.finish(rd=rd, rs1=rs1, rs2=rs2)

    return build_air("shift", define)


def _amount(b: Builder, low_limb: Expression, is_word: Expression, active: Expression) -> Expression:
    """Declare the amount and the unused bits of rs2's lowest limb."""
    amount, unused = b.column("amount"), b.column("unused")
    unit = lift(1 << AMOUNT_BITS) - is_word * (1 << (AMOUNT_BITS - 1))
    b.equal("amount", low_limb, amount + unused * unit)
    b.send(RANGE, [is_word + (16 - AMOUNT_BITS), unused], active)
    return amount


def fill(air: Air, record: Record, operations: Operations) -> np.ndarray:
    """The columns of the executed steps: uint32[width, steps], canonical."""
    trace = Trace(air, record.ts.size)
    trace.frame(record, operations, {"sra": Operation.SRA, "sraw": Operation.SRAW})
    trace.operands(record, operations)
    for name, words in (("a", record.a), ("b", record.b), ("d", record.d)):
        trace.limbs(name, words)
    executed = operations.op[record.slot]
    is_left = np.isin(executed, [Operation.SLL, Operation.SLLW])
    is_word = np.isin(executed, [Operation.SLLW, Operation.SRLW, Operation.SRAW])
    bits = AMOUNT_BITS - is_word.astype(np.uint32)
    amount = trace["b[0]"] & ((1 << bits) - 1)
    trace["amount"] = amount
    trace["unused"] = trace["b[0]"] >> bits
    fill_moves(trace, amount, ~is_word, is_left)
    fill_moves(trace, amount, is_word, is_left, "_word")
    fill_splits(trace, record.a, amount, is_left, LIMBS)
    sra, sraw = trace["is_sra"], trace["is_sraw"]
    plain_word = is_word & (sraw == 0)
    trace["signed_limb"] = sra * trace["a[3]"] + sraw * trace["a[1]"] + plain_word * trace["d[1]"]
    trace["negative"] = trace["signed_limb"] >> 15
    trace["fill"] = trace["negative"] * (sra + sraw)
    return trace.matrix()
