"""Arithmetic in K: one row states a * b + d + constant = c.

Any of the four wires may be the unknown, so the one form covers the others: a sum has b = 1, a difference
solves for d, a quotient solves for b, an inverse is a quotient with c = 1, an equality has b = 1 and d = 0.
An inverse is thus sound: a row with c = 1 and a = 0 does not hold. A quotient of 0 by 0 is anything; whoever
divides must know that a is not zero. Constants need no table: with a = b = d = z a row states
z * z + z + constant = c, and the first such row, with constant 0 and c = z, makes z the zero.

Columns: 20 main, 9 preprocessed, 2 of LogUp (four fractions). A padding row is zero throughout.
"""

from __future__ import annotations

import numpy as np

from zisk.field.quintic import DEGREE
from zisk.kernels.circuit_layout import ARITHMETIC, Arithmetic
from zisk.recursion.buses import WIRE
from zisk.recursion.extension import equal, product, total
from zisk.recursion.wiring import wire_slot
from zisk.stark.air import Air, Builder, build_air


def _define(b: Builder) -> None:
    left, right, addend, result = (b.columns(name, DEGREE) for name in ("a", "b", "d", "c"))
    for name, value in (("a", left), ("b", right), ("d", addend), ("c", result)):
        wire_slot(b, name, value)
    constant = b.preprocessed("constant")
    value = total(product(left, right), addend, [constant, 0, 0, 0, 0])
    for k, difference in enumerate(equal(value, result)):
        b.zero(f"a * b + d + constant = c, coefficient {k}", difference)


class ArithmeticChip:
    """The chip of `zisk.kernels.circuit_layout.Arithmetic`."""

    air: Air = build_air("arithmetic", _define)
    operation = ARITHMETIC
    slots = (WIRE,) * 4
    spare_rows = 0

    def arrange(self, records: np.ndarray) -> np.ndarray:
        """Rows stand as recorded."""
        return records

    def addresses(self, rows: np.ndarray) -> np.ndarray:
        """The wires a, b, d, c."""
        return rows[:, [Arithmetic.A, Arithmetic.B, Arithmetic.D, Arithmetic.C]].T

    def fixed(self, rows: np.ndarray) -> np.ndarray:
        """The constants."""
        return rows[:, [Arithmetic.CONSTANT]].T
