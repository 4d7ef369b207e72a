"""What claims read from a table takes no more for known than the table says."""

from __future__ import annotations

import pytest

from tests.solver.chips.reading import statements
from tests.solver.claim import RefutedError
from tests.solver.instructions.choices import choices, domains
from tests.solver.instructions.equations import Unknowns
from tests.solver.instructions.times import show_times
from tests.solver.polynomial import Polynomial
from tests.solver.tables.integers import Integers
from tests.solver.tables.rows import FIRST, LAST, TRANSITION, state_row, state_transition
from zisk.field.koalabear import P
from zisk.stark.air import Air, Builder, build_air

X, Y = Polynomial.variable("x"), Polynomial.variable("y")


def facts_of_row(air: Air, known: dict[str, int]) -> int:
    """How many facts a row of a table has."""
    row = Integers()
    state_row(row, air, known)
    return sum("multiple" in str(fact) for fact in row.facts)


def test_a_constraint_of_some_rows_is_none_of_every_row() -> None:
    def define(b: Builder) -> None:
        x = b.column("x")
        b.zero("not the first", (1 - b.first) * x)
        b.zero("the last", b.last * x)
        b.zero("every", x - 7)

    air = build_air("places", define)
    assert facts_of_row(air, {}) == 1
    assert facts_of_row(air, {FIRST: 0, LAST: 1, TRANSITION: 0}) == 3


def test_a_transition_may_start_at_the_first_row() -> None:
    def define(b: Builder) -> None:
        x = b.column("x")
        b.zero_on_transition("not from the first", (1 - b.first) * x.next)
        b.zero_on_transition("everywhere", x.next - x)

    rows = Integers()
    state_transition(rows, build_air("transitions", define), {})
    assert sum("multiple" in str(fact) for fact in rows.facts) == 1


def test_only_what_reads_the_next_row_loses_its_factor() -> None:
    def define(b: Builder) -> None:
        x, y = b.column("x"), b.column("y")
        b.zero_on_transition("of this row", x)
        b.zero_on_transition("of the next", y.next)

    found = statements(build_air("factors", define))
    assert found == [Polynomial.variable("$transition") * X, Polynomial.variable("y'")]


@pytest.mark.parametrize("constant", [1, 5])
def test_a_constraint_that_nothing_satisfies_refutes(constant: int) -> None:
    def define(b: Builder) -> None:
        x = b.flag("x")
        b.zero("never", x - x + constant)

    air = build_air("never", define)
    assert domains(air) == {"x": (0, 1)}
    for show in (choices, lambda air: show_times(air, [16])):
        with pytest.raises(RefutedError, match="never: no row of table never"):
            show(air)


def test_flags_that_no_choice_satisfies_refute() -> None:
    def define(b: Builder) -> None:
        x, y = b.flag("x"), b.flag("y")
        b.zero("one", x + y - 1)
        b.zero("both or none", x - y)

    with pytest.raises(RefutedError, match="no row of table flags"):
        choices(build_air("flags", define))


@pytest.mark.parametrize(
    ("polynomial", "name"),
    [
        (X, "x"),
        (X * X, None),
        (X * Y, None),
        (X + Y, None),
        (X.scaled(2), None),
        (Polynomial.constant(1), None),
    ],
)
def test_a_bound_of_a_square_is_none_of_its_root(polynomial: Polynomial, name: str | None) -> None:
    assert polynomial.sole_variable == name


def test_a_bound_of_a_variable_is_its_limit() -> None:
    unknowns = Unknowns()
    unknowns.below(X, 5)
    unknowns.below(X + Y, 3)
    assert [unknowns.limit(name) for name in "xy"] == [5, P]


def test_variables_are_replaced_at_once() -> None:
    polynomial = X * X * Y + X.scaled(3) + Polynomial.constant(1)
    swapped = polynomial.replaced({"x": Y, "y": X})
    assert swapped == Y * Y * X + Y.scaled(3) + Polynomial.constant(1)
    assert polynomial.replaced({"x": Polynomial()}) == Polynomial.constant(1)
    assert polynomial.replaced({}) == polynomial
