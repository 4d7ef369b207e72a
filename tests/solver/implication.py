"""Asking z3 whether facts imply a conclusion, and whether they are possible at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import z3

from tests.solver.claim import RefutedError, UndecidedError

EFFORT = 20_000_000
"""What z3 may spend on a question, in its own units, so that answers do not depend on the machine's load.

The dearest question of all claims takes less than 2 million.
"""

Term = Any
"""A number, vector or statement of z3, whose own types do not tell these apart."""


def shown(facts: Sequence[Term], conclusion: Term, name: str) -> None:
    """Show that `facts` imply `conclusion`.

    Facts that share no variable with it, directly or through others, are left out at first. What was shown
    from the same facts before is not asked again.

    Raises:
        RefutedError: they do not; the message has `name` and a counter-example.
        UndecidedError: z3 does not know.
    """
    relevant = _relevant(facts, conclusion)
    question = (frozenset(fact.get_id() for fact in relevant), conclusion.get_id())
    if question in _answered:
        return
    found = example([*relevant, z3.Not(conclusion)], name)
    if found is None:
        _answered[question] = (*relevant, conclusion)
        return
    if len(relevant) < len(facts):
        found = example([*facts, z3.Not(conclusion)], name)
    if found is not None:
        raise RefutedError(f"{name}: not where {_values(found)}")


def possible(facts: Sequence[Term], name: str) -> None:
    """Go on where something satisfies the facts, so that what follows from them is said of something.

    Raises:
        RefutedError: nothing does; the message has `name`.
        UndecidedError: z3 does not know.
    """
    if example(facts, name) is None:
        raise RefutedError(f"{name}: there is none")


def example(facts: Sequence[Term], name: str, logic: str | None = None) -> z3.ModelRef | None:
    """What satisfies the facts; None if nothing does.

    `logic`: z3's name for what the facts are about; it finds that out where it is not told.

    Raises:
        UndecidedError: z3 does not know; the message has `name`.
    """
    solver = z3.Solver() if logic is None else z3.SolverFor(logic)
    solver.set("rlimit", EFFORT)
    solver.add(*facts)
    answer = solver.check()
    if answer == z3.unknown:
        raise UndecidedError(f"{name}: {solver.reason_unknown()}")
    return solver.model() if answer == z3.sat else None


def _values(model: z3.ModelRef) -> str:
    """The values of a model that are not zero."""
    values = ((str(name), model[name]) for name in model.decls() if name.arity() == 0)
    return ", ".join(f"{name} = {value}" for name, value in sorted(values) if str(value) != "0")


_answered: dict[tuple[frozenset[int], int], tuple[Term, ...]] = {}
"""Questions that were answered; z3 numbers its terms, and the numbers are theirs while the terms are kept."""

_variables: dict[int, tuple[Term, frozenset[int]]] = {}
"""Of terms by their number: the term, kept for the same reason, and the numbers of its variables."""


def _relevant(facts: Sequence[Term], conclusion: Term) -> list[Term]:
    """The facts that share variables with the conclusion, or with others that do, in their order."""
    reached = set(_variables_of(conclusion))
    chosen = {place for place, fact in enumerate(facts) if not _variables_of(fact)}
    grown = True
    while grown:
        grown = False
        for place, fact in enumerate(facts):
            if place not in chosen and not reached.isdisjoint(_variables_of(fact)):
                chosen.add(place)
                reached |= _variables_of(fact)
                grown = True
    return [facts[place] for place in sorted(chosen)]


def _variables_of(term: Term) -> frozenset[int]:
    number = term.get_id()
    if number not in _variables:
        if z3.is_const(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found = frozenset([number])
        else:
            found = frozenset().union(*map(_variables_of, term.children()))
        _variables[number] = term, found
    return _variables[number][1]
