"""Formulas of tables: parsing and evaluation over K (docs/tables/index.md, "Notation")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.readable.field import K, P

TOKEN = re.compile(r"\s*(0x[0-9a-f]+|1/[0-9]+|[0-9]+|[@#$]?\w+(?:\[[0-9]+\])?'?|[-+*()])")


@dataclass
class Point:
    """Where formulas are evaluated: what each name stands for.

    Attributes:
        columns: columns of this row by name.
        following: columns of the next row by name.
        publics: public values by name.
        selectors: `first`, `last` and `transition`.
        shared: named expressions; filled in the order of their definitions.
    """

    columns: Mapping[str, K] = field(default_factory=dict)
    following: Mapping[str, K] = field(default_factory=dict)
    publics: Mapping[str, int] = field(default_factory=dict)
    selectors: Mapping[str, K] = field(default_factory=dict)
    shared: dict[str, K] = field(default_factory=dict)


Formula = Callable[[Point], K]


def parse(text: str) -> Formula:
    """A formula as a function of the point."""
    tokens = [*re.findall(TOKEN, text), ""]
    complete = "".join(tokens) == text.replace(" ", "")
    formula = _sum(tokens)
    if not complete or tokens != [""]:
        raise ValueError(f"{text!r} is not in the notation of docs/tables/index.md")
    return formula


def _sum(tokens: list[str]) -> Formula:
    """Parse "-"? product (("+" | "-") product)* from the front of the tokens."""
    terms: list[tuple[int, Formula]] = []
    sign = tokens.pop(0) if tokens[0] == "-" else "+"
    while sign in ("+", "-"):
        terms.append((1 if sign == "+" else -1, _product(tokens)))
        sign = tokens.pop(0) if tokens[0] in ("+", "-") else ""
    return lambda point: sum((term(point) * sign for sign, term in terms), K.of(0))


def _product(tokens: list[str]) -> Formula:
    """Parse atom ("*" atom)* from the front of the tokens."""
    factors = [_atom(tokens)]
    while tokens[0] == "*":
        tokens.pop(0)
        factors.append(_atom(tokens))

    def evaluate(point: Point) -> K:
        result = factors[0](point)
        for factor in factors[1:]:
            result = result * factor(point)
        return result

    return evaluate


def _atom(tokens: list[str]) -> Formula:
    """Parse a number, a name with its sign, or a sum in parentheses."""
    token = tokens.pop(0)
    name = token.strip("@#$'")
    if token == "(":
        inner = _sum(tokens)
        if tokens.pop(0) != ")":
            raise ValueError("a parenthesis in a formula is not closed: this is not in the notation")
        return inner
    if token[:1].isdigit():
        value = K.of(_number(token))
        return lambda _: value
    if token.startswith("@"):
        return lambda point: K.of(point.publics[name])
    if token.startswith("#"):
        return lambda point: point.shared[name]
    if token.startswith("$"):
        return lambda point: point.selectors[name]
    if token.endswith("'"):
        return lambda point: point.following[name]
    if not re.match(r"\w", token):
        raise ValueError(f"{token!r} where an operand should be is not in the notation")
    return lambda point: point.columns[name]


def _number(token: str) -> int:
    numerator, _, denominator = token.partition("/")
    return int(numerator, 0) * pow(int(denominator or "1"), -1, P)


def split(text: str) -> Sequence[str]:
    """The parts of a list of formulas: commas separate, since no formula has one."""
    return [part.strip() for part in text.split(",")]
