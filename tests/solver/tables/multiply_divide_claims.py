"""Multiplication and division: one row is the integer specification, for all operands.

A row states a product limb by limb. No equation of a limb can wrap modulo p, so each holds over the integers;
their sum with the weights of the limbs is one identity of whole words. What else the row says is linear and
goes to the solver, and so do the arguments on whole words: what a half of a product is, and that there is one
quotient with a remainder below the divisor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import z3

from tests.solver.claim import Claim, Method, alike
from tests.solver.implication import Term, example, shown
from tests.solver.instructions.lookups import LIMB_LIMIT
from tests.solver.instructions.row import Row
from tests.solver.polynomial import Monomial, Polynomial
from tests.solver.tables.messages import demand
from tests.solver.tables.multiply_divide_steps import LIMBS, Step, steps
from zisk.field.koalabear import P
from zisk.stark.air import Air
from zisk.vm.operations import Operation
from zisk.vm.tables.multiply_divide import multiply_divide

STATEMENTS = {
    Operation.MUL: "rd becomes rs1 * rs2 modulo 2^64",
    Operation.MULHU: "rd becomes rs1 * rs2 divided by 2^64, without rest",
    Operation.DIVU: "rd becomes rs1 divided by rs2, without rest; by zero 2^64 - 1",
    Operation.REMU: "rd becomes the rest of rs1 divided by rs2; by zero rs1",
}

STEP = "; rs1 and rs2 stay, each word has its slot, and the next pc is the program's, four ticks later"

LIMB_BITS = 16
WORD = 1 << 64

Integral = dict[Monomial, int]
"""A polynomial over the integers."""


def multiply_divide_claims() -> list[Claim]:
    """The claims of the table of products and divisions, besides those that every instruction table has."""
    claims: list[tuple[str, str, Method, Callable[[Air], None]]] = [
        (
            "limb equations",
            "each of the eight equations of a product's limbs is below p in absolute value, so it holds over"
            " the integers",
            Method.INTERVALS,
            _limb_equations,
        ),
        (
            "whole product",
            "those equations with their weights add up to factor * rs2 = low + 2^64 high, or to"
            " quotient * rs2 + remainder = rs1",
            Method.ALGEBRA,
            _whole_product,
        ),
    ]
    claims += [
        (operation.name.lower(), statement + STEP, Method.SOLVER, partial(_operation, operation))
        for operation, statement in STATEMENTS.items()
    ]
    return [
        Claim("muldiv", subject, statement, method, partial(multiply_divide, sizes[0]), show, sizes)
        for sizes in alike(multiply_divide)
        for subject, statement, method, show in claims
    ]


def _limb_equations(air: Air) -> None:
    for step in steps(air):
        demand(len(step.products) == 2 * LIMBS, f"{len(step.products)} equations have products")
        for place, polynomial in enumerate(step.products):
            least, greatest = _interval(step, _integral(polynomial))
            demand(least > -P and greatest < P, f"limb {place} of a product is from {least} to {greatest}")


def _interval(step: Step, terms: Integral) -> tuple[int, int]:
    """The least and the greatest value that bounds of the columns allow."""
    least = greatest = 0
    for monomial, coefficient in terms.items():
        most = coefficient
        for name in monomial:
            most *= step.limits.get(name, P) - 1
        least += most if not monomial else min(most, 0)
        greatest += most if not monomial else max(most, 0)
    return least, greatest


def _whole_product(air: Air) -> None:
    for step in steps(air):
        total: Integral = {}
        for place, polynomial in enumerate(step.products):
            _add(total, _integral(polynomial), 1 << LIMB_BITS * place)
        wanted: Integral = {}
        for left, factor in _word(step.factor).items():
            terms = {tuple(sorted(left + right)): value for right, value in _word(step.rs2).items()}
            _add(wanted, terms, factor)
        match step.operation:
            case Operation.MUL:
                _add(wanted, _word([*step.rd, *step.other]), -1)
            case Operation.MULHU:
                _add(wanted, _word([*step.other, *step.rd]), -1)
            case _:
                _add(wanted, _word(step.other), 1)
                _add(wanted, _word(step.rs1), -1)
        demand(total == wanted, f"the equations of limbs do not add up to {step.operation.name}")


def _integral(polynomial: Polynomial) -> Integral:
    """The polynomial with coefficients of least absolute value."""
    return {key: value - P if value > P // 2 else value for key, value in polynomial.terms.items()}


def _word(limbs: Sequence[Polynomial]) -> Integral:
    """The word that has these limbs."""
    total: Integral = {}
    for place, limb in enumerate(limbs):
        _add(total, _integral(limb), 1 << LIMB_BITS * place)
    return total


def _add(total: Integral, terms: Integral, factor: int) -> None:
    for monomial, value in terms.items():
        total[monomial] = total.get(monomial, 0) + factor * value
        if not total[monomial]:
            del total[monomial]


def _operation(operation: Operation, air: Air) -> None:
    rows = [step for step in steps(air) if step.operation == operation]
    demand(bool(rows), "no row has the opcode")
    shows_row = _shows_product if operation in (Operation.MUL, Operation.MULHU) else _shows_division
    possible_by_zero = {zero for step in rows for zero in shows_row(step, Row(air, step.chosen))}
    demand(possible_by_zero == {False, True}, "no row has rs2 = 0, or none has another rs2")
    if operation in (Operation.MUL, Operation.MULHU):
        _halves()
    else:
        _quotients()


def _shows_product(step: Step, row: Row) -> set[bool]:
    """What is linear in a row of a product: the other factor is rs1; returns as `_possible_by_zero`."""
    _shows_limbs(step, row)
    factor, rs1 = _word_of(row, step.factor), _word_of(row, step.rs1)
    shown(row.facts, factor == rs1, "the factor is rs1")
    return _possible_by_zero(row, _word_of(row, step.rs2))


def _shows_division(step: Step, row: Row) -> set[bool]:
    """What is linear in a row of a division: which of both rd is, and that one of the two cases is there.

    Returns as `_possible_by_zero`.
    """
    _shows_limbs(step, row)
    quotient, remainder = _word_of(row, step.factor), _word_of(row, step.other)
    divisor = _word_of(row, step.rs2)
    by_zero = z3.And(divisor == 0, quotient == WORD - 1)
    below = z3.ULT(remainder, divisor)
    shown(row.facts, z3.Or(by_zero, below), "a remainder below the divisor, or by zero")
    result = quotient if step.operation == Operation.DIVU else remainder
    rd = _word_of(row, step.rd)
    shown(row.facts, rd == result, "rd")
    return _possible_by_zero(row, divisor)


def _shows_limbs(step: Step, row: Row) -> None:
    limbs = [row.value(limb) for limb in (*step.rs1, *step.rs2, *step.rd, *step.factor, *step.other)]
    shown(row.facts, z3.And(*(z3.ULT(limb, LIMB_LIMIT) for limb in limbs)), "limbs have 16 bits")


def _word_of(row: Row, limbs: Sequence[Polynomial]) -> Term:
    """Limbs that have 16 bits as a word of the solver."""
    return z3.Concat(*(z3.Extract(LIMB_BITS - 1, 0, row.value(limb)) for limb in reversed(limbs)))


def _possible_by_zero(row: Row, rs2: Term) -> set[bool]:
    """Whether a row may have rs2 = 0, and whether it may have another: what was shown is of some row."""
    cases = {True: rs2 == 0, False: rs2 != 0}
    return {
        zero for zero, case in cases.items() if example([*row.facts, case], f"rs2 = 0 is {zero}") is not None
    }


def _halves() -> None:
    """A product that is low + 2^64 high has these halves."""
    factor, rs2, low, high = words = _integers("factor rs2 low high")
    product = factor * rs2
    facts = [*_are_words(words), product == low + WORD * high]
    shown(facts, z3.And(low == product % WORD, high == product / WORD), "halves of a product")


def _quotients() -> None:
    """A quotient with a remainder below the divisor is the only one; by zero the remainder is rs1."""
    quotient, rs2, remainder, rs1 = words = _integers("quotient rs2 remainder rs1")
    facts = [*_are_words(words), quotient * rs2 + remainder == rs1]
    divided = [*facts, remainder < rs2]
    shown(divided, quotient == rs1 / rs2, "the quotient")
    shown([*divided, quotient == rs1 / rs2], remainder == rs1 % rs2, "the remainder")
    shown([*facts, rs2 == 0], remainder == rs1, "the remainder by zero")


def _integers(names: str) -> list[Term]:
    return list(z3.Ints(names))


def _are_words(words: Sequence[Term]) -> list[Term]:
    return [fact for word in words for fact in (word >= 0, word < WORD)]
