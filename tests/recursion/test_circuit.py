"""Small circuits over constants, public values and hints: proved, verified, refused when a value is wrong."""

import pytest

from tests.recursion.laboratory import lay_out, prove_and_verify
from zisk.field import quintic
from zisk.recursion.circuit import Circuit
from zisk.recursion.compiler import compile_circuit
from zisk.recursion.errors import CircuitError, WitnessError
from zisk.recursion.kind import circuit_kind
from zisk.recursion.witness import execute
from zisk.stark.errors import TraceError, VerificationError


def quintic_equation() -> Circuit:
    """x^5 + 3 x = y for the public values x and y."""
    circuit = Circuit(publics=2)
    x, y = circuit.publics
    square = circuit.multiply(x, x)
    fifth = circuit.multiply(circuit.multiply(square, square), x)
    circuit.assert_equal(circuit.multiply_add(circuit.constant(3), x, fifth), y)
    return circuit


def test_a_true_statement_is_proved_and_verified() -> None:
    trial = lay_out(quintic_equation(), [2, 38])
    assert prove_and_verify(trial) == [2, 38]


@pytest.mark.parametrize("publics", [(2, 39), (3, 38), (38, 2)])
def test_other_public_values_are_refused(publics: tuple[int, int]) -> None:
    trial = lay_out(quintic_equation(), [2, 38])
    assert trial.violations(publics=trial.claims(publics))
    with pytest.raises((TraceError, VerificationError)):
        prove_and_verify(trial, trial.claims(publics))


def test_a_false_statement_has_no_witness() -> None:
    with pytest.raises(WitnessError, match="would have to be"):
        execute(quintic_equation(), [2, 39])


def test_hints_are_elements_of_the_extension() -> None:
    circuit = Circuit(publics=1)
    a, b = circuit.hint(), circuit.hint()
    quotient = circuit.divide(a, b)
    difference = circuit.subtract(quotient, circuit.add(a, circuit.invert(b)))
    base = circuit.hint_base()
    circuit.assert_equal(circuit.add(base, circuit.zero), circuit.publics[0])
    trial = lay_out(circuit, [17], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17])
    memory = execute(circuit, [17], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17])
    x, y = (1, 2, 3, 4, 5), (6, 7, 8, 9, 10)
    inverse = quintic.inverse(y)
    assert memory.value(quotient) == quintic.mul(x, inverse)
    assert memory.value(difference) == quintic.sub(quintic.mul(x, inverse), quintic.add(x, inverse))
    assert prove_and_verify(trial) == [17]


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        ([0] * 5, "divides by zero"),
        ([1] * 4, "more hints than were given"),
        ([1] * 6, "more hints were given"),
        ([1, 1, 1, 1, -1], "not an element"),
    ],
)
def test_wrong_hints_are_refused(hints: list[int], message: str) -> None:
    circuit = Circuit()
    circuit.invert(circuit.hint())
    with pytest.raises(WitnessError, match=message):
        execute(circuit, [], hints)


def test_public_values_are_counted() -> None:
    with pytest.raises(WitnessError, match="1 public values given, the circuit has 2"):
        execute(quintic_equation(), [2])


def test_an_unused_public_value_is_refused() -> None:
    with pytest.raises(CircuitError, match="no row uses the public values"):
        compile_circuit(Circuit(publics=1), 10)


def test_a_circuit_that_outgrows_its_size_is_refused() -> None:
    circuit = Circuit()
    for _ in range(1 << 5):
        circuit.add(circuit.one, circuit.one)
    with pytest.raises(CircuitError, match="34 rows of arithmetic"):
        compile_circuit(circuit, 5)


def test_wiring_depends_on_the_circuit_only() -> None:
    first, second = (compile_circuit(quintic_equation(), 10) for _ in range(2))
    assert [one.tobytes() for one in first.preprocessed] == [one.tobytes() for one in second.preprocessed]
    assert first.kind is circuit_kind(10, 2)
