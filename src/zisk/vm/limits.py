"""How tall each table of a core segment may become, and so where segments are cut."""

from __future__ import annotations

from zisk.choices import LOG_SIZES
from zisk.vm.operations import Family

LARGEST_PROGRAM = 1 << max(LOG_SIZES)
"""Most micro-operations of a program: the rows of the largest size's program table."""

EDGES_LOG_SIZE = 16
"""Edges segments have one size, whatever the core's."""

REGIONS_LIMIT = 1 << EDGES_LOG_SIZE
"""Most regions that a program's memory map may have: the rows of their table."""

IMAGE_WORDS_LIMIT = 1 << 24
"""Most initial words of a program, those of the machine included: a key has room for 2^8 chunks of 2^16."""

TOUCH_RESERVE = 64
"""Words left free in the boundary table for registers and scratch words, of which there are 39."""

_BELOW_SIZE = {
    Family.ADDI: 0,
    Family.ADD: 0,
    Family.ADDW: 0,
    Family.LOGIC: 0,
    Family.NOP: 2,
    Family.JALR: 2,
    Family.MULDIV: 2,
    Family.MISALIGNED: 2,
    Family.SHIFT: 3,
}


def maximal_log_heights(log_size: int) -> dict[Family, int]:
    """Logarithm of the most rows that each family may have in a segment of 2^log_size steps."""
    heights = {family: log_size - _BELOW_SIZE.get(family, 1) for family in Family}
    heights[Family.HALT] = 0
    return heights


def touched_words_limit(log_size: int) -> int:
    """Most memory words that loads and stores of one segment may touch, counted with repetition."""
    return (1 << log_size) - TOUCH_RESERVE
