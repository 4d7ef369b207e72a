"""The arithmetic that verifiers are written over: numbers, or the wires of a circuit that records it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from zisk.field import quintic
from zisk.field.quintic import Element

Value = TypeVar("Value")


class Algebra(Protocol[Value]):
    """Arithmetic in K; `zisk.recursion.circuit.Circuit` is one over wires, `Numbers` one over elements."""

    def constant(self, value: int) -> Value:
        """An element of F."""
        ...

    def add(self, a: Value, b: Value) -> Value:
        """A + b."""
        ...

    def subtract(self, a: Value, b: Value) -> Value:
        """A - b."""
        ...

    def multiply(self, a: Value, b: Value) -> Value:
        """A * b."""
        ...

    def multiply_add(self, a: Value, b: Value, d: Value) -> Value:
        """A * b + d."""
        ...

    def divide(self, a: Value, b: Value) -> Value:
        """A / b, where b cannot be zero or a cannot; otherwise the result means nothing."""
        ...


class Numbers:
    """The algebra of elements of K."""

    def constant(self, value: int) -> Element:
        """An element of F."""
        return quintic.from_base(value)

    def add(self, a: Element, b: Element) -> Element:
        """A + b."""
        return quintic.add(a, b)

    def subtract(self, a: Element, b: Element) -> Element:
        """A - b."""
        return quintic.sub(a, b)

    def multiply(self, a: Element, b: Element) -> Element:
        """A * b."""
        return quintic.mul(a, b)

    def multiply_add(self, a: Element, b: Element, d: Element) -> Element:
        """A * b + d."""
        return quintic.add(quintic.mul(a, b), d)

    def divide(self, a: Element, b: Element) -> Element:
        """A / b; ZeroDivisionError if b is zero."""
        return quintic.mul(a, quintic.inverse(b))


def power_of_two(algebra: Algebra[Value], base: Value, exponent: int) -> Value:
    """Base^(2^exponent)."""
    for _ in range(exponent):
        base = algebra.multiply(base, base)
    return base


def powers(algebra: Algebra[Value], base: Value, count: int) -> list[Value]:
    """Base^0 to base^(count - 1)."""
    found = [algebra.constant(1), base][:count]
    while len(found) < count:
        found.append(algebra.multiply(found[-1], base))
    return found


def weigh(algebra: Algebra[Value], weights: Sequence[Value], values: Sequence[Value]) -> Value:
    """Sum of weights[i] * values[i] over the values."""
    total = algebra.constant(0)
    for weight, value in zip(weights, values, strict=False):
        total = algebra.multiply_add(weight, value, total)
    return total
