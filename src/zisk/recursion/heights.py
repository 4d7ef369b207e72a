"""Heights of tables as values: known when a verifier is written down, or chosen by flags.

Everything that a verifier derives from a height h is a function of h. Where h is one of several, flags choose
among its values: they are zero or one and their sum is one, so exactly one of them is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic

from zisk.recursion.algebra import Algebra, Value
from zisk.recursion.circuit import Circuit
from zisk.recursion.memory import Wire
from zisk.stark.kind import Kind


@dataclass(frozen=True)
class Height(Generic[Value]):
    """log2 of a table's height.

    Attributes:
        options: what it may be, ascending.
        flags: for each option whether it is it; none where there is one option.
    """

    options: tuple[int, ...]
    flags: tuple[Value, ...] = ()

    def number(self, algebra: Algebra[Value], function: Callable[[int], int]) -> Value:
        """An element of F that depends on the height."""
        if not self.flags:
            return algebra.constant(function(self.options[0]))
        return self.value(algebra, lambda option: algebra.constant(function(option)))

    def value(self, algebra: Algebra[Value], function: Callable[[int], Value]) -> Value:
        """A value that depends on the height."""
        if not self.flags:
            return function(self.options[0])
        total = algebra.constant(0)
        for option, flag in zip(self.options, self.flags, strict=True):
            total = algebra.multiply_add(flag, function(option), total)
        return total


def constant_heights(log_heights: Sequence[int]) -> list[Height]:
    """Heights that are known."""
    return [Height((log_height,)) for log_height in log_heights]


def hinted_heights(circuit: Circuit, kind: Kind) -> list[Height[Wire]]:
    """Heights of a kind's tables that the hints choose, each up to its table's maximum: a hint a flag."""
    return [_hinted_height(circuit, table.max_log_height) for table in kind.tables]


def height_hints(kind: Kind, log_heights: Sequence[int]) -> list[int]:
    """The hints that choose these heights."""
    return [
        int(option == log_height)
        for table, log_height in zip(kind.tables, log_heights, strict=True)
        if table.max_log_height
        for option in range(table.max_log_height + 1)
    ]


def _hinted_height(circuit: Circuit, maximum: int) -> Height[Wire]:
    options = tuple(range(maximum + 1))
    if not maximum:
        return Height(options)
    flags = tuple(circuit.hint_base() for _ in options)
    total = circuit.zero
    for flag in flags:
        circuit.assert_equal(circuit.multiply(flag, flag), flag)
        total = circuit.add(total, flag)
    circuit.assert_equal(total, circuit.one)
    return Height(options, flags)
