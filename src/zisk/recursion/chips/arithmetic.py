"""Arithmetic in K: one row states a * b + d + constant = c.

Any of the four wires may be the unknown, so the one form covers the others: a sum has b = 1, a difference
solves for d, a quotient solves for b, an inverse is a quotient with c = 1, an equality has b = 1 and d = 0.
An inverse is thus sound: a row with c = 1 and a = 0 does not hold. A quotient of 0 by 0 is anything; whoever
divides must know that a is not zero. Constants need no table: with a = b = d = z a row states
z * z + z + constant = c, and the first such row, with constant 0 and c = z, makes z the zero.

Columns: 20 main, 9 preprocessed, 2 of LogUp (four fractions). A padding row is zero throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zisk.field import quintic
from zisk.field.quintic import DEGREE
from zisk.recursion.buses import WIRE
from zisk.recursion.errors import WitnessError
from zisk.recursion.extension import equal, product, total
from zisk.recursion.memory import Memory, Wire
from zisk.recursion.wiring import Address, wire_slot
from zisk.stark.air import Air, Builder, build_air


@dataclass(frozen=True, slots=True)
class ArithmeticRow:
    """States a * b + d + constant = c; the constant is in F."""

    a: Wire
    b: Wire
    d: Wire
    c: Wire
    constant: int = 0

    def run(self, memory: Memory) -> None:
        """Solve for the unknown among c, d, b; check the equation when there is none.

        Raises:
            WitnessError: the equation does not hold, has no solution, or has too many unknowns.
        """
        known = memory.wires
        if self.a not in known or sum(one not in known for one in {self.b, self.d, self.c}) > 1:
            raise WitnessError(f"{self} has more than one unknown: record what determines them first")
        a, constant = known[self.a], quintic.from_base(self.constant)
        if self.b not in known:
            rest = quintic.sub(quintic.sub(known[self.c], known[self.d]), constant)
            if a == quintic.ZERO:
                raise WitnessError(f"{self} divides by zero")
            known[self.b] = quintic.mul(rest, quintic.inverse(a))
            return
        product_and_constant = quintic.add(quintic.mul(a, known[self.b]), constant)
        if self.d not in known:
            known[self.d] = quintic.sub(known[self.c], product_and_constant)
            return
        memory.settle(self.c, quintic.add(product_and_constant, known[self.d]))


def _define(b: Builder) -> None:
    left, right, addend, result = (b.columns(name, DEGREE) for name in ("a", "b", "d", "c"))
    for name, value in (("a", left), ("b", right), ("d", addend), ("c", result)):
        wire_slot(b, name, value)
    constant = b.preprocessed("constant")
    value = total(product(left, right), addend, [constant, 0, 0, 0, 0])
    for k, difference in enumerate(equal(value, result)):
        b.zero(f"a * b + d + constant = c, coefficient {k}", difference)


class ArithmeticChip:
    """The chip of `ArithmeticRow`."""

    air: Air = build_air("arithmetic", _define)
    row_type = ArithmeticRow
    spare_rows = 0

    def arrange(self, rows: Sequence[ArithmeticRow]) -> list[ArithmeticRow]:
        """Rows stand as recorded."""
        return list(rows)

    def addresses(self, row: ArithmeticRow) -> Sequence[Address]:
        """The wires a, b, d, c."""
        return [(WIRE, wire) for wire in (row.a, row.b, row.d, row.c)]

    def fixed(self, rows: Sequence[ArithmeticRow]) -> np.ndarray:
        """The constants."""
        return np.array([[row.constant for row in rows]], np.uint64)

    def fill(self, rows: Sequence[ArithmeticRow], height: int, memory: Memory) -> np.ndarray:
        """The values of the four wires."""
        columns = np.zeros((self.air.main_width, height), np.uint64)
        for number, row in enumerate(rows):
            values = (memory.wires[wire] for wire in (row.a, row.b, row.d, row.c))
            columns[:, number] = [coefficient for value in values for coefficient in value]
        return columns
