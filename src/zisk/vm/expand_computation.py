"""Expansions of instructions that only compute: arithmetic, logic, shifts, multiplication, division."""

from __future__ import annotations

from collections.abc import Callable

from zisk.vm.decode import Instruction
from zisk.vm.expansion import ALL_ONES, U0, U1, U2, U3, U4, U5, U6, Expansion, Micro, Sequence, constant, move
from zisk.vm.operations import Operation as Op

_LOW_HALF = 0xFFFF_FFFF


def _negate(s: Sequence, rd: int, rs1: int) -> None:
    """Rows rd := -rs1, leaving U0 in use."""
    s.add(Op.XORI, U0, rs1, immediate=ALL_ONES)
    s.add(Op.ADDI, rd, U0, immediate=1)


def immediate(operation: Op, of_zero: Callable[[int], int]) -> Expansion:
    """Expansion of an operation with immediate; `of_zero` computes it for an rs1 that is x0."""

    def write(s: Sequence, i: Instruction, _address: int, _length: int) -> None:
        if i.rd == 0 or i.rs1 == 0:
            constant(s, i.rd, of_zero(i.immediate))
        else:
            s.add(operation, i.rd, i.rs1, immediate=i.immediate)

    return write


def register(operation: Op, shortcut: Callable[[Sequence, Instruction], bool] | None = None) -> Expansion:
    """Expansion of an operation on two registers; `shortcut` may deal with operands that are x0."""

    def write(s: Sequence, i: Instruction, _address: int, _length: int) -> None:
        if i.rd == 0:
            s.add(Op.NOP)
        elif (i.rs1 and i.rs2) or shortcut is None or not shortcut(s, i):
            first, second = s.readable(i.rs1, U0), s.readable(i.rs2, U1)
            s.add(operation, i.rd, first, second)

    return write


def either_moves(s: Sequence, i: Instruction) -> bool:
    """X op 0 = 0 op x = x."""
    other = i.rs1 or i.rs2
    if other:
        move(s, i.rd, other)
    else:
        constant(s, i.rd, 0)
    return True


def either_truncates(s: Sequence, i: Instruction) -> bool:
    """X op 0 = 0 op x = the low half of x, sign-extended."""
    other = i.rs1 or i.rs2
    if other:
        s.add(Op.ADDIW, i.rd, other)
    else:
        constant(s, i.rd, 0)
    return True


def either_clears(s: Sequence, i: Instruction) -> bool:
    """X op 0 = 0 op x = 0."""
    constant(s, i.rd, 0)
    return True


def difference(s: Sequence, i: Instruction) -> bool:
    """0 - x is a negation."""
    if i.rs2 == 0:
        return either_moves(s, i)
    _negate(s, i.rd, i.rs2)
    return True


def difference_32(s: Sequence, i: Instruction) -> bool:
    """0 - x on 32 bits is a negation and a truncation."""
    if i.rs2 == 0:
        return either_truncates(s, i)
    s.add(Op.XORI, U0, i.rs2, immediate=ALL_ONES)
    s.add(Op.ADDIW, i.rd, U0, immediate=1)
    return True


def shift(s: Sequence, i: Instruction) -> bool:
    """0 shifted is 0, and a shift by 0 moves."""
    return either_moves(s, i) if i.rs2 == 0 else either_clears(s, i)


def shift_32(s: Sequence, i: Instruction) -> bool:
    """0 shifted is 0, and a 32-bit shift by 0 truncates."""
    return either_truncates(s, i) if i.rs2 == 0 else either_clears(s, i)


def below_unsigned(s: Sequence, i: Instruction) -> bool:
    """Nothing is below 0; what is above 0 takes the general way."""
    return i.rs2 == 0 and either_clears(s, i)


def multiply_high(s: Sequence, i: Instruction, _address: int, _length: int) -> None:
    """Mulh and mulhsu from mulhu: subtract b where a is negative, and for mulh a where b is negative."""
    if i.rd == 0 or i.rs1 == 0 or i.rs2 == 0:
        constant(s, i.rd, 0)
        return
    result = i.rd if i.rd not in (i.rs1, i.rs2) else U0
    s.add(Op.MULHU, result, i.rs1, i.rs2)
    signs = [(i.rs1, i.rs2), (i.rs2, i.rs1)] if i.name == "mulh" else [(i.rs1, i.rs2)]
    for negative, subtrahend in signs:
        keeps = s.add(Op.BGEZ, 0, negative)
        s.add(Op.SUB, result, result, subtrahend)
        keeps.target = s.position
    if result != i.rd:
        s.add(Op.ADDI, i.rd, result)


def multiply_32(s: Sequence, i: Instruction, _address: int, _length: int) -> None:
    """Expansion of mulw: multiply, then keep the low half with its sign."""
    if i.rd == 0 or i.rs1 == 0 or i.rs2 == 0:
        constant(s, i.rd, 0)
        return
    s.add(Op.MUL, U0, i.rs1, i.rs2)
    s.add(Op.ADDIW, i.rd, U0)


def divide_unsigned(operation: Op, narrow: bool) -> Expansion:
    """divu, remu and their 32-bit forms: zero-extend, divide, sign-extend."""

    def write(s: Sequence, i: Instruction, _address: int, _length: int) -> None:
        if i.rd == 0:
            s.add(Op.NOP)
            return
        first, second = s.readable(i.rs1, U0), s.readable(i.rs2, U1)
        if narrow:
            s.add(Op.ANDI, U0, first, immediate=_LOW_HALF)
            s.add(Op.ANDI, U1, second, immediate=_LOW_HALF)
            s.add(operation, U0, U0, U1)
            s.add(Op.ADDIW, i.rd, U0)
        else:
            s.add(operation, i.rd, first, second)

    return write


def divide_signed(operation: Op, narrow: bool) -> Expansion:
    """div, rem and their 32-bit forms.

    Operands that are not negative divide at once.
    Otherwise absolute values divide and the sign is put back: that of a for remainders, of a times b for
    quotients, where a divisor of 0 has its own exit because the quotient is -1 whatever the sign of a.
    """

    def write(s: Sequence, i: Instruction, _address: int, _length: int) -> None:
        if i.rd == 0:
            s.add(Op.NOP)
            return
        first, second = s.readable(i.rs1, U4), s.readable(i.rs2, U5)
        result = i.rd
        if narrow:
            s.add(Op.ADDIW, U4, first)
            s.add(Op.ADDIW, U5, second)
            first, second, result = U4, U5, U6
        leaving: list[Micro] = []
        to_slow_first = s.add(Op.BLTZ, 0, first)
        to_slow_second = s.add(Op.BLTZ, 0, second)
        leaving.append(s.add(operation, result, first, second))
        to_slow_first.target = to_slow_second.target = s.position
        quotient = operation == Op.DIVU
        to_zero = s.add(Op.BEQZ, 0, second) if quotient else None
        for value, sign, absolute in ((first, U0, U1), (second, U2, U3)):
            s.add(Op.SRAI, sign, value, immediate=63)
            s.add(Op.XOR, absolute, value, sign)
            s.add(Op.SUB, absolute, absolute, sign)
        s.add(operation, U1, U1, U3)
        if quotient:
            s.add(Op.XOR, U0, U0, U2)
        s.add(Op.XOR, U1, U1, U0)
        leaving.append(s.add(Op.SUB, result, U1, U0))
        if to_zero is not None:
            to_zero.target = s.position
            s.add(Op.LI, result, immediate=ALL_ONES)
        for row in leaving:
            row.target = s.position
        if narrow:
            s.add(Op.ADDIW, i.rd, result)

    return write
