"""Execution in the kernel is the slow twin's: all values, and the words in which inputs are refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recursion.chips.test_fold import CHALLENGE, LEAF, folding
from tests.recursion.slow_execution import slow_execute
from tests.recursion.test_hashing import opening_circuit
from zisk.field.koalabear import P
from zisk.field.quintic import Element
from zisk.kernels.cpu import circuit as circuit_kernel
from zisk.kernels.cpu import circuit_poseidon2
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.cpu.circuit import run_circuit
from zisk.kernels.cpu.circuit_poseidon2 import fill_cubes
from zisk.kernels.pool import Pool
from zisk.recursion.circuit import Circuit
from zisk.recursion.compiler import compile_circuit
from zisk.recursion.errors import WitnessError
from zisk.recursion.hashing import CircuitTranscript, coefficients, hinted_elements, hinted_extension
from zisk.recursion.memory import Wire
from zisk.recursion.witness import execute

CHALLENGES: tuple[Element, Element] = ((3, 1, 4, 1, 5), (2, 7, 1, 8, 2))

Result = TypeVar("Result")
Inputs = tuple[Circuit, Sequence[int], Sequence[int]]


def attempt(run: Callable[..., Result], *inputs: object) -> tuple[Result | None, str]:
    """What a run finds, or nothing and the words in which it refuses its inputs."""
    try:
        return run(*inputs, CHALLENGES), ""
    except WitnessError as error:
        return None, str(error)


def compare(circuit: Circuit, publics: Sequence[int], hints: Sequence[int]) -> str:
    """Execute both ways; returns the words of refusal, or nothing."""
    slow, said = attempt(slow_execute, circuit, publics, hints)
    memory, refused = attempt(execute, circuit, publics, hints)
    assert refused == said
    if slow is None or memory is None:
        return said
    values = memory.values
    known = np.flatnonzero(values.known).tolist()
    assert {wire: memory.value(Wire(wire)) for wire in known} == slow.wires
    blocks = [block for block, length in enumerate(values.lengths.tolist()) if length]
    assert blocks == sorted(block for block, elements in slow.blocks.items() if elements)
    assert [values.lengths[block] for block in blocks] == [len(slow.blocks[block]) for block in blocks]
    for name, array in slow.arrays().items():
        assert np.array_equal(getattr(values, name), array), name
    return ""


def arithmetic() -> Inputs:
    circuit = Circuit(publics=2)
    a, b = circuit.hint(), circuit.hint()
    quotient = circuit.divide(a, b)
    circuit.assert_equal(
        circuit.multiply_add(quotient, b, circuit.constant(77)), circuit.add(a, circuit.constant(77))
    )
    circuit.invert(circuit.subtract(circuit.publics[0], circuit.publics[1]))
    return circuit, [1234567, 5], range(1, 11)


def bits() -> Inputs:
    circuit = Circuit(publics=1)
    index, _ = circuit.low_bits(circuit.publics[0], 24)
    quotient, place = circuit.split(index, 3)
    circuit.assert_low_zeros(circuit.multiply(quotient, circuit.constant(1 << 10)), 10)
    circuit.elements(wires=[quotient, place])
    return circuit, [0x5A5A5A5], []


def transcript() -> Inputs:
    circuit = Circuit()
    one = CircuitTranscript(circuit, 3)
    for length in (18, 4):
        one.absorb(hinted_elements(circuit, length))
        for _ in range(16):
            one.sample()
    one.state_digest()
    coefficients(circuit, [one.sample_extension()])
    return circuit, [], range(22)


def sums() -> Inputs:
    circuit, blocks = Circuit(), []
    for _ in range(3):
        blocks.append(circuit.block())
        circuit.elements(wires=hinted_elements(circuit, 15), block=blocks[-1])
    circuit.horner(blocks, 37, (0, 3, 14, 15, 31, 36), which=1)
    circuit.horner(blocks[:1], 15)
    return circuit, [], range(1, 46)


def folds() -> Inputs:
    circuit, publics, _ = folding(11, 5)
    return circuit, publics, [*CHALLENGE, *LEAF]


def names() -> Inputs:
    """Elements known as wires, in K, as blocks in part and as a whole."""
    circuit = Circuit()
    values, wires = hinted_extension(circuit, 4)
    block = circuit.block()
    circuit.elements(wires=wires[:7], block=block)
    circuit.elements(groups=values[:1], block=block)
    whole = circuit.block()
    circuit.elements(groups=values[:3], block=whole)
    circuit.elements(wires=[circuit.wire() for _ in range(15)], block=whole)
    cap = circuit.cap(2)
    circuit.elements(wires=wires[:9], cap=cap, place=1)
    return circuit, [], range(100, 120)


CIRCUITS: dict[str, Callable[[], Inputs]] = {
    "arithmetic": arithmetic,
    "bits": bits,
    "transcript": transcript,
    "sums": sums,
    "folds": folds,
    "names": names,
    "path": lambda: opening_circuit(37),
}


@pytest.fixture(scope="module", params=list(CIRCUITS.values()), ids=list(CIRCUITS))
def inputs(request: pytest.FixtureRequest) -> Inputs:
    return request.param()


def test_true_inputs_give_the_values_of_the_slow_twin(inputs: Inputs) -> None:
    assert compare(*inputs) == ""


def test_changed_inputs_are_accepted_or_refused_alike(inputs: Inputs) -> None:
    circuit, publics, hints = inputs
    for place in range(len(publics)):
        for value in (0, P - 1, (publics[place] + 1) % P):
            compare(circuit, [*publics[:place], value, *publics[place + 1 :]], hints)
    for place in range(0, len(hints), 3):
        compare(circuit, publics, [*hints[:place], (hints[place] + 1) % P, *hints[place + 1 :]])


def test_hints_are_counted_and_canonical(inputs: Inputs) -> None:
    circuit, publics, hints = inputs
    assert "more hints were given than the circuit takes" in compare(circuit, publics, [*hints, 0])
    for place in range(0, len(hints), 7):
        assert "asks for more hints than were given" in compare(circuit, publics, hints[:place])
        for value in (P, -1, 1 << 40, 1 << 80):
            changed = [*hints[:place], value, *hints[place + 1 :]]
            assert f"hint {place} is not an element" in compare(circuit, publics, changed)


def unknown_wire(circuit: Circuit) -> None:
    circuit.low_bits(circuit.wire(), 3)


def outside_of_f(circuit: Circuit) -> None:
    circuit.low_bits(circuit.challenges[0], 3)


def two_unknowns(circuit: Circuit) -> None:
    circuit.add(circuit.wire(), circuit.one)


def unknown_block(circuit: Circuit) -> None:
    circuit.horner([circuit.block()], 15)


def block_in_part(circuit: Circuit) -> None:
    block = circuit.block()
    circuit.elements(wires=[circuit.one] * 14, block=block)
    circuit.permutation(circuit.chain(), start=(1, 14), block=block)


def other_block(circuit: Circuit) -> None:
    block = circuit.block()
    circuit.elements(wires=[circuit.one] * 15, block=block)
    circuit.permutation(circuit.chain(), start=(1, 15), block=block, output=block)


def unknown_elements(circuit: Circuit) -> None:
    circuit.elements(wires=[circuit.one, circuit.wire()])


def unknown_challenge(circuit: Circuit) -> None:
    leaf = [circuit.block() for _ in range(3)]
    for block in leaf:
        circuit.elements(wires=[circuit.one] * 15, block=block)
    circuit.fold(leaf, circuit.wire(), circuit.one, circuit.one)


REFUSALS: list[tuple[Callable[[Circuit], None], str]] = [
    (unknown_wire, "bits 0: wire 14 has no value yet"),
    (outside_of_f, "bits 0: wire 12 is used as an element of F and is (3, 1, 4, 1, 5)"),
    (two_unknowns, "arithmetic 2: it has more than one unknown"),
    (unknown_block, "horner 0: of block 0 0 elements are known"),
    (block_in_part, "permutation 0: of block 0 14 elements are known"),
    (other_block, "permutation 0: block 0 is (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1) and would have"),
    (unknown_elements, "elements 1: it has unknown elements"),
    (unknown_challenge, "fold 0: wire 14 has no value yet"),
]


@pytest.mark.parametrize(("build", "said"), REFUSALS, ids=[build.__name__ for build, _ in REFUSALS])
def test_refusals_name_the_row(build: Callable[[Circuit], None], said: str) -> None:
    circuit = Circuit()
    build(circuit)
    assert compare(circuit, [], []).startswith(said)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_random_arithmetic_is_executed_alike(data: st.DataObject) -> None:
    circuit = Circuit(publics=2)
    wires = [circuit.zero, circuit.one, *circuit.publics, circuit.hint(), circuit.hint_base()]
    operations = [
        circuit.add,
        circuit.subtract,
        circuit.multiply,
        circuit.divide,
        circuit.multiply_add,
        circuit.assert_equal,
    ]
    for _ in range(data.draw(st.integers(1, 12))):
        operation = data.draw(st.sampled_from(operations))
        chosen = st.sampled_from(wires)
        count = 3 if operation == circuit.multiply_add else 2
        result = operation(*(data.draw(chosen) for _ in range(count)))
        wires += [] if result is None else [result]
    numbers = st.integers(0, P - 1) | st.sampled_from([0, 1, P - 1])
    publics, hints = (data.draw(st.lists(numbers, min_size=size, max_size=size)) for size in (2, 6))
    compare(circuit, publics, hints)


@pytest.mark.parametrize("kind", [np.int64, np.uint32, np.uint64])
def test_inputs_may_be_arrays(kind: type) -> None:
    circuit, publics, hints = opening_circuit(21)
    memory = execute(circuit, np.array(publics, kind), np.array(hints, kind))
    expected = execute(circuit, publics, hints)
    assert all(np.array_equal(*pair) for pair in zip(memory.values, expected.values, strict=True))


@pytest.mark.parametrize("value", [-1, P, 1 << 70])
def test_public_values_are_canonical(value: int) -> None:
    circuit = Circuit(publics=1)
    circuit.elements(wires=circuit.publics)
    with pytest.raises(WitnessError, match="a public value is not an element"):
        execute(circuit, [value])


def test_warm_kernels_compile_nothing_more() -> None:
    kernels: list[Any] = [run_circuit, fill_cubes]
    for module in (circuit_kernel, circuit_poseidon2):
        module.warm()
    warm = [list(kernel.signatures) for kernel in kernels]
    circuit, publics, hints = opening_circuit(21)
    for backend in (CpuBackend(Pool(1)), CpuBackend(Pool(2))):
        compile_circuit(circuit, 12, [12] * 6).traces(
            execute(circuit, publics, np.array(hints, np.uint32)), backend
        )
    assert [list(kernel.signatures) for kernel in kernels] == warm
