"""What each micro-operation computes, as plain functions of integers.

This is the readable twin that the interpreter kernel is tested against.
Operands, immediates and results are 64-bit words, 0..2^64-1.
Source: The RISC-V Instruction Set Manual, volume I.
"""

from __future__ import annotations

from collections.abc import Callable

from zisk.vm.operations import LOAD_WIDTHS, SIGNED_LOADS, STORE_WIDTHS
from zisk.vm.operations import Operation as Op

MASK = (1 << 64) - 1
"""All ones: arithmetic is modulo 2^64."""


def signed(word: int, bits: int = 64) -> int:
    """Integer that the low `bits` of a word stand for in two's complement."""
    word &= (1 << bits) - 1
    return word - (1 << bits) if word >> (bits - 1) else word


def sign_extend(word: int, bits: int) -> int:
    """64-bit word with the low `bits` of `word` and their sign above."""
    return signed(word, bits) & MASK


def _divu(a: int, b: int, _: int) -> int:
    return a // b if b else MASK


def _remu(a: int, b: int, _: int) -> int:
    return a % b if b else a


Function = Callable[[int, int, int], int]

RESULTS: dict[Op, Function] = {
    Op.LI: lambda a, b, imm: imm,
    Op.ADDI: lambda a, b, imm: (a + imm) & MASK,
    Op.ADD: lambda a, b, imm: (a + b) & MASK,
    Op.SUB: lambda a, b, imm: (a - b) & MASK,
    Op.ADDIW: lambda a, b, imm: sign_extend(a + imm, 32),
    Op.ADDW: lambda a, b, imm: sign_extend(a + b, 32),
    Op.SUBW: lambda a, b, imm: sign_extend(a - b, 32),
    Op.XORI: lambda a, b, imm: a ^ imm,
    Op.ORI: lambda a, b, imm: a | imm,
    Op.ANDI: lambda a, b, imm: a & imm,
    Op.XOR: lambda a, b, imm: a ^ b,
    Op.OR: lambda a, b, imm: a | b,
    Op.AND: lambda a, b, imm: a & b,
    Op.SLTI: lambda a, b, imm: int(signed(a) < signed(imm)),
    Op.SLTIU: lambda a, b, imm: int(a < imm),
    Op.SLT: lambda a, b, imm: int(signed(a) < signed(b)),
    Op.SLTU: lambda a, b, imm: int(a < b),
    Op.SLLI: lambda a, b, imm: (a << imm) & MASK,
    Op.SRLI: lambda a, b, imm: a >> imm,
    Op.SRAI: lambda a, b, imm: (signed(a) >> imm) & MASK,
    Op.SLLIW: lambda a, b, imm: sign_extend(a << imm, 32),
    Op.SRLIW: lambda a, b, imm: sign_extend((a & 0xFFFF_FFFF) >> imm, 32),
    Op.SRAIW: lambda a, b, imm: (signed(a, 32) >> imm) & MASK,
    Op.SLL: lambda a, b, imm: (a << (b & 63)) & MASK,
    Op.SRL: lambda a, b, imm: a >> (b & 63),
    Op.SRA: lambda a, b, imm: (signed(a) >> (b & 63)) & MASK,
    Op.SLLW: lambda a, b, imm: sign_extend(a << (b & 31), 32),
    Op.SRLW: lambda a, b, imm: sign_extend((a & 0xFFFF_FFFF) >> (b & 31), 32),
    Op.SRAW: lambda a, b, imm: (signed(a, 32) >> (b & 31)) & MASK,
    Op.MUL: lambda a, b, imm: (a * b) & MASK,
    Op.MULHU: lambda a, b, imm: (a * b) >> 64,
    Op.DIVU: _divu,
    Op.REMU: _remu,
}
"""Word written to rd by every operation that only computes."""

CONDITIONS: dict[Op, Callable[[int, int], bool]] = {
    Op.BEQ: lambda a, b: a == b,
    Op.BNE: lambda a, b: a != b,
    Op.BEQZ: lambda a, b: a == 0,
    Op.BNEZ: lambda a, b: a != 0,
    Op.BLT: lambda a, b: signed(a) < signed(b),
    Op.BGE: lambda a, b: signed(a) >= signed(b),
    Op.BLTU: lambda a, b: a < b,
    Op.BGEU: lambda a, b: a >= b,
    Op.BLTZ: lambda a, b: signed(a) < 0,
    Op.BGEZ: lambda a, b: signed(a) >= 0,
    Op.BGTZ: lambda a, b: signed(a) > 0,
    Op.BLEZ: lambda a, b: signed(a) <= 0,
}
"""Whether each branch is taken."""


def effective_address(a: int, imm: int) -> int:
    """Byte address of a load, store or (before its lowest bit is cleared) indirect jump."""
    return (a + imm) & MASK


def load_value(operation: Op, low: int, high: int, offset: int) -> int:
    """Word that a load writes to rd.

    `low` is the word that holds the first byte, `high` the next one; `offset` is the address modulo 8.
    """
    width = LOAD_WIDTHS[operation]
    value = ((high << 64 | low) >> (8 * offset)) & ((1 << (8 * width)) - 1)
    return sign_extend(value, 8 * width) if operation in SIGNED_LOADS else value


def store_words(operation: Op, low: int, high: int, offset: int, value: int) -> tuple[int, int]:
    """Words that a store of `value` leaves where `low` and `high` were; `offset` as for loads."""
    width = STORE_WIDTHS[operation]
    mask = ((1 << (8 * width)) - 1) << (8 * offset)
    merged = ((high << 64 | low) & ~mask) | ((value << (8 * offset)) & mask)
    return merged & MASK, merged >> 64
