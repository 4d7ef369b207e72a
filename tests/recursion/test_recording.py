"""Stamping a body gives what recording it once for each instance gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from tests.recursion.laboratory import Trial, lay_out, prove_and_verify
from tests.recursion.test_hashing import CAP_LOG, LOG_LEAVES, WIDTH, committed, path
from zisk.field.koalabear import P, from_montgomery
from zisk.field.quintic import Element
from zisk.hash.tags import TAG_LEAF
from zisk.recursion.circuit import Circuit
from zisk.recursion.compiler import compile_circuit
from zisk.recursion.errors import CircuitError, WitnessError
from zisk.recursion.hashing import cap_of_digests, coefficients, hash_elements, hinted_elements, open_leaf
from zisk.recursion.memory import Block, Wire
from zisk.recursion.witness import execute

CHALLENGES: tuple[Element, Element] = ((3, 1, 4, 1, 5), (2, 7, 1, 8, 2))
Body = Callable[..., None]
Repeat = Callable[[Circuit, Sequence[Sequence[Wire]], Body], None]


def stamped(circuit: Circuit, inputs: Sequence[Sequence[Wire]], body: Body) -> None:
    circuit.repeat(inputs, body)


def looped(circuit: Circuit, inputs: Sequence[Sequence[Wire]], body: Body) -> None:
    for wires in inputs:
        body(*wires)


def queries(repeat: Repeat) -> tuple[Circuit, list[int], list[int]]:
    """Every sort of row, in a body that shares caps, challenges and constants: a query on a small tree."""
    tree = committed()
    cap = from_montgomery(tree.cap).T
    leaves = [0, 21, 63, 21]
    circuit = Circuit(publics=len(leaves))
    digests = np.array(hinted_elements(circuit, cap.size)).reshape(cap.shape)
    number = cap_of_digests(circuit, [[Wire(int(wire)) for wire in digest] for digest in digests])
    challenge, three = circuit.hint(), circuit.constant(3)
    circuit.constant(2)

    def follow(sample: Wire, other: Wire) -> None:
        index, point = circuit.low_bits(sample, LOG_LEAVES)
        (blocks,) = open_leaf(circuit, TAG_LEAF, [WIDTH], index, number, LOG_LEAVES, CAP_LOG)
        every, some = circuit.horner(blocks, WIDTH, (0, 17, 39), which=1)
        rest, place = circuit.split(index, 1)
        _, folded = circuit.fold(blocks, challenge, point, place)
        value = circuit.multiply_add(circuit.add(every, other), three, circuit.divide(some, folded))
        parts = coefficients(circuit, [value])
        digest = hash_elements(circuit, 5, [*parts, rest, *hinted_elements(circuit, 2)])
        local = cap_of_digests(circuit, [digest])
        assert circuit.cap_size(local) == 1
        circuit.invert(circuit.hint_base())
        low, _ = circuit.low_bits(digest[0], 6)
        circuit.multiply(circuit.subtract(low, sample), challenge)

    repeat(circuit, [(sample, sample) for sample in circuit.publics], follow)
    hints = [*cap.reshape(-1).tolist(), 3, 1, 4, 1, 5]
    for leaf in leaves:
        hints += [*path(tree, leaf), 8, 9, leaf + 1]
    return circuit, leaves, hints


@pytest.fixture(scope="module")
def trials() -> tuple[Trial, Trial]:
    first, second = (
        lay_out(circuit, publics, hints, CHALLENGES)
        for circuit, publics, hints in (queries(stamped), queries(looped))
    )
    return first, second


def check_same_program(ours: Circuit, theirs: Circuit) -> None:
    for name, one, other in zip(ours.program()._fields, ours.program(), theirs.program(), strict=True):
        assert np.array_equal(one, other), name


def test_programs_are_the_same() -> None:
    check_same_program(queries(stamped)[0], queries(looped)[0])


def test_tables_are_the_same(trials: tuple[Trial, Trial]) -> None:
    first, second = trials
    pairs = zip(first.compiled.preprocessed, second.compiled.preprocessed, strict=True)
    assert all(np.array_equal(*pair) for pair in pairs)
    assert all(np.array_equal(*pair) for pair in zip(first.columns, second.columns, strict=True))


def test_a_stamped_circuit_is_proved_and_verified(trials: tuple[Trial, Trial]) -> None:
    trial = trials[0]
    assert prove_and_verify(trial) == [0, 21, 63, 21]
    for place in range(4):
        lie = [*trial.publics]
        lie[10 + place] ^= 1
        assert trial.violations(publics=lie)


@pytest.mark.parametrize("place", range(4))
def test_every_instance_is_refused_alike(place: int) -> None:
    said = []
    for repeat in (stamped, looped):
        circuit, publics, hints = queries(repeat)
        publics[place] ^= 2
        with pytest.raises(WitnessError, match="does not lead to") as caught:
            execute(circuit, publics, hints, CHALLENGES)
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_constants_and_the_basis_first_met_in_a_body_are_made_once() -> None:
    circuit = Circuit(publics=3)
    results = [circuit.hint() for _ in circuit.publics]

    def body(value: Wire, result: Wire) -> None:
        scaled = circuit.multiply(value, circuit.constant(1234))
        circuit.assert_equal(circuit.multiply(scaled, circuit.basis()[1]), result)

    circuit.repeat(list(zip(circuit.publics, results, strict=True)), body)
    assert len(circuit.program().arithmetic) == 2 + 1 + 3 * 3
    assert len(circuit.program().elements) == 1 + 2
    hints = [coefficient for value in (5, 6, 7) for coefficient in (0, 1234 * value, 0, 0, 0)]
    trial = lay_out(circuit, [5, 6, 7], hints)
    assert prove_and_verify(trial) == [5, 6, 7]
    assert circuit.constant(1234) == circuit.constant(1234 + P)
    with pytest.raises(WitnessError, match="would have to be"):
        execute(circuit, [5, 6, 8], hints)


def nested(repeat: Repeat) -> Circuit:
    """Powers of public values, in a body that repeats a body: the inner one uses what the outer one made."""
    circuit = Circuit(publics=2)

    def outer(value: Wire) -> None:
        square = circuit.multiply(value, value)
        cube = circuit.multiply(square, value)

        def inner(factor: Wire, power: Wire) -> None:
            circuit.assert_equal(circuit.multiply(factor, value), power)
            hash_elements(circuit, 5, [value, power])

        repeat(circuit, [(value, square), (square, cube)], inner)
        circuit.add(cube, square)

    repeat(circuit, [(value,) for value in circuit.publics], outer)
    return circuit


def test_bodies_repeat_bodies() -> None:
    ours, theirs = (nested(repeat) for repeat in (stamped, looped))
    check_same_program(ours, theirs)
    lay_out(ours, [7, 11])


def test_a_body_is_called_once_and_not_for_nothing() -> None:
    circuit, calls = Circuit(), []
    circuit.repeat([(circuit.one,)] * 5, lambda wire: calls.append(circuit.add(wire, wire)))
    circuit.repeat([], lambda: calls.append(circuit.zero))
    assert len(calls) == 1
    assert len(circuit.program().arithmetic) == 2 + 5


def test_what_a_body_made_stays_inside() -> None:
    circuit, made = Circuit(), []
    circuit.repeat([(circuit.one,)] * 2, lambda wire: made.append(circuit.add(wire, wire)))
    circuit.add(made[0], circuit.one)
    with pytest.raises(CircuitError, match="arithmetic uses what a repeated body made"):
        compile_circuit(circuit, 10)


def test_what_a_body_made_is_not_used_in_another() -> None:
    circuit, made = Circuit(), []
    circuit.repeat([(circuit.one,)] * 2, lambda wire: made.append(circuit.add(wire, wire)))
    circuit.repeat([(circuit.one,)] * 2, lambda wire: made.append(circuit.add(wire, made[0])))
    with pytest.raises(CircuitError, match="arithmetic uses what a repeated body made"):
        execute(circuit, [])


def test_a_body_does_not_continue_a_chain_from_outside() -> None:
    circuit = Circuit()
    chain = circuit.chain()
    circuit.permutation(chain, start=(1, 0), block=circuit.block(), hinted=15)
    with pytest.raises(CircuitError, match="begin one inside"):
        circuit.repeat([()] * 2, lambda: circuit.permutation(chain, carried_from=0))


def test_instances_have_as_many_inputs_each() -> None:
    circuit = Circuit()
    with pytest.raises(CircuitError, match="different numbers of input wires"):
        circuit.repeat([(circuit.one,), ()], lambda wire: None)


def test_a_body_that_fails_records_nothing() -> None:
    circuit = Circuit()

    def body(wire: Wire) -> None:
        circuit.add(wire, wire)
        circuit.low_bits(wire, 25)

    with pytest.raises(CircuitError, match="1 to 24"):
        circuit.repeat([(circuit.one,)], body)
    assert len(circuit.program().arithmetic) == 2
    assert circuit.add(circuit.one, circuit.one) < 1 << 20


def test_addresses_of_another_circuit_are_refused() -> None:
    other, circuit = Circuit(publics=50), Circuit()
    circuit.add(other.publics[-1], circuit.one)
    with pytest.raises(CircuitError, match="arithmetic uses a wire that this circuit did not make"):
        execute(circuit, [])
    circuit = Circuit()
    circuit.elements(block=Block(0))
    with pytest.raises(CircuitError, match="elements uses a block that this circuit did not make"):
        execute(circuit, [])
