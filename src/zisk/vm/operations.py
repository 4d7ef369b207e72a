"""Micro-operations: the whole instruction set that executor and tables know.

Every RISC-V instruction is expanded into one or more of these.
A family is the set of micro-operations that share one table.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Family(IntEnum):
    """One table each; the number indexes arrays of counts."""

    NOP = 0
    ADDI = 1
    ADD = 2
    ADDIW = 3
    ADDW = 4
    LOGICI = 5
    LOGIC = 6
    SLT = 7
    BEQ = 8
    BLT = 9
    SHIFTI = 10
    SHIFTIW = 11
    SHIFT = 12
    MULDIV = 13
    LD = 14
    LOAD = 15
    SD = 16
    STORE = 17
    MISALIGNED = 18
    JALR = 19
    HALT = 20


class Operation(IntEnum):
    """Opcode number of each micro-operation; 0 stands for a slot that cannot be executed."""

    NOP = 1
    ADDI = 2
    LI = 3
    ADD = 4
    SUB = 5
    ADDIW = 6
    ADDW = 7
    SUBW = 8
    XORI = 9
    ORI = 10
    ANDI = 11
    XOR = 12
    OR = 13
    AND = 14
    SLTI = 15
    SLTIU = 16
    SLT = 17
    SLTU = 18
    BEQ = 19
    BNE = 20
    BEQZ = 21
    BNEZ = 22
    BLT = 23
    BGE = 24
    BLTU = 25
    BGEU = 26
    BLTZ = 27
    BGEZ = 28
    BGTZ = 29
    BLEZ = 30
    SLLI = 31
    SRLI = 32
    SRAI = 33
    SLLIW = 34
    SRLIW = 35
    SRAIW = 36
    SLL = 37
    SRL = 38
    SRA = 39
    SLLW = 40
    SRLW = 41
    SRAW = 42
    MUL = 43
    MULHU = 44
    DIVU = 45
    REMU = 46
    LD = 47
    LB = 48
    LBU = 49
    LH = 50
    LHU = 51
    LW = 52
    LWU = 53
    SD = 54
    SDZ = 55
    SB = 56
    SH = 57
    SW = 58
    SBZ = 59
    SHZ = 60
    SWZ = 61
    JALR = 62
    HALT = 63


TRAP = 0
"""Opcode of a slot that ends the run: illegal, unsupported or faulting on purpose."""


class Shape(NamedTuple):
    """Family of an operation and which operand slots it touches.

    Loads and stores that are not aligned to their width move to MISALIGNED at run time.
    """

    family: Family
    reads_first: bool
    reads_second: bool
    writes: bool


def _shapes() -> dict[Operation, Shape]:
    """Shape of every operation, by the operands that its format names."""
    o, f = Operation, Family
    first_only_write = {
        f.ADDI: [o.ADDI],
        f.ADDIW: [o.ADDIW],
        f.LOGICI: [o.XORI, o.ORI, o.ANDI],
        f.SLT: [o.SLTI, o.SLTIU],
        f.SHIFTI: [o.SLLI, o.SRLI, o.SRAI],
        f.SHIFTIW: [o.SLLIW, o.SRLIW, o.SRAIW],
        f.LD: [o.LD],
        f.LOAD: [o.LB, o.LBU, o.LH, o.LHU, o.LW, o.LWU],
        f.JALR: [o.JALR],
    }
    both_write = {
        f.ADD: [o.ADD, o.SUB],
        f.ADDW: [o.ADDW, o.SUBW],
        f.LOGIC: [o.XOR, o.OR, o.AND],
        f.SLT: [o.SLT, o.SLTU],
        f.SHIFT: [o.SLL, o.SRL, o.SRA, o.SLLW, o.SRLW, o.SRAW],
        f.MULDIV: [o.MUL, o.MULHU, o.DIVU, o.REMU],
    }
    both = {
        f.BEQ: [o.BEQ, o.BNE],
        f.BLT: [o.BLT, o.BGE, o.BLTU, o.BGEU],
        f.SD: [o.SD],
        f.STORE: [o.SB, o.SH, o.SW],
        f.HALT: [o.HALT],
    }
    first_only = {
        f.BEQ: [o.BEQZ, o.BNEZ],
        f.BLT: [o.BLTZ, o.BGEZ, o.BGTZ, o.BLEZ],
        f.SD: [o.SDZ],
        f.STORE: [o.SBZ, o.SHZ, o.SWZ],
    }
    shapes = {o.NOP: Shape(f.NOP, False, False, False), o.LI: Shape(f.ADDI, False, False, True)}
    groups = [
        (first_only_write, (True, False, True)),
        (both_write, (True, True, True)),
        (both, (True, True, False)),
        (first_only, (True, False, False)),
    ]
    for group, touched in groups:
        for family, operations in group.items():
            shapes |= {operation: Shape(family, *touched) for operation in operations}
    return dict(sorted(shapes.items()))


SHAPES = _shapes()
"""Shape of every operation."""

LOAD_WIDTHS = {
    Operation.LD: 8,
    Operation.LB: 1,
    Operation.LBU: 1,
    Operation.LH: 2,
    Operation.LHU: 2,
    Operation.LW: 4,
    Operation.LWU: 4,
}
"""Bytes that each load reads."""

SIGNED_LOADS = frozenset({Operation.LB, Operation.LH, Operation.LW})
"""Loads that extend the sign."""

STORE_WIDTHS = {
    Operation.SD: 8,
    Operation.SDZ: 8,
    Operation.SB: 1,
    Operation.SBZ: 1,
    Operation.SH: 2,
    Operation.SHZ: 2,
    Operation.SW: 4,
    Operation.SWZ: 4,
}
"""Bytes that each store writes."""

BRANCHES = frozenset(
    operation for operation, shape in SHAPES.items() if shape.family in (Family.BEQ, Family.BLT)
)
"""Operations whose immediate is the index of the taken target."""

MEMORY_FAMILIES = frozenset({Family.LD, Family.LOAD, Family.SD, Family.STORE, Family.MISALIGNED})
"""Families whose rows touch memory words besides operands."""


def family_of(operation: Operation, address: int = 0) -> Family:
    """Table that takes the row of `operation`, a load or store at byte `address`."""
    width = LOAD_WIDTHS.get(operation) or STORE_WIDTHS.get(operation) or 1
    return Family.MISALIGNED if address % width else SHAPES[operation].family
