"""Equations over F as statements on integers that bit-vectors hold.

A sum of small multiples of bounded integers is zero modulo p where it is k p for one of few k. Which k can
be is known from the bounds; the vectors are wide enough that no sum wraps. Variables without a bound are
solved for where an equation has one, so that few are left.
"""

from __future__ import annotations

from collections.abc import Mapping

import z3

from tests.solver.implication import Term
from tests.solver.polynomial import Monomial, Polynomial
from zisk.field.koalabear import P, inverse

WORD = 64
"""Bits of a vector that holds a canonical value."""

MOST_CASES = 8
"""Where k can be more, it is a vector of its own."""


class Unknowns:
    """The variables of one row: integers from 0 to below a limit, p where there is no other.

    Bounds are set first, then linear equations are stated, then anything may be asked for.

    Attributes:
        facts: what is known of them.
    """

    def __init__(self) -> None:
        self.facts: list[Term] = []
        self._limits: dict[str, int] = {}
        self._solved: dict[str, Polynomial] = {}
        self._vectors: dict[str, Term] = {}
        self._canonical: dict[frozenset[tuple[Monomial, int]], Term] = {}

    def limit(self, name: str) -> int:
        """What a variable is below."""
        return self._limits.get(name, P)

    def tighten(self, name: str, limit: int) -> None:
        """Bound a variable."""
        self._limits[name] = min(self.limit(name), limit)

    def equate(self, polynomial: Polynomial) -> None:
        """Take for known that a linear polynomial is zero."""
        polynomial = self._resolved(polynomial)
        unused = polynomial.variables - self._vectors.keys()
        free = sorted(name for name in unused if self.limit(name) == P)
        if not free:
            statement = self.is_zero(polynomial)
            if not z3.is_true(statement):
                self.facts.append(statement)
            return
        coefficient = polynomial.terms[free[0],]
        rest = polynomial - Polynomial({(free[0],): coefficient})
        self._solved[free[0]] = rest.scaled(-inverse(coefficient))

    def below(self, polynomial: Polynomial, limit: int) -> None:
        """Take for known that a linear polynomial's canonical value is below `limit`."""
        if polynomial.value is not None:
            if polynomial.value >= limit:
                self.facts.append(z3.BoolVal(False))
        elif (name := polynomial.sole_variable) is not None and name not in self._vectors:
            self.tighten(name, limit)
        else:
            name = f"bounded {len(self._limits)}"
            self.tighten(name, limit)
            self.equate(polynomial - Polynomial.variable(name))

    def is_zero(self, polynomial: Polynomial) -> Term:
        """That a linear polynomial is zero modulo p."""
        polynomial = self._resolved(polynomial)
        if polynomial.value is not None:
            return z3.BoolVal(polynomial.value == 0)
        terms = self._smallest(polynomial)
        least, greatest = self._interval(terms)
        width = max(abs(least), abs(greatest)).bit_length() + 2
        total = self._sum(terms, width)
        cases = range(-(-least // P), greatest // P + 1)
        if len(cases) <= MOST_CASES:
            return z3.Or([total == case * P for case in cases])
        multiple = z3.BitVec(f"multiple {len(self.facts)}", width)
        self.facts.append(z3.And(multiple >= cases[0], multiple <= cases[-1]))
        return total == multiple * P

    def canonical(self, polynomial: Polynomial) -> Term:
        """The canonical value of a linear polynomial, as a vector of 64 bits."""
        polynomial = self._resolved(polynomial)
        terms = _centred(polynomial.terms)
        least, greatest = self._interval(terms)
        if least >= 0 and greatest < P:
            return self._sum(terms, WORD)
        key = frozenset(polynomial.terms.items())
        if key not in self._canonical:
            name = f"value {len(self._canonical)}"
            self._canonical[key] = z3.ZeroExt(WORD - self._vector(name).size(), self._vector(name))
            self.facts.append(self.is_zero(polynomial - Polynomial.variable(name)))
        return self._canonical[key]

    def _resolved(self, polynomial: Polynomial) -> Polynomial:
        """The polynomial without the variables that were solved for."""
        while solved := polynomial.variables & self._solved.keys():
            polynomial = polynomial.replaced({name: self._solved[name] for name in solved})
        return polynomial

    def _vector(self, name: str) -> Term:
        """A variable as a vector of as many bits as its bound needs."""
        if name not in self._vectors:
            limit = self.limit(name)
            self._vectors[name] = vector = z3.BitVec(name, max((limit - 1).bit_length(), 1))
            if limit != 1 << vector.size():
                self.facts.append(z3.ULT(vector, limit))
        return self._vectors[name]

    def _smallest(self, polynomial: Polynomial) -> Mapping[Monomial, int]:
        """The polynomial times what makes the interval of its values smallest; coefficients around zero."""
        factors = {1, *(pow(2, k, P) for k in range(1, 31)), *map(inverse, polynomial.terms.values())}
        return min((_centred(polynomial.scaled(one).terms) for one in sorted(factors)), key=self._spread)

    def _spread(self, terms: Mapping[Monomial, int]) -> int:
        least, greatest = self._interval(terms)
        return greatest - least

    def _interval(self, terms: Mapping[Monomial, int]) -> tuple[int, int]:
        """The least and the greatest value of a sum, over the integers."""
        least = greatest = 0
        for monomial, coefficient in terms.items():
            most = coefficient * (self.limit(monomial[0]) - 1) if monomial else coefficient
            least += min(most, 0) if monomial else most
            greatest += max(most, 0) if monomial else most
        return least, greatest

    def _sum(self, terms: Mapping[Monomial, int], width: int) -> Term:
        total = z3.BitVecVal(terms.get((), 0), width)
        for monomial, coefficient in terms.items():
            if monomial:
                vector = self._vector(monomial[0])
                total = total + z3.ZeroExt(width - vector.size(), vector) * coefficient
        return total


def _centred(terms: Mapping[Monomial, int]) -> dict[Monomial, int]:
    return {monomial: value - P if value > P // 2 else value for monomial, value in terms.items()}
