"""A program over the arithmetic interface means the same over numbers and over a circuit."""

from __future__ import annotations

import random

from zisk.field import quintic
from zisk.field.koalabear import P
from zisk.field.quintic import Element
from zisk.recursion.algebra import Algebra, Numbers, Value, power_of_two, powers, weigh
from zisk.recursion.circuit import Circuit
from zisk.recursion.witness import execute


def program(algebra: Algebra[Value], inputs: list[Value]) -> list[Value]:
    a, b, c = inputs
    quotient = algebra.divide(algebra.subtract(a, b), c)
    folded = weigh(algebra, powers(algebra, b, 4), [a, quotient, c, algebra.constant(-5)])
    raised = power_of_two(algebra, algebra.multiply(a, c), 3)
    return [quotient, folded, raised, algebra.multiply_add(a, b, algebra.add(c, algebra.constant(1 << 40)))]


def test_numbers_and_circuits_agree() -> None:
    draw = random.Random(3)
    inputs: list[Element] = [quintic.element(draw.randrange(P) for _ in range(5)) for _ in range(3)]
    circuit = Circuit()
    results = program(circuit, [circuit.hint() for _ in inputs])
    memory = execute(circuit, [], [coefficient for value in inputs for coefficient in value])
    assert [memory.value(wire) for wire in results] == program(Numbers(), inputs)


def test_powers_and_sums_are_what_they_say() -> None:
    numbers, x = Numbers(), (1, 2, 3, 4, 5)
    assert powers(numbers, x, 4) == [quintic.power(x, k) for k in range(4)]
    assert powers(numbers, x, 1) == [quintic.ONE]
    assert power_of_two(numbers, x, 5) == quintic.power(x, 32)
    assert weigh(numbers, [x, quintic.ONE], [quintic.ONE, x]) == quintic.add(x, x)


def test_the_basis_and_splits_are_what_they_say() -> None:
    circuit = Circuit(publics=1)
    quotient, remainder = circuit.split(circuit.publics[0], 3)
    basis = circuit.basis()
    memory = execute(circuit, [1234])
    assert (memory.base(quotient), memory.base(remainder)) == (1234 // 8, 1234 % 8)
    assert [memory.value(wire) for wire in basis] == [
        tuple(int(k == place) for k in range(5)) for place in range(5)
    ]
    assert circuit.basis() is basis
