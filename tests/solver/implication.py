"""Asking z3 whether facts imply a conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import z3

from tests.solver.claim import RefutedError, UndecidedError

TIMEOUT_MS = 60_000

Term = Any
"""A number, vector or statement of z3, whose own types do not tell these apart."""


def shown(facts: Sequence[Term], conclusion: Term, name: str) -> None:
    """Show that `facts` imply `conclusion`.

    Raises:
        RefutedError: they do not; the message has `name` and a counter-example.
        UndecidedError: z3 does not know.
    """
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT_MS)
    solver.add(*facts, z3.Not(conclusion))
    answer = solver.check()
    if answer == z3.sat:
        raise RefutedError(f"{name}: not where {counter_example(solver)}")
    if answer != z3.unsat:
        raise UndecidedError(f"{name}: {solver.reason_unknown()}")


def counter_example(solver: z3.Solver) -> str:
    """The values of a model that are not zero."""
    model = solver.model()
    values = ((str(name), model[name]) for name in model.decls() if name.arity() == 0)
    return ", ".join(f"{name} = {value}" for name, value in sorted(values) if str(value) != "0")
