"""Expressions of AIRs at the opened values, over any algebra; a circuit records as few rows as it can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from zisk.field.quintic import DEGREE
from zisk.recursion.algebra import Algebra, Value
from zisk.stark.batching import Tree, batching_order
from zisk.stark.expression import Expression, Operation, Scope, Selector, Trace
from zisk.stark.kind import Kind

Given = TypeVar("Given", covariant=True)


class Opened(Protocol[Given]):
    """The openings of a proof."""

    @property
    def kind(self) -> Kind:
        """The kind of the proof."""
        ...

    @property
    def here(self) -> Sequence[Given]:
        """The values at zeta in batching order."""
        ...

    @property
    def following(self) -> Sequence[Given]:
        """The values at the next point."""
        ...

    @property
    def basis(self) -> Sequence[Given]:
        """X^0 to X^4."""
        ...


class OpenedRow(Generic[Value]):
    """The columns of one table at the opening points."""

    def __init__(self, algebra: Algebra[Value], opened: Opened[Value], table: int) -> None:
        self._algebra, self._opened, self._table = algebra, opened, table
        self._order = batching_order(opened.kind)

    def column(self, trace: Trace, index: int, following: bool) -> Value:
        """A column's value; one of LogUp is made of its five base columns."""
        source = self._opened.following if following else self._opened.here
        place_of = self._order.next_place if following else self._order.power
        if trace is not Trace.STAGE2:
            tree = Tree.MAIN if trace is Trace.MAIN else Tree.PREPROCESSED
            return source[place_of[tree, self._table, index]]
        places = [place_of[Tree.STAGE2, self._table, DEGREE * index + k] for k in range(DEGREE)]
        return recompose(self._algebra, self._opened.basis, [source[place] for place in places])


class Fingerprints(Generic[Value]):
    """Fingerprints of messages: what all messages share is computed once."""

    def __init__(self, algebra: Algebra[Value], buses: Mapping[Scope, tuple[Value, Value]]) -> None:
        self._algebra, self._buses = algebra, buses
        self._powers = {scope: [beta] for scope, (_, beta) in buses.items()}
        self._starts: dict[tuple[Scope, int], Value] = {}

    def value(self, scope: Scope, bus: int, message: Sequence[Value | None]) -> Value:
        """Alpha + bus + sum over j >= 1 of beta^j message_j; None stands for zero."""
        algebra, powers = self._algebra, self._powers[scope]
        if (scope, bus) not in self._starts:
            self._starts[scope, bus] = algebra.add(self._buses[scope][0], algebra.constant(bus))
        total = self._starts[scope, bus]
        for place, element in enumerate(message):
            if element is None:
                continue
            while len(powers) <= place:
                powers.append(algebra.multiply(powers[-1], powers[0]))
            total = algebra.multiply_add(powers[place], element, total)
        return total


class Evaluator(Generic[Value]):
    """Evaluates the expressions of one table: shared nodes once, a product that is only added in one step."""

    def __init__(
        self,
        algebra: Algebra[Value],
        row: OpenedRow[Value],
        fingerprints: Fingerprints[Value],
        selectors: Mapping[Selector, Value],
        sums: Mapping[Scope, Value],
        publics: Sequence[Value],
    ) -> None:
        self._algebra, self._row, self._fingerprints = algebra, row, fingerprints
        self._selectors, self._sums, self._publics = selectors, sums, publics
        self._known: dict[int, Value] = {}
        self._uses: Counter[int] = Counter()

    def values(self, roots: Sequence[Expression]) -> list[Value]:
        """The values of all expressions of the table."""
        self._uses = _uses(roots)
        return [self._value(root) for root in roots]

    def _value(self, root: Expression) -> Value:
        stack = [root]
        while stack:
            node = stack[-1]
            missing = [one for one in self._operands(node) if id(one) not in self._known]
            if id(node) not in self._known and missing:
                stack.extend(missing)
                continue
            stack.pop()
            if id(node) not in self._known:
                self._known[id(node)] = self._compute(node)
        return self._known[id(root)]

    def _fused(self, node: Expression) -> tuple[Expression, Expression] | None:
        """Of a sum the product that nothing else uses, and the other part."""
        if node.operation is not Operation.ADD:
            return None
        one, other = node.arguments
        for product, rest in ((one, other), (other, one)):
            if product.operation is Operation.MUL and self._uses[id(product)] == 1:
                return product, rest
        return None

    def _operands(self, node: Expression) -> Sequence[Expression]:
        """What is computed before a node; a message's zeros are not."""
        fused = self._fused(node)
        if fused is not None:
            return (*fused[0].arguments, fused[1])
        if node.operation is Operation.FINGERPRINT:
            return [one for one in node.arguments if not is_zero(one)]
        return node.arguments

    def _compute(self, node: Expression) -> Value:
        algebra, values = self._algebra, [self._known[id(one)] for one in self._operands(node)]
        match node.operation:
            case Operation.CONSTANT:
                return algebra.constant(node.payload)
            case Operation.COLUMN:
                return self._row.column(*node.payload)
            case Operation.SELECTOR:
                return self._selectors[node.payload]
            case Operation.PUBLIC:
                return self._publics[node.payload]
            case Operation.SCALAR:
                return self._sums[node.payload]
            case Operation.ADD:
                return algebra.multiply_add(*values) if len(values) == 3 else algebra.add(*values)
            case Operation.SUB:
                return algebra.subtract(*values)
            case Operation.MUL:
                return algebra.multiply(*values)
            case Operation.FINGERPRINT:
                scope, bus = node.payload
                message = [None if is_zero(one) else self._known[id(one)] for one in node.arguments]
                return self._fingerprints.value(scope, bus, message)


def recompose(algebra: Algebra[Value], basis: Sequence[Value], parts: Sequence[Value]) -> Value:
    """Sum of X^k parts[k]."""
    total = parts[0]
    for k in range(1, DEGREE):
        total = algebra.multiply_add(basis[k], parts[k], total)
    return total


def is_zero(node: Expression) -> bool:
    """Whether an expression is the constant zero."""
    return node.operation is Operation.CONSTANT and node.payload == 0


def _uses(roots: Sequence[Expression]) -> Counter[int]:
    """How often each node is an argument, or a root, of what the roots are made of."""
    uses: Counter[int] = Counter()
    stack = list(roots)
    while stack:
        node = stack.pop()
        uses[id(node)] += 1
        if uses[id(node)] == 1:
            stack.extend(node.arguments)
    return uses
