"""The form in which the interpreter kernel reads a program: four 64-bit words per slot.

Word 0 packs the kernel's own opcode, the operand registers, the family, the flag of an instruction's first
slot and the successor. Registers are given as the positions of their words in memory, and the successor as
the position of its word 0, which saves the kernel a shift on its longest chain.
Word 1 is the immediate, and for branches the position of the taken target.
Word 2 is the set of register words that the slot touches, one bit each.
Word 3 is a load's or store's width, the shift that drops the unused high bits, and the sign flag;
for jalr it is the link address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zisk.vm.memory_map import HALTED, ROM_BASE
from zisk.vm.operations import (
    BRANCHES,
    LOAD_WIDTHS,
    SHAPES,
    SIGNED_LOADS,
    STORE_WIDTHS,
    TRAP,
)
from zisk.vm.operations import Operation as Op

if TYPE_CHECKING:
    from zisk.vm.program import Program

K_ADD, K_SUB, K_ADDW, K_SUBW, K_XOR, K_OR, K_AND, K_SLT, K_SLTU = range(9)
K_SLL, K_SRL, K_SRA, K_SLLW, K_SRLW, K_SRAW, K_MUL, K_MULHU, K_DIVU, K_REMU = range(9, 19)
K_LOAD, K_STORE, K_JALR = 19, 20, 21
K_BEQ, K_BNE, K_BLT, K_BGE, K_BLTU, K_BGEU, K_BGTZ, K_BLEZ = range(22, 30)
K_HALT, K_TRAP = 30, 31
"""Opcodes of the kernel.

Forms with an immediate share the opcode of the form with a register: the second operand is the sum of
register and immediate, of which one is always zero.
"""

RD_SHIFT, RS1_SHIFT, RS2_SHIFT, FAMILY_SHIFT, FIRST_SHIFT, NEXT_SHIFT = 5, 12, 19, 26, 31, 32
"""Where the fields of word 0 start; registers have 7 bits, families 5, the successor 32."""

WORDS_PER_SLOT = 4

WIDTH_SHIFT, DROP_SHIFT, SIGNED_SHIFT = 0, 8, 16
"""Places of the fields of word 3 of loads and stores."""

_KERNEL_OPCODES = {
    Op.NOP: K_ADD, Op.LI: K_ADD, Op.ADDI: K_ADD, Op.ADD: K_ADD, Op.SUB: K_SUB,
    Op.ADDIW: K_ADDW, Op.ADDW: K_ADDW, Op.SUBW: K_SUBW,
    Op.XORI: K_XOR, Op.ORI: K_OR, Op.ANDI: K_AND, Op.XOR: K_XOR, Op.OR: K_OR, Op.AND: K_AND,
    Op.SLTI: K_SLT, Op.SLTIU: K_SLTU, Op.SLT: K_SLT, Op.SLTU: K_SLTU,
    Op.SLLI: K_SLL, Op.SRLI: K_SRL, Op.SRAI: K_SRA, Op.SLL: K_SLL, Op.SRL: K_SRL, Op.SRA: K_SRA,
    Op.SLLIW: K_SLLW, Op.SRLIW: K_SRLW, Op.SRAIW: K_SRAW, Op.SLLW: K_SLLW, Op.SRLW: K_SRLW, Op.SRAW: K_SRAW,
    Op.MUL: K_MUL, Op.MULHU: K_MULHU, Op.DIVU: K_DIVU, Op.REMU: K_REMU,
    Op.BEQ: K_BEQ, Op.BNE: K_BNE, Op.BEQZ: K_BEQ, Op.BNEZ: K_BNE,
    Op.BLT: K_BLT, Op.BGE: K_BGE, Op.BLTU: K_BLTU, Op.BGEU: K_BGEU,
    Op.BLTZ: K_BLT, Op.BGEZ: K_BGE, Op.BGTZ: K_BGTZ, Op.BLEZ: K_BLEZ,
    Op.JALR: K_JALR, Op.HALT: K_HALT,
}  # fmt: skip
_KERNEL_OPCODES |= dict.fromkeys(LOAD_WIDTHS, K_LOAD) | dict.fromkeys(STORE_WIDTHS, K_STORE)


@dataclass(frozen=True, eq=False, slots=True)
class PackedCode:
    """A program for the kernel.

    `code` has `WORDS_PER_SLOT` words per slot; after the program's slots come *dead ends*, trap slots that
    stand for static successors which are no instruction.
    `slot_of_index` gives 1 + the slot of every instruction index from the first of the ROM on, 0 for none, so
    that gaps cost no memory.
    Slot `slots + i` stands for the index `dead_end_index[i]`, reached from slot `dead_end_source[i]`.
    """

    code: npt.NDArray[np.uint64]
    slot_of_index: npt.NDArray[np.int32]
    dead_end_index: npt.NDArray[np.uint32]
    dead_end_source: npt.NDArray[np.int64]
    entry_slot: int


def pack(program: Program) -> PackedCode:
    """Pack a program for the kernel."""
    slots = program.slots
    taken = np.isin(program.op, [int(op) for op in BRANCHES])
    targets = program.immediate[taken].astype(np.uint32)
    successors = np.concatenate([program.next, targets])
    order = np.argsort(program.pc, kind="stable")
    sorted_pc = program.pc[order]
    places = np.minimum(np.searchsorted(sorted_pc, successors), slots - 1)
    known = sorted_pc[places] == successors
    unknown = np.flatnonzero(~known & (successors != HALTED))
    resolved = np.where(known, order[places], 0)
    resolved[unknown] = slots + np.arange(len(unknown))
    sources = np.concatenate([np.arange(slots), np.flatnonzero(taken)])

    code = np.zeros((slots + len(unknown), WORDS_PER_SLOT), np.uint64)
    opcode, family, access = (np.zeros(len(SHAPES) + 1, np.uint64) for _ in range(3))
    opcode[TRAP] = K_TRAP
    for op, shape in SHAPES.items():
        opcode[op] = _KERNEL_OPCODES[op]
        family[op] = shape.family
        width = LOAD_WIDTHS.get(op) or STORE_WIDTHS.get(op)
        if width:
            signed = op in SIGNED_LOADS
            access[op] = width << WIDTH_SHIFT | (64 - 8 * width) << DROP_SHIFT | signed << SIGNED_SHIFT
    fields = [
        (opcode[program.op], 0),
        (program.rd, RD_SHIFT + 1),
        (program.rs1, RS1_SHIFT + 1),
        (program.rs2, RS2_SHIFT + 1),
        (family[program.op], FAMILY_SHIFT),
        (program.first, FIRST_SHIFT),
        (WORDS_PER_SLOT * resolved[:slots], NEXT_SHIFT),
    ]
    for values, shift in fields:
        code[:slots, 0] |= values.astype(np.uint64) << np.uint64(shift)
    code[slots:, 0] = K_TRAP
    code[:slots, 1] = program.immediate
    code[:slots, 1][taken] = (WORDS_PER_SLOT * resolved[slots:]).astype(np.uint64)
    one = np.uint64(1)
    for operand in (program.rd, program.rs1, program.rs2):
        code[:slots, 2] |= one << operand.astype(np.uint64)
    code[:slots, 2] &= ~one
    code[:slots, 3] = access[program.op]
    jumps = program.op == Op.JALR
    code[:slots, 3][jumps] = np.uint64(ROM_BASE) + np.uint64(2) * program.next[jumps].astype(np.uint64)

    starts = np.flatnonzero(program.first)
    slot_of_index = np.zeros(int(program.pc[starts].max()) + 1, np.int32)
    slot_of_index[program.pc[starts]] = 1 + starts
    entry_slot = int(slot_of_index[program.entry]) - 1
    return PackedCode(code.ravel(), slot_of_index, successors[unknown], sources[unknown], entry_slot)
