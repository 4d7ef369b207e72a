"""One row of an instruction table, its flags known: what its constraints and lookups say, for z3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import z3

from tests.solver.claim import RefutedError, UndecidedError
from tests.solver.implication import Term, example, shown
from tests.solver.instructions.choices import multiplicity, variables_of
from tests.solver.instructions.equations import Unknowns
from tests.solver.instructions.lookups import Message, byte_operation, limits
from tests.solver.polynomial import Assignment, Polynomial, Reader
from zisk.stark.air import Air, Interaction
from zisk.stark.expression import Expression, Operation, lift
from zisk.vm.tables.buses import ByteOperation


class InfeasibleError(Exception):
    """No row has the flags that were chosen."""


class Row:
    """A row with some columns known.

    Attributes:
        messages: those that the row puts on a bus or takes, in the order of the table.
        unknowns: its other columns.
        nonlinear: the constraints that are left out of the facts, because they are no statements about linear
            polynomials.
    """

    def __init__(self, air: Air, chosen: Assignment) -> None:
        self.air, self.chosen = air, chosen
        self.unknowns = Unknowns()
        self._read = Reader(air, chosen)
        live = [one for one in air.interactions if multiplicity(air, one, chosen)]
        self._name_parts(live)
        self.messages = [Message(one.bus.name, one.sent, tuple(map(self._read, one.message))) for one in live]
        self.nonlinear = self._state_constraints()
        for message in self.messages:
            self._state_bytes(message)

    @property
    def facts(self) -> list[Term]:
        """What is known of the unknowns."""
        return self.unknowns.facts

    def value(self, polynomial: Polynomial) -> Term:
        """The canonical value of a linear polynomial, 64 bits."""
        return self.unknowns.canonical(polynomial)

    def shows(self, conclusions: Mapping[str, Term]) -> None:
        """Show that the facts imply conclusions, and take these for facts from then on.

        Raises:
            RefutedError: they do not.
            UndecidedError: the solver does not know.
        """
        open_ones = {name: z3.simplify(conclusion) for name, conclusion in conclusions.items()}
        open_ones = {name: conclusion for name, conclusion in open_ones.items() if not z3.is_true(conclusion)}
        if open_ones:
            shown(self.facts, z3.And(list(open_ones.values())), ", ".join(open_ones))
            self.facts.extend(open_ones.values())

    def shows_equal(self, left: Term, right: Term, name: str) -> None:
        """Show that two words are equal, from the lowest 16 bits upwards, or at once where that is too hard.

        Raises as `shows` does.
        """
        try:
            for low in range(0, left.size(), 16):
                parts = (z3.Extract(low + 15, low, word) for word in (left, right))
                self.shows({f"{name}, bits from {low}": next(parts) == next(parts)})
        except UndecidedError:
            self.shows({name: left == right})

    def sole_value(self, term: Term) -> int | None:
        """The value that a term has in every row with these flags, None if none is known.

        Raises:
            InfeasibleError: there is no such row.
        """
        term = z3.simplify(term)
        if isinstance(term, z3.BitVecNumRef):
            return term.as_long()
        try:
            found = self._example().eval(term, model_completion=True)
            assert isinstance(found, z3.BitVecNumRef)
            self.shows({"the value is the same in all rows": term == found})
        except (RefutedError, UndecidedError):
            return None
        return found.as_long()

    def is_possible(self) -> bool:
        """Whether there is a row with these flags; raises `UndecidedError` if the solver does not know."""
        try:
            self._example()
        except InfeasibleError:
            return False
        return True

    def _example(self) -> z3.ModelRef:
        found = example(self.facts, f"whether there is a row with {self.chosen}", "QF_BV")
        if found is None:
            raise InfeasibleError
        return found

    def _name_parts(self, live: list[Interaction]) -> None:
        """Read bounded expressions as unknowns of their own: what contains them has small coefficients then.

        They are the elements of lookups, and what constraints state to be 0 or 1, as carries are.
        """
        definitions: list[Polynomial] = []
        parts = [(flag, 2) for one in self.air.own_constraints if (flag := self._flag_in(one.expression))]
        for one in live:
            message = Message(one.bus.name, one.sent, tuple(map(Reader(self.air, self.chosen), one.message)))
            known = {id(polynomial): limit for polynomial, limit in limits(message)}
            parts += [
                (expression, known[id(polynomial)])
                for expression, polynomial in zip(one.message, message.elements, strict=True)
                if id(polynomial) in known
            ]
        for expression, limit in parts:
            polynomial = self._read(expression)
            if polynomial.sole_variable is not None or polynomial.value is not None:
                self.unknowns.below(polynomial, limit)
            elif polynomial.degree == 1:
                name = f"part {len(definitions)}"
                self.unknowns.tighten(name, limit)
                definitions.append(polynomial - Polynomial.variable(name))
                self._read.call(expression, name)
        for definition in definitions:
            self.unknowns.equate(definition)

    def _flag_in(self, expression: Expression) -> Expression | None:
        """The expression that a constraint states to be 0 or 1 on rows with these flags."""
        while expression.operation is Operation.MUL:
            left, right = expression.arguments
            if right.operation is Operation.SUB and right.arguments == (left, lift(1)):
                return left
            if Reader(self.air, self.chosen)(left).value in (0, None):
                return None
            expression = right
        return None

    def _state_constraints(self) -> list[Expression]:
        """Add what the constraints say to the facts, linear ones first; returns those that are left out."""
        rest: list[Expression] = []
        for constraint in self.air.own_constraints:
            polynomial = self._read(constraint.expression)
            if polynomial.degree <= 1:
                self.unknowns.equate(polynomial)
            else:
                rest.append(constraint.expression)
        self._uses = Counter(name for one in self._expressions() for name in variables_of(self.air, one))
        left_out = []
        for expression in rest:
            statement = self._is_zero(expression)
            if statement is None:
                left_out.append(expression)
            else:
                self.facts.append(statement)
        return left_out

    def _expressions(self) -> Iterator[Expression]:
        for constraint in self.air.own_constraints:
            yield constraint.expression
        for message in self.air.interactions:
            yield from (*message.message, message.multiplicity)

    def _is_zero(self, expression: Expression) -> Term | None:
        """That an expression is zero; None if that is no statement about linear polynomials."""
        polynomial = self._read(expression)
        if polynomial.degree <= 1:
            return self.unknowns.is_zero(polynomial)
        if expression.operation is Operation.MUL:
            factors = [self._is_zero(factor) for factor in expression.arguments]
            return None if None in factors else z3.Or(factors)
        return self._without_hints(polynomial)

    def _without_hints(self, polynomial: Polynomial) -> Term | None:
        """That hints exist: columns of no other use, each times a factor, that make up for the rest.

        They do where one of the factors is not zero, and otherwise the rest is.
        """
        factors: dict[str, Polynomial] = {}
        rest = Polynomial()
        for monomial, coefficient in polynomial.terms.items():
            hints = [name for name in monomial if self._uses[name] == 1]
            if len(monomial) == 2 and len(hints) == 1:
                (other,) = (name for name in monomial if name != hints[0])
                factor = factors.get(hints[0], Polynomial())
                factors[hints[0]] = factor + Polynomial({(other,): coefficient})
            else:
                rest = rest + Polynomial({monomial: coefficient})
        if not factors or rest.degree > 1:
            return None
        not_zero = [z3.Not(self.unknowns.is_zero(factor)) for factor in factors.values()]
        return z3.Or([*not_zero, self.unknowns.is_zero(rest)])

    def _state_bytes(self, message: Message) -> None:
        operation = byte_operation(message)
        if operation is None:
            return
        left, right, result = (self.value(element) for element in message.elements[1:])
        answers = {
            ByteOperation.RANGE: z3.BitVecVal(0, left.size()),
            ByteOperation.AND: left & right,
            ByteOperation.OR: left | right,
            ByteOperation.XOR: left ^ right,
        }
        self.facts.append(result == answers[ByteOperation(operation)])
