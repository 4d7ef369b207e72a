"""What the statements of a row leave no choice in: columns that they define from others, one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from tests.solver.claim import RefutedError
from tests.solver.polynomial import Polynomial
from zisk.field.koalabear import P, inverse


@dataclass(frozen=True)
class Definitions:
    """Variables that have at most one value, given others.

    Attributes:
        values: each as a polynomial in given variables and earlier ones, in the order of being found.
        conditions: the statements about given and defined variables that define nothing.
        open: the statements that have other variables.
    """

    values: Mapping[str, Polynomial]
    conditions: tuple[Polynomial, ...]
    open: tuple[Polynomial, ...]

    def defined(self, name: str) -> Polynomial:
        """What a variable is.

        Raises:
            RefutedError: nothing defines it.
        """
        if name not in self.values:
            raise RefutedError(f"nothing fixes {name}")
        return self.values[name]

    def expanded(self, polynomial: Polynomial) -> Polynomial:
        """A polynomial with all defined variables replaced, down to given ones."""
        for name in reversed(tuple(self.values)):
            if name in polynomial.variables:
                polynomial = polynomial.replaced({name: self.values[name]})
        return polynomial


def define(statements: Iterable[Polynomial], given: Collection[str]) -> Definitions:
    """Find what polynomials that are zero define: a variable that one has with a constant factor, alone.

    One statement defines one variable, so whatever else is said of it is a condition.
    """
    known, values = set(given), dict[str, Polynomial]()
    conditions: list[Polynomial] = []
    waiting, before = [(one, one.variables - known) for one in statements], -1
    while len(waiting) != before:
        before, rest = len(waiting), []
        for one, variables in waiting:
            unknown = variables - known
            if not unknown:
                conditions.append(one)
            elif len(unknown) == 1 and (value := _solved(one, *unknown)) is not None:
                values[next(iter(unknown))] = value
                known |= unknown
            else:
                rest.append((one, unknown))
        waiting = rest
    return Definitions(values, tuple(conditions), tuple(one for one, _ in waiting))


def _solved(polynomial: Polynomial, name: str) -> Polynomial | None:
    """What a variable is where the polynomial is zero, if it has it with a constant factor."""
    rest = {monomial: value for monomial, value in polynomial.terms.items() if name not in monomial}
    factor = polynomial.terms.get((name,))
    if factor is None or len(rest) != len(polynomial.terms) - 1:
        return None
    return Polynomial(rest).scaled(P - inverse(factor))
