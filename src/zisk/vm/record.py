"""What a segment's execution leaves for its tables: rows per family and the touched words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zisk.vm.operations import SHAPES, Family

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False, slots=True)
class FamilyRecord:
    """Rows of one family in order of execution, as arrays with one entry per row.

    `slot`: row of the program's arrays; `ts`: timestamp of the step, 1 + 4 * position in the segment.
    `a`, `b`: values of rs1 and rs2; `d`, `d_old`: new and old value of rd; `..._prev`: timestamp of the
    previous touch of that word in this segment, 0 if there was none.
    `m_old`, `m_new`: shape (rows, 2): the two words that a load or store touches (the second one 0 unless
    the family is MISALIGNED); loads leave them as they were. `m_prev`: shape (rows, 2).
    `address`: byte address of the access.
    Operands that no operation of the family has are None; those that a row does not use are 0.
    """

    slot: U32
    ts: U32
    a: U64 | None = None
    a_prev: U32 | None = None
    b: U64 | None = None
    b_prev: U32 | None = None
    d: U64 | None = None
    d_old: U64 | None = None
    d_prev: U32 | None = None
    address: U64 | None = None
    m_old: U64 | None = None
    m_new: U64 | None = None
    m_prev: U32 | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.slot)


@dataclass(frozen=True, eq=False, slots=True)
class Boundary:
    """Words that a segment touches, in order of first touch.

    `key`; `previous_segment`: last segment that touched the word, 0 if none; `initial` and `final` value;
    `last_ts`: timestamp of the last touch.
    """

    key: U32
    previous_segment: U32
    initial: U64
    final: U64
    last_ts: U32


@dataclass(frozen=True, eq=False, slots=True)
class SegmentRecord:
    """Rows of all families of a segment, and its boundary."""

    families: dict[Family, FamilyRecord]
    boundary: Boundary


_FIRST, _SECOND = ("a", "a_prev"), ("b", "b_prev")
_RESULT = ("d", "d_old", "d_prev")


def _operand_fields() -> dict[Family, tuple[str, ...]]:
    """Names of the operand fields that each family has."""
    table: dict[Family, tuple[str, ...]] = {}
    for family in Family:
        sources = (Family.LD, Family.SD) if family == Family.MISALIGNED else (family,)
        shapes = [shape for shape in SHAPES.values() if shape.family in sources]
        names: tuple[str, ...] = ()
        names += _FIRST if any(shape.reads_first for shape in shapes) else ()
        names += _SECOND if any(shape.reads_second for shape in shapes) else ()
        names += _RESULT if any(shape.writes for shape in shapes) else ()
        table[family] = names
    return table


OPERAND_FIELDS = _operand_fields()
"""Operand fields of `FamilyRecord` that are present, per family."""
