"""Cases of every computation family, and the cells of its table that cannot matter."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import product

from tests.vm.semantics import MASK
from zisk.vm.memory_map import ROM_BASE, ROM_SIZE
from zisk.vm.operations import MEMORY_FAMILIES, SHAPES, Family, Operation

from .harness import Case, Free

FAMILIES = tuple(family for family in Family if family not in MEMORY_FAMILIES)

SIGNS = (0x7FFF, 0x8000, 0x7FFF_FFFF, 0x8000_0000, (1 << 63) - 1, 1 << 63, 0x8000_7FFF_8000_7FFF)
CARRIES = (0xFFFF, 0x1_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0xFFFF_FFFF_0000_0000, MASK - 1, MASK)
WORDS = (0, 1, 2, *SIGNS, *CARRIES, 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210)
"""Operands at which carries, signs and limbs change."""

IMMEDIATES = (0, 1, 2, 93, 2047, MASK, MASK - 1, MASK - 2047)
"""Immediates of 12 bits, sign-extended."""

AMOUNTS = (0, 1, 7, 8, 15, 16, 17, 31)
LONG_AMOUNTS = (*AMOUNTS, 32, 33, 47, 48, 49, 62, 63)
UNUSED_AMOUNT_BITS = 0xFEDC_BA98_7654_FFC0
FULL_IMMEDIATES = (
    *IMMEDIATES,
    0xFFFF,
    0x1_0000,
    0x8000_0000,
    0xFFFF_FFFF,
    MASK - 0xFFFF_FFFF,
    0xFFFF_FFFF_8000_0000,
)


def operations(family: Family) -> tuple[Operation, ...]:
    """The micro-operations of a family."""
    return tuple(operation for operation, shape in SHAPES.items() if shape.family == family)


def immediates(operation: Operation) -> tuple[int, ...]:
    """Immediates that set-up may give to an operation."""
    if operation in (Operation.SLTI, Operation.SLTIU):
        return IMMEDIATES
    match SHAPES[operation].family:
        case Family.ADDI:
            return FULL_IMMEDIATES
        case Family.LOGICI:
            return (*IMMEDIATES, 0xFFFF_FFFF)
        case Family.ADDIW | Family.JALR:
            return IMMEDIATES
        case Family.SHIFTI:
            return LONG_AMOUNTS
        case Family.SHIFTIW:
            return AMOUNTS
    return (0,)


def second_operands(operation: Operation) -> tuple[int, ...]:
    """Values of rs2 worth trying."""
    if not SHAPES[operation].reads_second:
        return (0,)
    if SHAPES[operation].family == Family.SHIFT:
        return (*LONG_AMOUNTS, *(UNUSED_AMOUNT_BITS | amount for amount in LONG_AMOUNTS))
    return WORDS


def edge_cases(family: Family) -> list[Case]:
    """Every operation of a family on all combinations of its edge values."""
    if family == Family.JALR:
        return [case for immediate in IMMEDIATES for case in _jumps(immediate)]
    if family == Family.HALT:
        return [Case(Operation.HALT, 93, code) for code in WORDS]
    return [
        Case(operation, a, b, immediate)
        for operation in operations(family)
        for a, b, immediate in product(
            WORDS if SHAPES[operation].reads_first else (0,),
            second_operands(operation),
            immediates(operation),
        )
    ]


def some_cases(family: Family, count: int, seed: int) -> list[Case]:
    """A sample of the edge cases that has every operation."""
    cases = edge_cases(family)
    draw = random.Random(seed)
    each = max(1, count // len(operations(family)))
    by_operation = [[case for case in cases if case.operation == one] for one in operations(family)]
    return [case for group in by_operation for case in draw.sample(group, min(each, len(group)))]


def _jumps(immediate: int) -> list[Case]:
    """Jumps to the ends of the code region, to its pages' borders and to odd addresses."""
    offsets = (0, 1, 2, 0xFFFE, 0xFFFF, 0x1_0000, 0x1_0002, 0x123_4567, ROM_SIZE - 2, ROM_SIZE - 1)
    return [Case(Operation.JALR, (ROM_BASE + o - immediate) & MASK, 0, immediate) for o in offsets]


def _hint(index: int) -> Free:
    def difference(row: Mapping[str, int], place: int) -> int:
        return row[f"a[{place}]"] - row[f"b[{place}]"]

    def weighs_nothing_else(row: Mapping[str, int]) -> bool:
        neighbours = [difference(row, index + 1)] if index < 3 else []
        return difference(row, index) in (0, *neighbours)

    return Free(
        f"hint[{index}]",
        "it weighs a zero, or as much as the one it changed places with",
        weighs_nothing_else,
    )


def _of_32_bits(row: Mapping[str, int]) -> bool:
    return any(row[f"{side}_word[{q}]"] for side in ("left", "right") for q in (0, 1))


_NO_ACCESS = "the row does not read this operand"
_UPPER_LIMB = "a 32-bit shift does not look at the upper limbs"
FREE: dict[Family, tuple[Free, ...]] = {
    Family.ADDI: (Free("a_gap", _NO_ACCESS, lambda row: row["is_li"] == 1),),
    Family.BEQ: (
        Free("b_gap", _NO_ACCESS, lambda row: row["is_register"] == 0),
        *(_hint(index) for index in range(4)),
    ),
    Family.SLT: (Free("b_gap", _NO_ACCESS, lambda row: row["is_immediate"] == 1),),
    Family.MULDIV: tuple(
        Free(f"carry[{place}]", "a division by zero has no distance", lambda row: row["is_by_zero"] == 1)
        for place in range(3, 7)
    ),
    Family.BLT: (Free("b_gap", _NO_ACCESS, lambda row: row["is_register"] == 0),),
    Family.SHIFT: tuple(
        Free(f"{part}[{index}]", _UPPER_LIMB, _of_32_bits)
        for part in ("leaving", "staying")
        for index in (2, 3)
    ),
}
"""Cells that cannot matter, by family."""
