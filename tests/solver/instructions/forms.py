"""All forms of a row with some flags known, so that its constraints are about linear polynomials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import z3

from tests.solver.claim import RefutedError
from tests.solver.implication import shown
from tests.solver.instructions.choices import multiplicity
from tests.solver.instructions.lookups import shift_answers
from tests.solver.instructions.row import Row
from tests.solver.polynomial import Assignment, Polynomial, Reader
from zisk.stark.air import Air
from zisk.vm.tables.buses import SHIFT


def rows_of(air: Air, chosen: Assignment) -> Iterator[Row]:
    """The forms of a row in which every constraint is about linear polynomials.

    A lookup of a shift's amount is one of its table's rows. A column that a lookup bounds to 0 or 1 is one
    or the other, and so is one that makes a constraint of higher degree linear, where the other constraints
    say that it is 0 or 1.

    Raises:
        RefutedError: no column makes a constraint linear.
    """
    for answered in _with_shift(air, chosen):
        row = Row(air, answered)
        name = _splitting_column(row)
        if name is None:
            yield row
            continue
        for value in (0, 1):
            yield from rows_of(air, {**answered, name: value})


def _with_shift(air: Air, chosen: Assignment) -> Iterator[Assignment]:
    """The choice with a looked-up amount of a shift and what follows from it, for each answer that fits."""
    asked = [one for one in air.interactions if one.bus.name == SHIFT.name and multiplicity(air, one, chosen)]
    if not asked:
        yield chosen
        return
    read = Reader(air, chosen)
    for answer in shift_answers():
        learnt = dict(chosen)
        for element, value in zip(asked[0].message, answer, strict=True):
            polynomial = read(element)
            if polynomial.value is None:
                if (name := polynomial.sole_variable) is None:
                    raise RefutedError(f"the lookup of a shift's amount asks for {dict(polynomial.terms)}")
                learnt[name] = value
            elif polynomial.value != value:
                break
        else:
            yield learnt


def _splitting_column(row: Row) -> str | None:
    """A column that is 0 or 1: by its bound, or one that makes a constraint linear once it is known."""
    if not row.nonlinear:
        return None
    polynomial = Reader(row.air, row.chosen)(row.nonlinear[0])
    occurrences = Counter(name for one in polynomial.terms if len(one) > 1 for name in set(one))
    for name, _ in occurrences.most_common():
        try:
            value = row.value(Polynomial.variable(name))
            shown(row.facts, z3.ULT(value, 2), f"{name} is 0 or 1")
        except RefutedError:
            continue
        return name
    raise RefutedError(f"{dict(polynomial.terms)} = 0 is not linear, and no flag makes it so")
