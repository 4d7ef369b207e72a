"""The buses on which the machine's tables speak; ids are part of the proof format."""

from enum import IntEnum

from zisk.stark.air import Bus
from zisk.stark.expression import Scope


class ByteOperation(IntEnum):
    """What the bytes bus computes of two bytes; the numbers are part of the proof format."""

    RANGE = 0
    """0: only that both are bytes."""
    AND = 1
    OR = 2
    XOR = 3


STATE = Bus("STATE", 1, 2)
"""(pc, ts): every step takes the token of the step before and leaves its own."""

PROGRAM = Bus("PROGRAM", 2, 9)
"""(pc, next, op, rd, rs1, rs2, imm0, imm1, sign): a lookup into the program's micro-operations."""

MEMORY = Bus("MEMORY", 3, 6)
"""(key, ts, value limbs): the last touch of a word, registers included."""

RANGE = Bus("RANGE", 4, 2)
"""(bits, x): x < 2^bits, for bits from 0 to 16."""

BYTES = Bus("BYTES", 5, 4)
"""(op, a, b, c): a and b are bytes, and c is op of them; `ByteOperation` lists the ops."""

TUPLE = Bus("TUPLE", 6, 3)
"""(h0, h1, h2): three high limbs of timestamp gaps, each below 2^(size - 14)."""

SHIFT = Bus("SHIFT", 7, 4)
"""(amount, quotient, right, left) for an amount 16 quotient + r below 64: right = 2^r, left = 2^(16 - r)."""

REGION = Bus("REGION", 8, 3)
"""(start, end, kind): a region of the memory map, keys from `start` to before `end` (edges segments)."""

STATE_EDGE = Bus("G_STATE", 16, 2, Scope.GLOBAL)
"""(index, pc): where a core segment starts and where it ends."""

MEMORY_EDGE = Bus("G_MEMORY", 17, 6, Scope.GLOBAL)
"""(key, segment, value limbs): a word as the segment left it; segment 0 is the initial value."""

EXIT = Bus("G_EXIT", 18, 4, Scope.GLOBAL)
"""The four limbs of a0 at the halt."""

OUTPUT = Bus("G_OUTPUT", 19, 3, Scope.GLOBAL)
"""(i, low limb, high limb) of public output word i."""

CHAIN = Bus("G_CHAIN", 20, 2, Scope.GLOBAL)
"""(j, last key): the edges segments in order of the words they hold."""
