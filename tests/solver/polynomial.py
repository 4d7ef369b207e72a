"""Expressions of an AIR as polynomials over F, with some of the columns known.

Variables are named as on the pages in `docs/tables`: `limb[3]`, `limb[3]'` on the next row, `@index` for a
public value, `$first`, `$last` and `$transition` for the selectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from zisk.field.koalabear import P
from zisk.stark.air import Air
from zisk.stark.expression import Expression, Operation, Selector, Trace

Monomial = tuple[str, ...]
"""Variables in ascending order, one that occurs twice named twice; empty for the constant term."""

Assignment = Mapping[str, int]
"""Canonical values of some variables."""


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A polynomial over F: for each monomial its coefficient, from 1 to p - 1."""

    terms: Mapping[Monomial, int] = field(default_factory=dict)

    @staticmethod
    def constant(value: int) -> Polynomial:
        """Any integer, reduced."""
        return Polynomial({(): value % P} if value % P else {})

    @staticmethod
    def variable(name: str) -> Polynomial:
        """One variable."""
        return Polynomial({(name,): 1})

    def __add__(self, other: Polynomial) -> Polynomial:
        return self._combined(other, 1)

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self._combined(other, -1)

    def __mul__(self, other: Polynomial) -> Polynomial:
        if not self.terms or not other.terms:
            return Polynomial()
        result: dict[Monomial, int] = {}
        for left, factor in self.terms.items():
            for right, coefficient in other.terms.items():
                monomial = tuple(sorted(left + right)) if left and right else left or right
                result[monomial] = (result.get(monomial, 0) + factor * coefficient) % P
        return Polynomial({monomial: value for monomial, value in result.items() if value})

    def scaled(self, factor: int) -> Polynomial:
        """The polynomial times an integer."""
        return self * Polynomial.constant(factor)

    def at(self, assignment: Assignment) -> Polynomial:
        """The polynomial with some variables known."""
        result = Polynomial()
        for monomial, coefficient in self.terms.items():
            rest = tuple(name for name in monomial if name not in assignment)
            for name in monomial:
                coefficient = coefficient * assignment.get(name, 1) % P
            result = result + Polynomial({rest: coefficient} if coefficient else {})
        return result

    def replaced(self, values: Mapping[str, Polynomial]) -> Polynomial:
        """The polynomial with others in the place of some variables, of all at once."""
        total: dict[Monomial, int] = {}
        parts: dict[Monomial, dict[Monomial, int]] = {}
        for monomial, coefficient in self.terms.items():
            names = tuple(name for name in monomial if name in values)
            if names:
                rest = tuple(name for name in monomial if name not in values)
                parts.setdefault(names, {})[rest] = coefficient
            else:
                total[monomial] = coefficient
        products: dict[Monomial, Polynomial] = {(): Polynomial.constant(1)}
        for names, part in parts.items():
            for place, name in enumerate(names):
                if names[: place + 1] not in products:
                    products[names[: place + 1]] = products[names[:place]] * values[name]
            for monomial, coefficient in (products[names] * Polynomial(part)).terms.items():
                total[monomial] = (total.get(monomial, 0) + coefficient) % P
        return Polynomial({monomial: value for monomial, value in total.items() if value})

    @property
    def sole_variable(self) -> str | None:
        """The variable that it is, None if it is anything else."""
        if len(self.terms) != 1:
            return None
        ((monomial, coefficient),) = self.terms.items()
        return monomial[0] if coefficient == len(monomial) == 1 else None

    @property
    def value(self) -> int | None:
        """The constant that it is, None if it has variables."""
        if not self.terms:
            return 0
        return self.terms.get(()) if len(self.terms) == 1 else None

    @property
    def variables(self) -> frozenset[str]:
        """The variables in it."""
        return frozenset(name for monomial in self.terms for name in monomial)

    @property
    def degree(self) -> int:
        """The greatest number of variables in a monomial; 0 for a constant."""
        return max((len(monomial) for monomial in self.terms), default=0)

    def _combined(self, other: Polynomial, sign: int) -> Polynomial:
        if not other.terms:
            return self
        result = dict(self.terms)
        for monomial, coefficient in other.terms.items():
            value = (result.get(monomial, 0) + sign * coefficient) % P
            if value:
                result[monomial] = value
            else:
                result.pop(monomial, None)
        return Polynomial(result)


class Reader:
    """Turns expressions of one AIR into polynomials; each node once."""

    def __init__(self, air: Air, assignment: Assignment = MappingProxyType({})) -> None:
        """Read expressions of `air` with the variables in `assignment` known."""
        self._air, self._assignment = air, assignment
        self._known: dict[Expression, Polynomial] = {}

    def __call__(self, expression: Expression) -> Polynomial:
        """The polynomial of an expression over the base field."""
        if expression not in self._known:
            self._known[expression] = self._read(expression)
        return self._known[expression]

    def call(self, expression: Expression, name: str) -> None:
        """Read an expression as a variable from now on; nothing that contains it has been read yet."""
        self._known[expression] = Polynomial.variable(name)

    def _read(self, expression: Expression) -> Polynomial:
        match expression.operation:
            case Operation.CONSTANT:
                return Polynomial.constant(expression.payload)
            case Operation.ADD:
                return self(expression.arguments[0]) + self(expression.arguments[1])
            case Operation.SUB:
                return self(expression.arguments[0]) - self(expression.arguments[1])
            case Operation.MUL:
                left = self(expression.arguments[0])
                return left * self(expression.arguments[1]) if left.terms else left
            case _:
                name = variable_name(self._air, expression)
                if name in self._assignment:
                    return Polynomial.constant(self._assignment[name])
                return Polynomial.variable(name)


def variable_name(air: Air, leaf: Expression) -> str:
    """What a column, selector or public value is called."""
    match leaf.operation:
        case Operation.COLUMN:
            trace, index, following = leaf.payload
            names = air.preprocessed_names if trace is Trace.PREPROCESSED else air.main_names
            return names[index] + ("'" if following else "")
        case Operation.SELECTOR:
            return f"${Selector(leaf.payload).name.lower()}"
        case Operation.PUBLIC:
            return f"@{air.public_names[leaf.payload]}"
        case _:
            raise ValueError(f"{leaf.operation.name} is not a value of table {air.name}'s rows")
