"""Decodes 32-bit RISC-V instruction words: RV64IMA, Zicsr, Zifencei.

What cannot be executed decodes to a trap that names the reason; it ends the run only when reached.
Source: The RISC-V Instruction Set Manual, volume I; CSR numbers of ZisK's guest ABI.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from zisk.vm.errors import FaultKind


@dataclass(frozen=True, slots=True)
class Trap:
    """Why a slot cannot be executed.

    `fault` is None for what this version does not support yet; `name` is the instruction's name.
    """

    fault: FaultKind | None
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Instruction:
    """A decoded instruction.

    `immediate` is signed; for CSR instructions with an immediate it is the 5-bit operand.
    `csr` is the CSR number where there is one.
    """

    name: str
    rd: int = 0
    rs1: int = 0
    rs2: int = 0
    immediate: int = 0
    csr: int = 0
    trap: Trap | None = None


def _illegal(word: int) -> Instruction:
    return Instruction("illegal", trap=Trap(FaultKind.ILLEGAL_INSTRUCTION, "illegal", f"word {word:#010x}"))


def _unsupported(name: str) -> Instruction:
    return Instruction(name, trap=Trap(None, name))


def _sign(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


_LOADS = ("lb", "lh", "lw", "ld", "lbu", "lhu", "lwu", None)
_STORES = ("sb", "sh", "sw", "sd", None, None, None, None)
_BRANCHES = ("beq", "bne", None, None, "blt", "bge", "bltu", "bgeu")
_IMMEDIATES = ("addi", None, "slti", "sltiu", "xori", None, "ori", "andi")
_REGISTERS = {
    0x00: ("add", "sll", "slt", "sltu", "xor", "srl", "or", "and"),
    0x20: ("sub", None, None, None, None, "sra", None, None),
    0x01: ("mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"),
}
_REGISTERS_32 = {
    0x00: ("addw", "sllw", None, None, None, "srlw", None, None),
    0x20: ("subw", None, None, None, None, "sraw", None, None),
    0x01: ("mulw", None, None, None, "divw", "divuw", "remw", "remuw"),
}
_ATOMICS = {
    0x00: "amoadd",
    0x01: "amoswap",
    0x02: "lr",
    0x03: "sc",
    0x04: "amoxor",
    0x08: "amoor",
    0x0C: "amoand",
    0x10: "amomin",
    0x14: "amomax",
    0x18: "amominu",
    0x1C: "amomaxu",
}
_CSR_OPERATIONS = (None, "csrrw", "csrrs", "csrrc", None, "csrrwi", "csrrsi", "csrrci")
_PRECOMPILES = (
    "keccakf", "arith256", "arith256_mod", "secp256k1_add", "secp256k1_dbl", "sha256f", "bn254_curve_add",
    "bn254_curve_dbl", "bn254_complex_add", "bn254_complex_sub", "bn254_complex_mul", "arith384_mod",
    "bls12_381_curve_add", "bls12_381_curve_dbl", "bls12_381_complex_add", "bls12_381_complex_sub",
    "bls12_381_complex_mul", "add256", "poseidon2", "memcpy", "memcmp", "inputcpy", "memset",
    "secp256r1_add", "secp256r1_dbl", "blake2b_round", "profile",
)  # fmt: skip
"""Names of the precompile CSRs 0x800, 0x801, ... in order."""

_FLOAT_FUSED = {0x43: "fmadd", 0x47: "fmsub", 0x4B: "fnmsub", 0x4F: "fnmadd"}
_FLOAT_NAMES = {
    0x00: "fadd",
    0x01: "fsub",
    0x02: "fmul",
    0x03: "fdiv",
    0x04: "fsgnj",
    0x05: "fmin/fmax",
    0x08: "fcvt",
    0x0B: "fsqrt",
    0x14: "fcompare",
    0x18: "fcvt",
    0x1A: "fcvt",
    0x1C: "fmv/fclass",
    0x1E: "fmv",
}


def _special_csr(number: int) -> str | None:
    """Name of a CSR that stands for a call into the host or a precompile, or None."""
    if 0x800 <= number < 0x800 + len(_PRECOMPILES):
        return f"precompile {_PRECOMPILES[number - 0x800]} (CSR {number:#x})"
    if 0x8C0 <= number < 0x8E0 or 0x8F0 <= number < 0x900 or number == 0xFFE:
        return f"fcall (CSR {number:#x})"
    return None


@lru_cache(maxsize=65_536)
def decode(word: int) -> Instruction:
    """Decode one 32-bit instruction word; never fails."""
    opcode = word & 0x7F
    rd, rs1, rs2 = word >> 7 & 31, word >> 15 & 31, word >> 20 & 31
    funct3, funct7 = word >> 12 & 7, word >> 25
    immediate = _sign(word >> 20, 12)
    name: str | None = None
    if opcode == 0x13:
        return _decode_immediate(word, rd, rs1, funct3, immediate)
    if opcode == 0x33 or opcode == 0x3B:
        table = _REGISTERS if opcode == 0x33 else _REGISTERS_32
        name = table[funct7][funct3] if funct7 in table else None
        return Instruction(name, rd, rs1, rs2) if name else _illegal(word)
    if opcode == 0x03:
        name = _LOADS[funct3]
        return Instruction(name, rd, rs1, 0, immediate) if name else _illegal(word)
    if opcode == 0x23:
        name = _STORES[funct3]
        offset = _sign((word >> 25) << 5 | rd, 12)
        return Instruction(name, 0, rs1, rs2, offset) if name else _illegal(word)
    if opcode == 0x63:
        name = _BRANCHES[funct3]
        distance = (word >> 31) << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 63) << 5 | (word >> 8 & 15) << 1
        return Instruction(name, 0, rs1, rs2, _sign(distance, 13)) if name else _illegal(word)
    if opcode == 0x37 or opcode == 0x17:
        return Instruction("lui" if opcode == 0x37 else "auipc", rd, 0, 0, _sign(word >> 12, 20) << 12)
    if opcode == 0x6F:
        distance = (
            (word >> 31) << 20
            | (word >> 12 & 0xFF) << 12
            | (word >> 20 & 1) << 11
            | (word >> 21 & 0x3FF) << 1
        )
        return Instruction("jal", rd, 0, 0, _sign(distance, 21))
    if opcode == 0x67:
        return Instruction("jalr", rd, rs1, 0, immediate) if funct3 == 0 else _illegal(word)
    if opcode == 0x1B:
        return _decode_immediate_32(word, rd, rs1, funct3, immediate)
    if opcode == 0x2F:
        return _decode_atomic(word, rd, rs1, rs2, funct3)
    if opcode == 0x73:
        return _decode_system(word, rd, rs1, funct3)
    if opcode == 0x0F and funct3 < 2:
        return Instruction("fence" if funct3 == 0 else "fence.i")
    return _decode_float(word, opcode, funct3, funct7)


def _decode_immediate(word: int, rd: int, rs1: int, funct3: int, immediate: int) -> Instruction:
    """Operations with an immediate; shifts take six bits of it."""
    upper = word >> 26
    if funct3 == 1:
        return Instruction("slli", rd, rs1, 0, word >> 20 & 63) if upper == 0 else _illegal(word)
    if funct3 == 5:
        name = {0: "srli", 0x10: "srai"}.get(upper)
        return Instruction(name, rd, rs1, 0, word >> 20 & 63) if name else _illegal(word)
    return Instruction(_IMMEDIATES[funct3] or "", rd, rs1, 0, immediate)


def _decode_immediate_32(word: int, rd: int, rs1: int, funct3: int, immediate: int) -> Instruction:
    """32-bit operations with an immediate; shifts take five bits of it."""
    if funct3 == 0:
        return Instruction("addiw", rd, rs1, 0, immediate)
    name = {(1, 0): "slliw", (5, 0): "srliw", (5, 0x20): "sraiw"}.get((funct3, word >> 25))
    return Instruction(name, rd, rs1, 0, word >> 20 & 31) if name else _illegal(word)


def _decode_atomic(word: int, rd: int, rs1: int, rs2: int, funct3: int) -> Instruction:
    """Extension A; acquire and release bits mean nothing on one hart."""
    name = _ATOMICS.get(word >> 27)
    width = {2: ".w", 3: ".d"}.get(funct3)
    if name is None or width is None or (name == "lr" and rs2):
        return _illegal(word)
    return Instruction(name + width, rd, rs1, rs2)


def _decode_system(word: int, rd: int, rs1: int, funct3: int) -> Instruction:
    """System call, breakpoint and CSR instructions."""
    if funct3 == 0:
        if word == 0x0000_0073:
            return Instruction("ecall")
        if word == 0x0010_0073:
            return Instruction("ebreak", trap=Trap(FaultKind.BREAKPOINT, "ebreak"))
        return _illegal(word)
    name = _CSR_OPERATIONS[funct3]
    if name is None:
        return _illegal(word)
    csr = word >> 20
    special = _special_csr(csr)
    if special is not None:
        return _unsupported(special)
    writes = funct3 & 3 == 1 or rs1 != 0
    if writes and csr >> 10 == 3:
        if word == 0xC000_1073:
            return Instruction("unimp", trap=Trap(FaultKind.UNIMP, "unimp"))
        return Instruction(name, trap=Trap(FaultKind.READ_ONLY_CSR, name, f"CSR {csr:#x}"))
    if funct3 >= 4:
        return Instruction(name, rd, 0, 0, rs1, csr)
    return Instruction(name, rd, rs1, 0, 0, csr)


def _decode_float(word: int, opcode: int, funct3: int, funct7: int) -> Instruction:
    """Extensions F and D by name, everything else as illegal."""
    if opcode in (0x07, 0x27):
        width = {2: "w", 3: "d"}.get(funct3)
        return _unsupported(("fl" if opcode == 0x07 else "fs") + width) if width else _illegal(word)
    suffix = {0: ".s", 1: ".d"}.get(funct7 & 3)
    name = _FLOAT_FUSED.get(opcode) or (_FLOAT_NAMES.get(funct7 >> 2) if opcode == 0x53 else None)
    return _unsupported(name + suffix) if name and suffix else _illegal(word)


def instruction_text(instruction: Instruction) -> str:
    """Readable form of an instruction without a trap, for messages."""
    operands = [f"x{instruction.rd}", f"x{instruction.rs1}", f"x{instruction.rs2}"]
    if instruction.csr:
        operands.append(f"csr {instruction.csr:#x}")
    return f"{instruction.name} {', '.join(operands)}, {instruction.immediate}"
