"""Small circuits over constants, public values and hints: proved, verified, refused when a value is wrong."""

import numpy as np
import pytest

from tests.recursion.laboratory import BACKEND, Trial, lay_out, prove_and_verify
from zisk.field import quintic
from zisk.field.koalabear import from_montgomery
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.recursion.circuit import Circuit
from zisk.recursion.compiler import compile_circuit
from zisk.recursion.errors import CircuitError, WitnessError
from zisk.recursion.kind import CHIPS, circuit_kind
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
    with pytest.raises(CircuitError, match="34 rows of arithmetic and 0 spare"):
        compile_circuit(circuit, 5)


def test_wiring_depends_on_the_circuit_only() -> None:
    first, second = (compile_circuit(quintic_equation(), 10) for _ in range(2))
    assert [one.tobytes() for one in first.preprocessed] == [one.tobytes() for one in second.preprocessed]
    assert first.kind is circuit_kind(10, 2)


def test_tables_are_padded_to_given_heights() -> None:
    circuit = quintic_equation()
    free = compile_circuit(circuit, 10)
    needed = [height.bit_length() - 1 for height in free.heights]
    wanted = [height + 1 + place % 2 for place, height in enumerate(needed)]
    compiled = compile_circuit(circuit, 10, wanted)
    assert compiled.heights == tuple(1 << height for height in wanted)
    memory = execute(circuit, [2, 38])
    for tall, short in zip(compiled.preprocessed, free.preprocessed, strict=True):
        assert np.array_equal(tall[:, : short.shape[1]], short)
        assert not tall[:, short.shape[1] :].any()
    for height, trace in zip(compiled.heights, compiled.traces(memory, BACKEND), strict=True):
        assert trace.dtype == np.uint32
        assert trace.shape[1] == height
    columns = tuple(from_montgomery(trace) for trace in compiled.traces(memory, BACKEND))
    assert Trial(compiled, (*[0] * 10, 2, 38), columns).violations() == []


def test_traces_do_not_depend_on_threads() -> None:
    circuit = quintic_equation()
    compiled = compile_circuit(circuit, 12, [12] * 6)
    memory = execute(circuit, [2, 38])
    one, two = (compiled.traces(memory, CpuBackend(Pool(threads))) for threads in (1, 2))
    assert all(np.array_equal(*pair) for pair in zip(one, two, strict=True))


@pytest.mark.parametrize(("table", "rows"), [("elements", 1), ("arithmetic", 7)])
def test_a_table_that_outgrows_its_height_is_refused(table: str, rows: int) -> None:
    circuit = quintic_equation()
    circuit.elements(wires=circuit.publics)
    names = [chip.air.name for chip in CHIPS]
    heights = [10] * len(names)
    heights[names.index(table)] = 0
    with pytest.raises(
        CircuitError, match=f"{rows + 1} rows of {table} and 0 spare, the table has at most 2\\^0"
    ):
        compile_circuit(circuit, 10, heights)
    with pytest.raises(CircuitError, match=r"at most 2\^10"):
        compile_circuit(circuit, 10, [11] * len(names))
