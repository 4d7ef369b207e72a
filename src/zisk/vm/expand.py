"""Expands RISC-V instructions into micro-operations."""

from __future__ import annotations

from zisk.vm import expand_computation as computation
from zisk.vm import expand_memory as memory
from zisk.vm.decode import Instruction
from zisk.vm.expansion import U0, U7, Expansion, Micro, Sequence, constant, move
from zisk.vm.memory_map import ROM_BASE, ROM_SIZE
from zisk.vm.operations import Operation as Op

_SYSTEM_CALL_REGISTER, _ARGUMENT_REGISTER = 17, 10
_CODE_END = ROM_BASE + ROM_SIZE


def expand(instruction: Instruction, address: int, length: int) -> list[Micro]:
    """Micro-operations of an instruction that has no trap.

    `address` is its byte address and `length` its size in bytes, 2 or 4.
    """
    sequence = Sequence()
    _EXPANSIONS[instruction.name](sequence, instruction, address, length)
    return sequence.rows


def _upper(s: Sequence, i: Instruction, address: int, _length: int) -> None:
    """Lui and auipc; an address of 2^32 or more takes two rows."""
    value = i.immediate + (address if i.name == "auipc" else 0)
    if value >= 1 << 32 and i.rd:
        s.add(Op.LI, U0, immediate=address)
        s.add(Op.ADDI, i.rd, U0, immediate=i.immediate)
    else:
        constant(s, i.rd, value)


def _nothing(s: Sequence, _i: Instruction, _address: int, _length: int) -> None:
    s.add(Op.NOP)


def _jump(s: Sequence, i: Instruction, address: int, length: int) -> None:
    """jal: the link is a constant, the target a static successor."""
    constant(s, i.rd, address + length)
    s.rows[-1].leaves_to = address + i.immediate


def _jump_register(s: Sequence, i: Instruction, address: int, length: int) -> None:
    """jalr; the end of the code region has no index that it could leave, so there the link is a constant."""
    base, rd, link = s.readable(i.rs1, U0), i.rd, address + length
    if link == _CODE_END:
        if rd and rd == base:
            move(s, U0, base)
            base = U0
        if rd:
            constant(s, rd, link)
        rd, link = 0, address
    s.add(Op.JALR, rd or U7, base, immediate=i.immediate).leaves_to = link


def _system_call(s: Sequence, _i: Instruction, _address: int, _length: int) -> None:
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


def _branch(s: Sequence, i: Instruction, address: int, _length: int) -> None:
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


def _expansions() -> dict[str, Expansion]:
    """Expansion of every instruction name that `decode` gives without a trap."""
    table: dict[str, Expansion] = {
        "addi": computation.immediate(Op.ADDI, lambda imm: imm),
        "addiw": computation.immediate(Op.ADDIW, lambda imm: imm),
        "xori": computation.immediate(Op.XORI, lambda imm: imm),
        "ori": computation.immediate(Op.ORI, lambda imm: imm),
        "andi": computation.immediate(Op.ANDI, lambda imm: 0),
        "slti": computation.immediate(Op.SLTI, lambda imm: int(imm > 0)),
        "sltiu": computation.immediate(Op.SLTIU, lambda imm: int(imm != 0)),
        "add": computation.register(Op.ADD, computation.either_moves),
        "sub": computation.register(Op.SUB, computation.difference),
        "addw": computation.register(Op.ADDW, computation.either_truncates),
        "subw": computation.register(Op.SUBW, computation.difference_32),
        "xor": computation.register(Op.XOR, computation.either_moves),
        "or": computation.register(Op.OR, computation.either_moves),
        "and": computation.register(Op.AND, computation.either_clears),
        "slt": computation.register(Op.SLT),
        "sltu": computation.register(Op.SLTU, computation.below_unsigned),
        "mul": computation.register(Op.MUL, computation.either_clears),
        "mulhu": computation.register(Op.MULHU, computation.either_clears),
        "mulh": computation.multiply_high,
        "mulhsu": computation.multiply_high,
        "mulw": computation.multiply_32,
        "lui": _upper,
        "auipc": _upper,
        "jal": _jump,
        "jalr": _jump_register,
        "ecall": _system_call,
        "fence": _nothing,
        "fence.i": _nothing,
    }
    for name in ("slli", "srli", "srai", "slliw", "srliw", "sraiw"):
        table[name] = computation.immediate(Op[name.upper()], lambda imm: 0)
    for name in ("sll", "srl", "sra"):
        table[name] = computation.register(Op[name.upper()], computation.shift)
        table[name + "w"] = computation.register(Op[name.upper() + "W"], computation.shift_32)
    for name, operation in (("div", Op.DIVU), ("rem", Op.REMU)):
        table[name] = computation.divide_signed(operation, narrow=False)
        table[name + "w"] = computation.divide_signed(operation, narrow=True)
        table[name + "u"] = computation.divide_unsigned(operation, narrow=False)
        table[name + "uw"] = computation.divide_unsigned(operation, narrow=True)
    table |= dict.fromkeys(_BRANCH_FORMS, _branch)
    table |= {name: memory.load(Op[name.upper()]) for name in ("lb", "lbu", "lh", "lhu", "lw", "lwu", "ld")}
    table |= {name: memory.store(Op[name.upper()]) for name in ("sb", "sh", "sw", "sd")}
    for name in ("lr", "sc", "amoswap", "amoadd", "amoxor", "amoand", "amoor", "amomin", "amomax", "amominu"):
        table |= {f"{name}.w": memory.atomic, f"{name}.d": memory.atomic}
    table |= {"amomaxu.w": memory.atomic, "amomaxu.d": memory.atomic}
    table |= dict.fromkeys(("csrrw", "csrrs", "csrrc", "csrrwi", "csrrsi", "csrrci"), memory.control_register)
    return table


_EXPANSIONS = _expansions()
