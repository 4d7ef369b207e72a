"""Expressions as sums of products of linear forms, not multiplied out.

So the cube of a form of 200 columns is one term. A linear form has a constant term too. Two sums that are
written the same are the same polynomial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from tests.solver.polynomial import Assignment, Polynomial, variable_name
from zisk.field.koalabear import P, inverse
from zisk.stark.air import Air
from zisk.stark.expression import Expression, Operation

Factor = tuple[tuple[tuple[str, ...], int], ...]
"""A linear form that is not constant, its first coefficient 1: its terms in ascending order."""

Product = tuple[Factor, ...]
"""Two or more factors, ascending."""


@dataclass(frozen=True)
class Form:
    """A linear form plus products of such, each with a coefficient from 1 to p - 1.

    Integers may be added and multiplied with, so that a function of numbers can be run on forms.
    """

    linear: Polynomial = field(default_factory=Polynomial)
    products: Mapping[Product, int] = field(default_factory=dict)

    def __add__(self, other: Form | int) -> Form:
        other = as_form(other)
        products = dict(self.products)
        for product, coefficient in other.products.items():
            _add_to(products, product, coefficient)
        return Form(self.linear + other.linear, products)

    __radd__ = __add__

    def __sub__(self, other: Form) -> Form:
        return self + other * (P - 1)

    def __mul__(self, other: Form | int) -> Form:
        other = as_form(other)
        if not other.products and (factor := other.linear.value) is not None:
            return self._scaled(factor)
        left, right = self._terms(), other._terms()
        linear, products = Polynomial(), dict[Product, int]()
        for one, factors in left:
            for two, more in right:
                product, coefficient = tuple(sorted((*factors, *more))), one * two % P
                if len(product) > 1:
                    _add_to(products, product, coefficient)
                else:
                    linear = linear + _written(product).scaled(coefficient)
        return Form(linear, products)

    __rmul__ = __mul__

    def __mod__(self, modulus: int) -> Form:
        """The same: coefficients are reduced at any time."""
        assert modulus == P
        return self

    def at(self, values: Mapping[str, Polynomial]) -> Form:
        """The form with linear forms in the place of some variables."""
        result = Form(self.linear.replaced(values))
        for product, coefficient in self.products.items():
            if not any(_names_of(factor) & values.keys() for factor in product):
                result = result + Form(products={product: coefficient})
                continue
            term = as_form(coefficient)
            for factor in product:
                term = term * Form(_written((factor,)).replaced(values))
            result = result + term
        return result

    @cached_property
    def variables(self) -> frozenset[str]:
        """The variables in it."""
        factors = [factor for product in self.products for factor in product]
        return self.linear.variables.union(*map(_names_of, factors))

    @property
    def written(self) -> Polynomial:
        """The form multiplied out."""
        result = self.linear
        for product, coefficient in self.products.items():
            term = Polynomial.constant(coefficient)
            for factor in product:
                term = term * _written((factor,))
            result = result + term
        return result

    def _scaled(self, factor: int) -> Form:
        if not factor:
            return Form()
        products = {product: one * factor % P for product, one in self.products.items()}
        return Form(self.linear.scaled(factor), products)

    def _terms(self) -> list[tuple[int, Product]]:
        """Coefficients and factors whose products add up to the form."""
        terms = [(coefficient, product) for product, coefficient in self.products.items()]
        if self.linear.degree == 0:
            return [*terms, (self.linear.value or 0, ())]
        leading = self.linear.terms[min(one for one in self.linear.terms if one)]
        scaled = self.linear.scaled(inverse(leading))
        return [*terms, (leading, (tuple(sorted(scaled.terms.items())),))]


def as_form(value: Form | int) -> Form:
    """A constant as a form."""
    return value if isinstance(value, Form) else Form(Polynomial.constant(value))


def variable_form(name: str) -> Form:
    """A variable as a form."""
    return Form(Polynomial.variable(name))


class FormReader:
    """Turns expressions of one AIR into forms, and keeps them."""

    def __init__(self, air: Air) -> None:
        self._air = air
        self._forms: dict[Expression, Form] = {}
        self._known: dict[tuple[Expression, tuple[tuple[str, int], ...]], Form] = {}

    def __call__(self, expression: Expression) -> Form:
        """The form of an expression over the base field."""
        if expression not in self._forms:
            self._forms[expression] = self._read(expression)
        return self._forms[expression]

    def at(self, expression: Expression, known: Assignment) -> Form:
        """The form with some variables known."""
        form = self(expression)
        values = tuple((name, known[name]) for name in sorted(form.variables & known.keys()))
        if (expression, values) not in self._known:
            constants = {name: Polynomial.constant(value) for name, value in values}
            self._known[expression, values] = form.at(constants)
        return self._known[expression, values]

    def _read(self, expression: Expression) -> Form:
        match expression.operation:
            case Operation.CONSTANT:
                return as_form(expression.payload)
            case Operation.ADD:
                return self(expression.arguments[0]) + self(expression.arguments[1])
            case Operation.SUB:
                return self(expression.arguments[0]) - self(expression.arguments[1])
            case Operation.MUL:
                return self(expression.arguments[0]) * self(expression.arguments[1])
            case _:
                return variable_form(variable_name(self._air, expression))


def form_reader(air: Air) -> FormReader:
    """A reader that is kept: the same for an AIR and for what is left of it without some part."""
    return _kept(air.name, air.preprocessed_names, air.main_names, air.public_names)


@cache
def _kept(
    name: str, preprocessed: tuple[str, ...], main: tuple[str, ...], public: tuple[str, ...]
) -> FormReader:
    return FormReader(Air(name, preprocessed, main, public, (), ()))


def _add_to(products: dict[Product, int], product: Product, coefficient: int) -> None:
    value = (products.get(product, 0) + coefficient) % P
    if value:
        products[product] = value
    else:
        products.pop(product, None)


def _written(product: Product) -> Polynomial:
    """One factor, or the empty product."""
    return Polynomial(dict(product[0])) if product else Polynomial.constant(1)


@cache
def _names_of(factor: Factor) -> frozenset[str]:
    return frozenset(name for monomial, _ in factor for name in monomial)
