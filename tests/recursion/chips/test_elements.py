"""The elements chip: one row under all its names, and digests of caps. Row 0 holds the challenges."""

import pytest

from tests.recursion.laboratory import lay_out, surviving_cells
from zisk.recursion.circuit import Circuit
from zisk.recursion.compiler import compile_circuit
from zisk.recursion.errors import CircuitError, WitnessError
from zisk.recursion.witness import execute


def test_names_agree_and_every_named_element_matters() -> None:
    circuit = Circuit()
    values = [circuit.hint() for _ in range(3)]
    wires, block = [circuit.wire() for _ in range(15)], circuit.block()
    circuit.elements(wires=wires, groups=values)
    circuit.elements(wires=wires, block=block)
    copies = [circuit.wire() for _ in range(3)]
    circuit.elements(groups=copies, block=block)
    for value, copy in zip(values, copies, strict=True):
        circuit.assert_equal(value, copy)
    trial = lay_out(circuit, [], range(1, 16))
    memory = execute(circuit, [], range(1, 16))
    assert [memory.base(wire) for wire in wires] == list(range(1, 16))
    assert memory.value(copies[1]) == (6, 7, 8, 9, 10)
    assert surviving_cells(trial, "elements", range(1, 4)) == set()


def test_elements_beyond_the_names_are_free() -> None:
    circuit = Circuit(publics=2)
    circuit.elements(wires=circuit.publics)
    trial = lay_out(circuit, [8, 9])
    assert surviving_cells(trial, "elements", [1]) == {f"element[{k}]" for k in range(2, 15)}


def test_a_wire_outside_the_base_field_has_no_witness() -> None:
    circuit = Circuit()
    circuit.elements(wires=[circuit.hint()])
    with pytest.raises(WitnessError, match="used as an element of F"):
        execute(circuit, [], [0, 1, 0, 0, 0])


def test_unknown_elements_are_refused() -> None:
    circuit = Circuit()
    circuit.elements(wires=[circuit.wire()])
    with pytest.raises(WitnessError, match="unknown elements"):
        execute(circuit, [])


def test_one_place_of_a_cap_has_one_digest() -> None:
    circuit = Circuit()
    cap = circuit.cap(4)
    for _ in range(2):
        circuit.elements(wires=[circuit.zero] * 9, cap=cap, place=3)
    with pytest.raises(CircuitError, match="number the caps apart"):
        compile_circuit(circuit, 10)


def test_a_cap_has_no_more_digests_than_it_was_made_for() -> None:
    circuit = Circuit()
    cap = circuit.cap(4)
    for number, place in ((cap, 4), (cap, -1), (cap + 1, 0)):
        with pytest.raises(CircuitError, match="none at place"):
            circuit.elements(wires=[circuit.zero] * 9, cap=number, place=place)


@pytest.mark.parametrize(
    ("wires", "groups", "hinted"), [(16, 0, 0), (0, 4, 0), (3, 0, 2), (0, 2, 9), (1, 0, 16)]
)
def test_rows_with_too_many_names_or_too_few_hints_are_refused(wires: int, groups: int, hinted: int) -> None:
    circuit = Circuit()
    with pytest.raises(CircuitError, match="a row of 15 elements cannot have"):
        circuit.elements(wires=[circuit.zero] * wires, groups=[circuit.zero] * groups, hinted=hinted)
