"""What rows of the permutation chip state of themselves and of the next, and what they must."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from tests.solver.chips.definitions import define
from tests.solver.chips.forms import Form, Product, form_reader, variable_form
from tests.solver.chips.permutation_rows import Pair, permuted, sponge_on_forms
from tests.solver.chips.reading import at_next, stripped
from tests.solver.claim import RefutedError
from tests.solver.polynomial import Assignment, Polynomial
from zisk.hash.poseidon2 import WIDTH
from zisk.stark.air import Air

X = [f"x[{k}]" for k in range(WIDTH)]
"""The input."""

NEXT = "next_"
"""How the fixed columns begin that speak of the next row."""


@cache
def cubes() -> list[Form]:
    """What must be zero for each cube."""
    return [
        variable_form(f"cube[{number}]") - form * form * form for number, form in enumerate(permuted()[1])
    ]


def sorted_products(form: Form) -> tuple[tuple[Product, int], ...]:
    """What a form is found by."""
    return tuple(sorted(form.products.items()))


def unlike(pairs: Iterable[Pair]) -> Iterable[Pair]:
    """Pairs of rows that differ in what the first states of the second or the second of itself."""
    seen: list[tuple[dict[str, int], dict[str, int]]] = []
    for here, there in pairs:
        following = {name: value for name, value in here.items() if name.startswith(NEXT)}
        own = {name: value for name, value in there.items() if not name.startswith(NEXT)}
        if (following, own) not in seen:
            seen.append((following, own))
            yield here, there


def row_statements(air: Air, known: Assignment | None = None, *, reads_next: bool) -> list[Form]:
    """What is zero on a row that is not the last; what is zero anyway is left out."""
    read = form_reader(air)
    stated = [stripped(one.expression) for one in air.own_constraints]
    found = [read.at(one, known or {}) for one in stated if one.reads_next == reads_next]
    return [one for one in found if one.products or one.linear.terms]


def own_statements(air: Air, known: Assignment) -> list[Polynomial]:
    """The linear statements of a row about itself."""
    return [one.linear for one in row_statements(air, known, reads_next=False) if not one.products]


def link_statements(air: Air, known: Assignment) -> list[Polynomial]:
    """The linear statements of a row about itself and the next."""
    return [one.linear for one in row_statements(air, known, reads_next=True) if not one.products]


def statements_of_next(air: Air, here: Assignment, there: Assignment) -> list[Polynomial]:
    """The linear statements that have columns of the second of two rows."""
    return [*link_statements(air, here), *map(at_next, own_statements(air, there))]


def show_inputs(
    statements: Iterable[Polynomial], given: Collection[str], expected: Mapping[str, Form]
) -> None:
    """Show that all places of an input are given or defined, and as expected.

    Raises:
        RefutedError: one is not.
    """
    definitions = define(statements, given)
    for name, form in expected.items():
        found = Polynomial.variable(name) if name in given else definitions.defined(name)
        if form.products or found != form.linear:
            raise RefutedError(f"{name} is not what the sponge permutes there")


def permuted_states(run: Callable[[], Any]) -> list[list[Form]]:
    """What a function of the sponge permutes, its permutation being that of a row."""
    states: list[list[Form]] = []

    def permute(state: Sequence[Form]) -> list[Form]:
        states.append(list(state))
        return permuted()[0]

    sponge_on_forms(run, permute)
    return states


def primed(state: Sequence[Form]) -> dict[str, Form]:
    """What the input of the next row is expected to be."""
    return {f"{name}'": form for name, form in zip(X, state, strict=True)}


def as_numbers(forms: Sequence[Form]) -> Any:
    """Forms where a function of numbers is run on them."""
    return forms


def as_number(form: Form) -> Any:
    """The same for one."""
    return form
