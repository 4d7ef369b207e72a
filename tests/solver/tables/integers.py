"""Equations over F as statements on the solver's integers.

Every column is an integer from 0 to p - 1, and an equation in F says that a sum of integers is a multiple of
p. Integers rather than bit-vectors: where differences of keys may wrap, these take milliseconds and those
minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import z3

from tests.solver.implication import Term
from tests.solver.polynomial import Polynomial
from zisk.field.koalabear import P


@dataclass(slots=True)
class Integers:
    """The variables of one row or two, and the facts about them."""

    facts: list[Term] = field(default_factory=list)
    _canonical: dict[str, Term] = field(default_factory=dict)

    def is_zero(self, polynomial: Polynomial) -> Term:
        """That a linear polynomial is zero modulo p."""
        return self._sum(polynomial) == z3.FreshInt("multiple") * P

    def canonical(self, polynomial: Polynomial) -> Term:
        """The integer from 0 to p - 1 that a linear polynomial is modulo p."""
        if polynomial.value is not None:
            return z3.IntVal(polynomial.value)
        name = " + ".join(f"{value} {' '.join(names)}" for names, value in sorted(polynomial.terms.items()))
        if name not in self._canonical:
            self._canonical[name] = integer = z3.Int(name)
            self.facts += [integer >= 0, integer < P]
            if polynomial != Polynomial.variable(min(polynomial.variables)):
                self.facts.append(self._sum(polynomial) - integer == z3.FreshInt("multiple") * P)
        return self._canonical[name]

    def below(self, polynomial: Polynomial, limit: int) -> None:
        """Take for known that a linear polynomial's canonical value is below `limit`."""
        self.facts.append(self.canonical(polynomial) < limit)

    def _sum(self, polynomial: Polynomial) -> Term:
        total: Term = z3.IntVal(0)
        for monomial, value in polynomial.terms.items():
            factor = value - P if value > P // 2 else value
            variable = Polynomial({monomial: 1})
            total = total + (factor * self.canonical(variable) if monomial else factor)
        return total
