"""What the operations of a backend are given: plain data, with arrays where the backend keeps them.

Elements are uint32 in Montgomery form, those of K five in a row, unless it says canonical.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any
"""uint32 elements of F, where their backend keeps them.

Whoever holds one reads its `shape` and `nbytes`, and takes a view of another shape by `reshape`. What is in
it the backend alone reads.
"""


class ZeroDenominatorError(ZeroDivisionError):
    """A denominator is zero on some row.

    Attributes:
        place: in which of the given parts, counted from 0.
    """

    def __init__(self, place: int = 0) -> None:
        super().__init__(f"a denominator of part {place} is zero")
        self.place = place


@dataclass(frozen=True, slots=True)
class BoundTape:
    """A tape with the matrices and scalars of one table: what is the same for all rows.

    Attributes:
        code: int32[n, 4], the instructions of `zisk.stark.tape.Op`.
        base_registers, extension_registers: how many of each they use.
        outputs: rows of the result; an element of K takes five.
        matrices: preprocessed, main, stage 2 and selectors, uint32[columns, cosets, n] each, or [columns, n]
            on one coset; None for what the tape does not read, main apart.
        constants: uint32[at least 1].
        scalars: uint32[at least 1, 5].
    """

    code: np.ndarray
    base_registers: int
    extension_registers: int
    outputs: int
    matrices: tuple[Array | None, Array, Array | None, Array | None]
    constants: np.ndarray
    scalars: np.ndarray

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return self.matrices[1].shape[-1]


@dataclass(frozen=True, slots=True)
class Fractions:
    """The LogUp fractions of one table and scope.

    Attributes:
        tape: gives the denominator, in K, and the multiplicity of each, one after the other.
        count: how many there are, at least 1.
    """

    tape: BoundTape
    count: int

    @property
    def clusters(self) -> int:
        """Columns in K that they fill: two fractions share one, the last one or two share the running sum."""
        return (self.count + 1) // 2


@dataclass(frozen=True, slots=True)
class Rational:
    """The function whole + numerator(x) / norm(x) of points x of F, with values in K.

    Attributes:
        whole: uint32[5].
        numerator: uint32[5, 5], five coefficients in K, lowest first.
        norm: uint32[5], the coefficients in F of a monic polynomial of degree 5, lowest first, without the
            leading one.
    """

    whole: np.ndarray
    numerator: np.ndarray
    norm: np.ndarray


@dataclass(frozen=True, slots=True)
class Weights:
    """What the values of a polynomial are multiplied by to open it outside of its domain.

    The domain is offset * <w_n>, offset canonical. With x_i its points the value is the sum of
    weight(x_i) f(x_i), and at w_n times the point that of weight(x_(i-1)) f(x_i).
    """

    offset: int
    weight: Rational


@dataclass(frozen=True, slots=True)
class OpenedColumns:
    """Columns of one table that are opened at one point.

    Attributes:
        table: uint32[c, B, n]; coset 0 is read.
        columns: int64[s], places in the table.
        following: whether at w_n times the point.
    """

    table: Array
    columns: np.ndarray
    following: bool


@dataclass(frozen=True, slots=True)
class ScaledColumns:
    """Columns of one table and what they are multiplied by.

    Attributes:
        table: uint32[c, B, n].
        columns: int64[s], places in the table.
        factors: uint32[s, 5].
    """

    table: Array
    columns: np.ndarray
    factors: np.ndarray


@dataclass(frozen=True, slots=True)
class Combination:
    """A constant of K plus scaled columns.

    Attributes:
        constant: uint32[5].
        parts: the columns of tables, by their number of rows.
    """

    constant: np.ndarray
    parts: Mapping[int, Sequence[ScaledColumns]]
