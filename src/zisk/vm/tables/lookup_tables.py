"""The fixed tables that answer lookups: ranges, byte operations, timestamp triples and powers for shifts.

Their messages are preprocessed, so they are part of the key; the prover fills how often each is asked for.
A multiplicity that is wrong leaves its bus out of balance. Contents are canonical: uint32[columns, rows].
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.tables.buses import BYTES, RANGE, SHIFT, TUPLE, ByteOperation
from zisk.vm.tables.frame import LARGEST_TUPLE_SIZE, timestamp_high_bits
from zisk.vm.tables.trace import LIMB_BITS


def range_table() -> Air:
    """The AIR of 2^16 rows: row v answers (16, v) and (bits, v - 2^bits).

    2^bits is the power of two at or below v; row 0 answers (0, 0) as row 1 does. So for bits from 0 to 16
    every number below 2^bits is there.
    """

    def define(b: Builder) -> None:
        value, bits, rest = b.preprocessed("value"), b.preprocessed("bits"), b.preprocessed("rest")
        b.receive(RANGE, [LIMB_BITS, value], b.column("asked_16_bits"))
        b.receive(RANGE, [bits, rest], b.column("asked_fewer_bits"))

    return build_air("range", define)


def range_content() -> np.ndarray:
    """The preprocessed columns of the range table."""
    value = np.arange(1 << LIMB_BITS, dtype=np.uint32)
    bits = np.zeros_like(value)
    for exponent in range(1, LIMB_BITS):
        bits[1 << exponent :] = exponent
    rest = value - (np.uint32(1) << bits)
    rest[0] = 0
    return np.stack([value, bits, rest])


def bytes_table() -> Air:
    """The AIR of 2^16 rows: row 256 a + b answers the four byte operations of a and b.

    Or is a + b - and; exclusive or is a + b - 2 and.
    """

    def define(b: Builder) -> None:
        left, right, both = b.preprocessed("a"), b.preprocessed("b"), b.preprocessed("and")
        results = {
            ByteOperation.RANGE: 0,
            ByteOperation.AND: both,
            ByteOperation.OR: left + right - both,
            ByteOperation.XOR: left + right - both * 2,
        }
        for operation, result in results.items():
            b.receive(BYTES, [operation, left, right, result], b.column(f"asked_{operation.name.lower()}"))

    return build_air("bytes", define)


def bytes_content() -> np.ndarray:
    """The preprocessed columns of the byte table."""
    pair = np.arange(1 << 16, dtype=np.uint32)
    left, right = pair >> 8, pair & 0xFF
    return np.stack([left, right, left & right])


def tuple_table() -> Air:
    """The AIR of 2^(3 (size - 14)) rows: triples of numbers below 2^(size - 14), the first one fastest."""

    def define(b: Builder) -> None:
        message = [b.preprocessed(f"h{index}") for index in range(3)]
        b.receive(TUPLE, message, b.column("asked"))

    return build_air("tuple", define)


def tuple_log_height(log_size: int) -> int | None:
    """Logarithm of the triple table's rows; None where the size has no such table."""
    return 3 * timestamp_high_bits(log_size) if log_size <= LARGEST_TUPLE_SIZE else None


def tuple_content(log_size: int) -> np.ndarray:
    """The preprocessed columns of the triple table of a size that has one."""
    bits = timestamp_high_bits(log_size)
    row = np.arange(1 << (3 * bits), dtype=np.uint32)
    return np.stack([row >> (bits * index) & ((1 << bits) - 1) for index in range(3)])


def shift_table() -> Air:
    """The AIR of 64 rows: row s = 16 q + r answers (s, q, 2^r, 2^(16 - r))."""

    def define(b: Builder) -> None:
        message = [b.preprocessed(name) for name in ("amount", "quotient", "right", "left")]
        b.receive(SHIFT, message, b.column("asked"))

    return build_air("shift_powers", define)


def shift_content() -> np.ndarray:
    """The preprocessed columns of the table of shift amounts."""
    amount = np.arange(64, dtype=np.uint32)
    rest = amount % LIMB_BITS
    return np.stack([amount, amount // LIMB_BITS, 1 << rest, 1 << (LIMB_BITS - rest)]).astype(np.uint32)
