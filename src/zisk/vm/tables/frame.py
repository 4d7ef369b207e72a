"""What every instruction's row has in common: state, program lookup, accesses to words.

A row takes the token (pc, ts) and leaves (pc of the next step, ts + 4). It looks its micro-operation up in
the program, which fixes `next`, the opcode, the operands and the immediate. Each access to a word takes
the word's last message (key, earlier ts, value) and leaves (key, ts + slot, new value).

Why a row cannot lie:
- The flags are boolean and at most one is set, so `active` is 0 or 1. A row with `active` = 0 sends nothing.
- The program bus is a lookup into a preprocessed table, so pc, next, opcode, operands and immediate of an
  active row are those of one micro-operation, and the set flag is the one whose opcode that is.
- The earlier timestamp is ts + slot - 1 - gap. Both limbs of the gap are range-checked, so it is an integer
  below 2^(size + 2), and the earlier timestamp is smaller than ts + slot. Timestamps of a segment stay below
  2^(size + 2) + 4, so the difference cannot wrap modulo p.
- Values taken from the memory bus were range-checked when they were written, or by the edges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zisk.stark.air import Builder
from zisk.stark.expression import Expression, lift
from zisk.vm.tables.buses import BYTES, MEMORY, PROGRAM, RANGE, STATE, TUPLE, ByteOperation

REGISTER_KEY = 0x1400_0000
"""Word number of register 0: registers are the words mirrored at 0xA000_0000."""

TICKS_PER_STEP = 4
"""Time slots of a step; every access of a step has its own."""

SLOT_FIRST, SLOT_SECOND, SLOT_MEMORY, SLOT_LAST = range(TICKS_PER_STEP)
"""rs1; rs2 or a load's word; a store's word or a load's second; rd or a store's second word."""

TIMESTAMP_LOW_BITS = 16


def timestamp_high_bits(log_size: int) -> int:
    """Bits of a timestamp gap above the lowest 16, in a segment of 2^log_size steps."""
    return log_size + 2 - TIMESTAMP_LOW_BITS


LARGEST_TUPLE_SIZE = 20
"""Above it the tuple table would be taller than the segment.

At 22, the only size above it, the high limbs of gaps are bytes, and a bytes lookup checks two of them.
"""


class Frame:
    """The common part of an instruction table, while its AIR is being defined.

    Attributes:
        active: 1 on rows that execute a step, 0 on padding.
        flags: for each micro-operation name, its one-hot flag.
    """

    def __init__(
        self,
        b: Builder,
        log_size: int,
        operations: Mapping[str, int],
        flags: Mapping[str, Expression] | None = None,
    ) -> None:
        """Declare pc, next, ts and the flags of the table's micro-operations (name -> opcode).

        `flags`: for each name an expression over columns that the table declared, in place of a column.
        """
        self.builder = b
        self.log_size = log_size
        self.pc = b.column("pc")
        self.next = b.column("next")
        self.ts = b.column("ts")
        self.flags: dict[str, Expression] = {}
        self.active: Expression = lift(0)
        self.opcode: Expression = lift(0)
        for name, opcode in operations.items():
            flag = b.column(f"is_{name}") if flags is None else flags[name]
            b.boolean(f"is_{name}", flag)
            self.flags[name] = flag
            self.active = self.active + flag
            self.opcode = self.opcode + flag * opcode
        if len(operations) > 1:
            b.boolean("active", self.active)
        self._gap_highs: list[Expression] = []

    def any_of(self, *names: str) -> Expression:
        """1 when the row is one of the named micro-operations."""
        total = lift(0)
        for name in names:
            total = total + self.flags[name]
        return total

    def register(self, name: str) -> Expression:
        """Declare the column of a register operand's index."""
        return self.builder.column(name)

    def read(self, name: str, key: Expression, slot: int, when: Expression | None = None) -> list[Expression]:
        """Declare an access that leaves the word as it is; returns its four limbs.

        `when`: 0 on active rows without this access (an operand that is x0); the caller then forces the
        limbs to zero. Registers pass `register_key(index)`.
        """
        limbs = self.builder.columns(name, 4)
        self.access(name, key, slot, limbs, limbs, when)
        return limbs

    def write(
        self,
        name: str,
        key: Expression,
        slot: int,
        limbs: Sequence[Expression | int],
        when: Expression | None = None,
    ) -> list[Expression]:
        """Declare an access that leaves `limbs`, range-checked by the caller; returns the old limbs."""
        old = self.builder.columns(f"{name}_old", 4)
        self.access(name, key, slot, old, limbs, when)
        return old

    def access(
        self,
        name: str,
        key: Expression,
        slot: Expression | int,
        old: Sequence[Expression | int],
        new: Sequence[Expression | int],
        when: Expression | None = None,
    ) -> None:
        """Take a word's last message and leave a new one at ts + slot; declares the two limbs of the gap.

        A `slot` that differs between the table's operations is an expression of degree 1 over their flags.
        """
        b, when = self.builder, self.active if when is None else when
        low, high = b.column(f"{name}_gap_low"), b.column(f"{name}_gap_high")
        earlier = self.ts + (slot - 1) - low - high * (1 << TIMESTAMP_LOW_BITS)
        b.receive(MEMORY, [key, earlier, *old], when)
        b.send(MEMORY, [key, self.ts + slot, *new], when)
        b.send(RANGE, [TIMESTAMP_LOW_BITS, low], when)
        self._gap_highs.append(high)

    def finish(
        self,
        *,
        next_pc: Expression | None = None,
        rd: Expression | int = 0,
        rs1: Expression | int = 0,
        rs2: Expression | int = 0,
        immediate: Sequence[Expression | int] = (0, 0, 0),
    ) -> None:
        """Declare the state tokens, the program lookup and the checks of the gaps' high limbs.

        `next_pc` is the pc of the next step where that is not the program's `next`; `immediate` is
        (imm0, imm1, sign) as this table uses them.
        """
        b = self.builder
        b.receive(STATE, [self.pc, self.ts], self.active)
        b.send(STATE, [self.next if next_pc is None else next_pc, self.ts + TICKS_PER_STEP], self.active)
        b.send(PROGRAM, [self.pc, self.next, self.opcode, rd, rs1, rs2, *immediate], self.active)
        highs = [*self._gap_highs, lift(0), lift(0)]
        if self.log_size <= LARGEST_TUPLE_SIZE:
            for start in range(0, len(self._gap_highs), 3):
                b.send(TUPLE, highs[start : start + 3], self.active)
        else:
            for start in range(0, len(self._gap_highs), 2):
                b.send(BYTES, [ByteOperation.RANGE, *highs[start : start + 2], 0], self.active)


def register_key(index: Expression) -> Expression:
    """The word number of a register operand."""
    return index + REGISTER_KEY


def range_check(
    b: Builder, limbs: Sequence[Expression], when: Expression, bits: Expression | int = 16
) -> None:
    """Check that each of the limbs is below 2^bits."""
    for limb in limbs:
        b.send(RANGE, [bits, limb], when)
