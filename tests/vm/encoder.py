"""Encodes RISC-V instructions, written apart from the decoder under test."""

from __future__ import annotations

REGISTER_OPERATIONS = {
    "add": (0x33, 0, 0), "sub": (0x33, 0, 32), "sll": (0x33, 1, 0), "slt": (0x33, 2, 0),
    "sltu": (0x33, 3, 0), "xor": (0x33, 4, 0), "srl": (0x33, 5, 0), "sra": (0x33, 5, 32),
    "or": (0x33, 6, 0), "and": (0x33, 7, 0), "addw": (0x3B, 0, 0), "subw": (0x3B, 0, 32),
    "sllw": (0x3B, 1, 0), "srlw": (0x3B, 5, 0), "sraw": (0x3B, 5, 32), "mul": (0x33, 0, 1),
    "mulh": (0x33, 1, 1), "mulhsu": (0x33, 2, 1), "mulhu": (0x33, 3, 1), "div": (0x33, 4, 1),
    "divu": (0x33, 5, 1), "rem": (0x33, 6, 1), "remu": (0x33, 7, 1), "mulw": (0x3B, 0, 1),
    "divw": (0x3B, 4, 1), "divuw": (0x3B, 5, 1), "remw": (0x3B, 6, 1), "remuw": (0x3B, 7, 1),
}  # fmt: skip
IMMEDIATE_OPERATIONS = {
    "addi": (0x13, 0), "slti": (0x13, 2), "sltiu": (0x13, 3), "xori": (0x13, 4), "ori": (0x13, 6),
    "andi": (0x13, 7), "addiw": (0x1B, 0),
}  # fmt: skip
SHIFTS = {
    "slli": (0x13, 1, 0, 63), "srli": (0x13, 5, 0, 63), "srai": (0x13, 5, 0x400, 63),
    "slliw": (0x1B, 1, 0, 31), "srliw": (0x1B, 5, 0, 31), "sraiw": (0x1B, 5, 0x400, 31),
}  # fmt: skip
LOADS = {"lb": 0, "lh": 1, "lw": 2, "ld": 3, "lbu": 4, "lhu": 5, "lwu": 6}
STORES = {"sb": 0, "sh": 1, "sw": 2, "sd": 3}
BRANCHES = {"beq": 0, "bne": 1, "blt": 4, "bge": 5, "bltu": 6, "bgeu": 7}
ATOMICS = {
    "amoadd": 0, "amoswap": 1, "lr": 2, "sc": 3, "amoxor": 4, "amoor": 8, "amoand": 12,
    "amomin": 16, "amomax": 20, "amominu": 24, "amomaxu": 28,
}  # fmt: skip
CSR_OPERATIONS = {"csrrw": 1, "csrrs": 2, "csrrc": 3, "csrrwi": 5, "csrrsi": 6, "csrrci": 7}
ECALL = 0x73


def register(name: str, rd: int, rs1: int, rs2: int) -> int:
    """Operation on two registers."""
    opcode, funct3, funct7 = REGISTER_OPERATIONS[name]
    return opcode | rd << 7 | funct3 << 12 | rs1 << 15 | rs2 << 20 | funct7 << 25


def immediate(name: str, rd: int, rs1: int, value: int) -> int:
    """Operation with an immediate of -2048..2047, a shift by `value`, a load or jalr."""
    if name in SHIFTS:
        opcode, funct3, upper, _ = SHIFTS[name]
        value |= upper
    elif name in LOADS:
        opcode, funct3 = 0x03, LOADS[name]
    elif name == "jalr":
        opcode, funct3 = 0x67, 0
    else:
        opcode, funct3 = IMMEDIATE_OPERATIONS[name]
    return opcode | rd << 7 | funct3 << 12 | rs1 << 15 | (value & 0xFFF) << 20


def store(name: str, rs1: int, rs2: int, offset: int) -> int:
    """Store of rs2 at rs1 + offset."""
    low, high = offset & 31, offset >> 5 & 127
    return 0x23 | low << 7 | STORES[name] << 12 | rs1 << 15 | rs2 << 20 | high << 25


def branch(name: str, rs1: int, rs2: int, distance: int) -> int:
    """Branch by an even distance of -4096..4094 bytes."""
    d = distance
    low, high = (d >> 11 & 1) | (d & 0x1E), (d >> 5 & 63) | (d >> 12 & 1) << 6
    return 0x63 | low << 7 | BRANCHES[name] << 12 | rs1 << 15 | rs2 << 20 | high << 25


def jump(rd: int, distance: int) -> int:
    """Instruction jal."""
    d = distance
    bits = (d >> 20 & 1) << 19 | (d >> 1 & 0x3FF) << 9 | (d >> 11 & 1) << 8 | (d >> 12 & 0xFF)
    return 0x6F | rd << 7 | bits << 12


def upper(name: str, rd: int, value: int) -> int:
    """Instructions lui and auipc; `value` is the upper 20 bits."""
    return (0x37 if name == "lui" else 0x17) | rd << 7 | (value & 0xFFFFF) << 12


def atomic(name: str, width: int, rd: int, rs1: int, rs2: int) -> int:
    """Atomic operation of 4 or 8 bytes."""
    return 0x2F | rd << 7 | (2 if width == 4 else 3) << 12 | rs1 << 15 | rs2 << 20 | ATOMICS[name] << 27


def control(name: str, rd: int, csr: int, operand: int) -> int:
    """CSR instruction; `operand` is rs1 or the 5-bit immediate."""
    return 0x73 | rd << 7 | CSR_OPERATIONS[name] << 12 | operand << 15 | csr << 20


def assemble(words: list[int]) -> bytes:
    """Bytes of 32-bit instructions, or 16-bit ones where the low two bits are not both set."""
    return b"".join(word.to_bytes(4 if word & 3 == 3 else 2, "little") for word in words)
