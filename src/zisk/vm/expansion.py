"""Micro-operations of one instruction while they are written down.

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

ALL_ONES = -1
"""Immediate with every bit set."""


@dataclass(slots=True)
class Micro:
    """One micro-operation of an instruction.

    `immediate` is an integer of -2^32 .. 2^32 - 1.
    `target` is the position inside the instruction that a branch jumps to when taken; for other operations
    it is the position that follows. None means the next position; one past the last leaves the instruction.
    `leaves_to` is a byte address outside the instruction, in place of `target`; for jalr it is the
    address that rd receives.
    """

    operation: Op
    rd: int = 0
    rs1: int = 0
    rs2: int = 0
    immediate: int = 0
    target: int | None = None
    leaves_to: int | None = None


@dataclass(slots=True)
class Sequence:
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


Expansion = Callable[[Sequence, Instruction, int, int], None]
"""Writes the rows of an instruction, given its byte address and its size in bytes."""


def constant(s: Sequence, rd: int, immediate: int) -> None:
    """Row rd := constant, or nothing to do for x0."""
    s.add(Op.LI if rd else Op.NOP, rd, immediate=immediate if rd else 0)


def move(s: Sequence, rd: int, rs1: int) -> None:
    """Row rd := rs1 for an rs1 that is not x0."""
    s.add(Op.ADDI if rd else Op.NOP, rd, rs1 if rd else 0)


_ZERO_STORES = {Op.SB: Op.SBZ, Op.SH: Op.SHZ, Op.SW: Op.SWZ, Op.SD: Op.SDZ}


def put(s: Sequence, operation: Op, base: int, value: int, immediate: int = 0) -> Micro:
    """Row of a store; x0 as value has an operation of its own."""
    return s.add(operation if value else _ZERO_STORES[operation], 0, base, value, immediate)
