"""Expands RISC-V instructions into micro-operations.

Operands u0..u7 are scratch words that only expansions name; nothing survives in them past an instruction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from zisk.vm import memory_map
from zisk.vm.decode import Instruction
from zisk.vm.operations import Operation as Op

U0, U1, U2, U3, U4, U5, U6, U7 = range(32, 32 + memory_map.SCRATCH_COUNT)
"""Scratch words; U7 takes the results of loads and jumps that name x0 as destination."""

_LOW_HALF = 0xFFFF_FFFF
_ALL_ONES = -1
_SYSTEM_CALL_REGISTER, _ARGUMENT_REGISTER = 17, 10


@dataclass(slots=True)
class Micro:
    """One micro-operation of an instruction.

    `immediate` is an integer of -2^32 .. 2^32 - 1.
    `target` is the position inside the instruction that a branch jumps to when taken; for other operations
    it is the position that follows. None means the next position; one past the last leaves the instruction.
    `leaves_to` is a byte address outside the instruction, in place of `target`.
    """

    operation: Op
    rd: int = 0
    rs1: int = 0
    rs2: int = 0
    immediate: int = 0
    target: int | None = None
    leaves_to: int | None = None


@dataclass(slots=True)
class _Sequence:
    """Micro-operations of one instruction while they are written down."""

    rows: list[Micro] = field(default_factory=list)

    def add(self, operation: Op, rd: int = 0, rs1: int = 0, rs2: int = 0, immediate: int = 0) -> Micro:
        """Append one micro-operation."""
        row = Micro(operation, rd, rs1, rs2, immediate)
        self.rows.append(row)
        return row

    def readable(self, register: int, scratch: int) -> int:
        """Register to read in place of `register`: x0 is replaced by a scratch word that holds 0."""
        if register:
            return register
        self.add(Op.LI, scratch)
        return scratch

    @property
    def position(self) -> int:
        """Position of the next row."""
        return len(self.rows)


def expand(instruction: Instruction, address: int, length: int) -> list[Micro]:
    """Micro-operations of an instruction that has no trap.

    `address` is its byte address and `length` its size in bytes, 2 or 4.
    """
    sequence = _Sequence()
    _EXPANSIONS[instruction.name](sequence, instruction, address, length)
    return sequence.rows


_Expansion = Callable[[_Sequence, Instruction, int, int], None]


def _constant(s: _Sequence, rd: int, immediate: int) -> None:
    """Row rd := constant, or nothing to do for x0."""
    s.add(Op.LI if rd else Op.NOP, rd, immediate=immediate if rd else 0)


def _move(s: _Sequence, rd: int, rs1: int) -> None:
    """Row rd := rs1 for an rs1 that is not x0."""
    s.add(Op.ADDI if rd else Op.NOP, rd, rs1 if rd else 0)


def _negate(s: _Sequence, rd: int, rs1: int) -> None:
    """Rows rd := -rs1, leaving U0 in use."""
    s.add(Op.XORI, U0, rs1, immediate=_ALL_ONES)
    s.add(Op.ADDI, rd, U0, immediate=1)


def _immediate(operation: Op, of_zero: Callable[[int], int]) -> _Expansion:
    """Expansion of an operation with immediate; `of_zero` computes it for an rs1 that is x0."""

    def write(s: _Sequence, i: Instruction, _address: int, _length: int) -> None:
        if i.rd == 0 or i.rs1 == 0:
            _constant(s, i.rd, of_zero(i.immediate))
        else:
            s.add(operation, i.rd, i.rs1, immediate=i.immediate)

    return write


def _register(operation: Op, shortcut: Callable[[_Sequence, Instruction], bool] | None = None) -> _Expansion:
    """Expansion of an operation on two registers; `shortcut` may deal with operands that are x0."""

    def write(s: _Sequence, i: Instruction, _address: int, _length: int) -> None:
        if i.rd == 0:
            s.add(Op.NOP)
        elif (i.rs1 and i.rs2) or shortcut is None or not shortcut(s, i):
            first, second = s.readable(i.rs1, U0), s.readable(i.rs2, U1)
            s.add(operation, i.rd, first, second)

    return write


def _either_moves(s: _Sequence, i: Instruction) -> bool:
    """X op 0 = 0 op x = x."""
    other = i.rs1 or i.rs2
    if other:
        _move(s, i.rd, other)
    else:
        _constant(s, i.rd, 0)
    return True


def _either_truncates(s: _Sequence, i: Instruction) -> bool:
    """X op 0 = 0 op x = the low half of x, sign-extended."""
    other = i.rs1 or i.rs2
    if other:
        s.add(Op.ADDIW, i.rd, other)
    else:
        _constant(s, i.rd, 0)
    return True


def _either_clears(s: _Sequence, i: Instruction) -> bool:
    """X op 0 = 0 op x = 0."""
    _constant(s, i.rd, 0)
    return True


def _difference(s: _Sequence, i: Instruction) -> bool:
    """0 - x is a negation."""
    if i.rs2 == 0:
        return _either_moves(s, i)
    _negate(s, i.rd, i.rs2)
    return True


def _difference_32(s: _Sequence, i: Instruction) -> bool:
    """0 - x on 32 bits is a negation and a truncation."""
    if i.rs2 == 0:
        return _either_truncates(s, i)
    s.add(Op.XORI, U0, i.rs2, immediate=_ALL_ONES)
    s.add(Op.ADDIW, i.rd, U0, immediate=1)
    return True


def _shift(s: _Sequence, i: Instruction) -> bool:
    """0 shifted is 0, and a shift by 0 moves."""
    return _either_moves(s, i) if i.rs2 == 0 else _either_clears(s, i)


def _shift_32(s: _Sequence, i: Instruction) -> bool:
    """0 shifted is 0, and a 32-bit shift by 0 truncates."""
    return _either_truncates(s, i) if i.rs2 == 0 else _either_clears(s, i)


def _below_unsigned(s: _Sequence, i: Instruction) -> bool:
    """Nothing is below 0; what is above 0 takes the general way."""
    return i.rs2 == 0 and _either_clears(s, i)


def _upper(s: _Sequence, i: Instruction, address: int, _length: int) -> None:
    """Lui and auipc; an address of 2^32 or more takes two rows."""
    value = i.immediate + (address if i.name == "auipc" else 0)
    if value >= 1 << 32 and i.rd:
        s.add(Op.LI, U0, immediate=address)
        s.add(Op.ADDI, i.rd, U0, immediate=i.immediate)
    else:
        _constant(s, i.rd, value)


def _nothing(s: _Sequence, _i: Instruction, _address: int, _length: int) -> None:
    s.add(Op.NOP)


def _jump(s: _Sequence, i: Instruction, address: int, length: int) -> None:
    """jal: the link is a constant, the target a static successor."""
    _constant(s, i.rd, address + length)
    s.rows[-1].leaves_to = address + i.immediate


def _jump_register(s: _Sequence, i: Instruction, _address: int, _length: int) -> None:
    base = s.readable(i.rs1, U0)
    s.add(Op.JALR, i.rd or U7, base, immediate=i.immediate)


def _system_call(s: _Sequence, _i: Instruction, _address: int, _length: int) -> None:
    s.add(Op.HALT, 0, _SYSTEM_CALL_REGISTER, _ARGUMENT_REGISTER)


_BRANCH_FORMS: dict[str, tuple[Op, Op | bool, Op | bool, bool]] = {
    "beq": (Op.BEQ, Op.BEQZ, Op.BEQZ, True),
    "bne": (Op.BNE, Op.BNEZ, Op.BNEZ, False),
    "blt": (Op.BLT, Op.BLTZ, Op.BGTZ, False),
    "bge": (Op.BGE, Op.BGEZ, Op.BLEZ, True),
    "bltu": (Op.BLTU, False, Op.BNEZ, False),
    "bgeu": (Op.BGEU, True, Op.BEQZ, True),
}
"""Per branch: its operation, its form for rs2 = x0 and for rs1 = x0, and whether 0 against 0 is taken."""


def _branch(s: _Sequence, i: Instruction, address: int, _length: int) -> None:
    """Branches; comparisons with x0 have operations of their own, or are decided here."""
    general, against_zero, zero_against, both_zero = _BRANCH_FORMS[i.name]
    form: Op | bool = general
    if i.rs1 == 0 and i.rs2 == 0:
        form = both_zero
    elif i.rs2 == 0:
        form = against_zero
    elif i.rs1 == 0:
        form = zero_against
    if isinstance(form, bool):
        row = s.add(Op.NOP)
        if not form:
            return
    else:
        row = s.add(form, 0, i.rs1 or i.rs2, i.rs2 if i.rs1 else 0)
    row.leaves_to = address + i.immediate


def _load(operation: Op) -> _Expansion:
    def write(s: _Sequence, i: Instruction, _address: int, _length: int) -> None:
        base = s.readable(i.rs1, U0)
        s.add(operation, i.rd or U7, base, immediate=i.immediate)

    return write


_ZERO_STORES = {Op.SB: Op.SBZ, Op.SH: Op.SHZ, Op.SW: Op.SWZ, Op.SD: Op.SDZ}


def _put(s: _Sequence, operation: Op, base: int, value: int, immediate: int = 0) -> Micro:
    """Row of a store; x0 as value has an operation of its own."""
    return s.add(operation if value else _ZERO_STORES[operation], 0, base, value, immediate)


def _store(operation: Op) -> _Expansion:
    def write(s: _Sequence, i: Instruction, _address: int, _length: int) -> None:
        _put(s, operation, s.readable(i.rs1, U0), i.rs2, i.immediate)

    return write


def _multiply_high(s: _Sequence, i: Instruction, _address: int, _length: int) -> None:
    """Mulh and mulhsu from mulhu: subtract b where a is negative, and for mulh a where b is negative."""
    if i.rd == 0 or i.rs1 == 0 or i.rs2 == 0:
        _constant(s, i.rd, 0)
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


def _multiply_32(s: _Sequence, i: Instruction, _address: int, _length: int) -> None:
    if i.rd == 0 or i.rs1 == 0 or i.rs2 == 0:
        _constant(s, i.rd, 0)
        return
    s.add(Op.MUL, U0, i.rs1, i.rs2)
    s.add(Op.ADDIW, i.rd, U0)


def _divide_unsigned(operation: Op, narrow: bool) -> _Expansion:
    """divu, remu and their 32-bit forms: zero-extend, divide, sign-extend."""

    def write(s: _Sequence, i: Instruction, _address: int, _length: int) -> None:
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


def _divide_signed(operation: Op, narrow: bool) -> _Expansion:
    """div, rem and their 32-bit forms.

    Operands that are not negative divide at once.
    Otherwise absolute values divide and the sign is put back: that of a for remainders, of a times b for
    quotients, where a divisor of 0 has its own exit because the quotient is -1 whatever the sign of a.
    """

    def write(s: _Sequence, i: Instruction, _address: int, _length: int) -> None:
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
            s.add(Op.LI, result, immediate=_ALL_ONES)
        for row in leaving:
            row.target = s.position
        if narrow:
            s.add(Op.ADDIW, i.rd, result)

    return write


def _atomic(s: _Sequence, i: Instruction, _address: int, _length: int) -> None:
    """Atomic read-modify-write on one hart: load, combine, store, then write rd."""
    kind, width = i.name.split(".")
    narrow = width == "w"
    load, store = (Op.LW, Op.SW) if narrow else (Op.LD, Op.SD)
    base = s.readable(i.rs1, U3)
    if kind == "lr":
        s.add(load, i.rd or U7, base)
        return
    if kind == "sc":
        _put(s, store, base, i.rs2)
        if i.rd:
            s.add(Op.LI, i.rd)
        return
    s.add(load, U0, base)
    if kind == "amoswap":
        _put(s, store, base, i.rs2)
    elif kind in _ATOMIC_COMBINATIONS:
        s.add(_ATOMIC_COMBINATIONS[kind], U1, U0, s.readable(i.rs2, U2))
        s.add(store, 0, base, U1)
    else:
        operand = s.readable(i.rs2, U2)
        if narrow:
            s.add(Op.ADDIW, U1, operand)
            operand = U1
        below = Op.BLTU if kind.endswith("u") else Op.BLT
        keeps = s.add(below, 0, U0, operand) if "min" in kind else s.add(below, 0, operand, U0)
        replaced = s.add(store, 0, base, operand)
        keeps.target = s.position
        s.add(store, 0, base, U0)
        replaced.target = s.position
    if i.rd:
        s.add(Op.ADDI, i.rd, U0)


_ATOMIC_COMBINATIONS = {"amoadd": Op.ADD, "amoxor": Op.XOR, "amoor": Op.OR, "amoand": Op.AND}


def _control_register(s: _Sequence, i: Instruction, _address: int, _length: int) -> None:
    """CSR instructions: CSR n is an ordinary memory word."""
    by_immediate = i.name.endswith("i")
    kind = i.name[:5]
    operand_is_zero = i.immediate == 0 if by_immediate else i.rs1 == 0
    writes = kind == "csrrw" or not operand_is_zero
    if not writes and i.rd == 0:
        s.add(Op.NOP)
        return
    s.add(Op.LI, U0, immediate=memory_map.csr_address(i.csr))
    if not writes:
        s.add(Op.LD, i.rd, U0)
        return
    if i.rd or kind != "csrrw":
        s.add(Op.LD, U1, U0)
    value = U2
    if kind == "csrrw":
        if not by_immediate:
            value = i.rs1
        elif operand_is_zero:
            value = 0
        else:
            s.add(Op.LI, U2, immediate=i.immediate)
    elif kind == "csrrs":
        if by_immediate:
            s.add(Op.ORI, U2, U1, immediate=i.immediate)
        else:
            s.add(Op.OR, U2, U1, i.rs1)
    elif by_immediate:
        s.add(Op.ANDI, U2, U1, immediate=~i.immediate)
    else:
        s.add(Op.XORI, U2, i.rs1, immediate=_ALL_ONES)
        s.add(Op.AND, U2, U1, U2)
    _put(s, Op.SD, U0, value)
    if i.rd:
        s.add(Op.ADDI, i.rd, U1)


def _expansions() -> dict[str, _Expansion]:
    """Expansion of every instruction name that `decode` gives without a trap."""
    table: dict[str, _Expansion] = {
        "addi": _immediate(Op.ADDI, lambda imm: imm),
        "addiw": _immediate(Op.ADDIW, lambda imm: imm),
        "xori": _immediate(Op.XORI, lambda imm: imm),
        "ori": _immediate(Op.ORI, lambda imm: imm),
        "andi": _immediate(Op.ANDI, lambda imm: 0),
        "slti": _immediate(Op.SLTI, lambda imm: int(imm > 0)),
        "sltiu": _immediate(Op.SLTIU, lambda imm: int(imm != 0)),
        "add": _register(Op.ADD, _either_moves),
        "sub": _register(Op.SUB, _difference),
        "addw": _register(Op.ADDW, _either_truncates),
        "subw": _register(Op.SUBW, _difference_32),
        "xor": _register(Op.XOR, _either_moves),
        "or": _register(Op.OR, _either_moves),
        "and": _register(Op.AND, _either_clears),
        "slt": _register(Op.SLT),
        "sltu": _register(Op.SLTU, _below_unsigned),
        "mul": _register(Op.MUL, _either_clears),
        "mulhu": _register(Op.MULHU, _either_clears),
        "mulh": _multiply_high,
        "mulhsu": _multiply_high,
        "mulw": _multiply_32,
        "lui": _upper,
        "auipc": _upper,
        "jal": _jump,
        "jalr": _jump_register,
        "ecall": _system_call,
        "fence": _nothing,
        "fence.i": _nothing,
    }
    for name in ("slli", "srli", "srai", "slliw", "srliw", "sraiw"):
        table[name] = _immediate(Op[name.upper()], lambda imm: 0)
    for name in ("sll", "srl", "sra"):
        table[name] = _register(Op[name.upper()], _shift)
        table[name + "w"] = _register(Op[name.upper() + "W"], _shift_32)
    for name, operation in (("div", Op.DIVU), ("rem", Op.REMU)):
        table[name] = _divide_signed(operation, narrow=False)
        table[name + "w"] = _divide_signed(operation, narrow=True)
        table[name + "u"] = _divide_unsigned(operation, narrow=False)
        table[name + "uw"] = _divide_unsigned(operation, narrow=True)
    table |= dict.fromkeys(_BRANCH_FORMS, _branch)
    table |= {name: _load(Op[name.upper()]) for name in ("lb", "lbu", "lh", "lhu", "lw", "lwu", "ld")}
    table |= {name: _store(Op[name.upper()]) for name in ("sb", "sh", "sw", "sd")}
    for name in ("lr", "sc", "amoswap", "amoadd", "amoxor", "amoand", "amoor", "amomin", "amomax", "amominu"):
        table |= {f"{name}.w": _atomic, f"{name}.d": _atomic}
    table |= {"amomaxu.w": _atomic, "amomaxu.d": _atomic}
    table |= dict.fromkeys(("csrrw", "csrrs", "csrrc", "csrrwi", "csrrsi", "csrrci"), _control_register)
    return table


_EXPANSIONS = _expansions()
