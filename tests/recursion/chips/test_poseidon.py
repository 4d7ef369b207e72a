"""The permutation chip: cells of every sort of row, forged links between rows, rows without a source."""

from __future__ import annotations

import numpy as np
import pytest

from tests.recursion.laboratory import Trial, lay_out, surviving_cells
from tests.recursion.test_hashing import opening_circuit
from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.hash.permutation import permute_state
from zisk.kernels.cpu.circuit_poseidon2 import CUBES, fill_cubes
from zisk.recursion.circuit import Circuit
from zisk.recursion.compiler import compile_circuit
from zisk.recursion.errors import CircuitError
from zisk.recursion.hashing import CircuitTranscript, hinted_elements


@pytest.fixture(scope="module")
def path() -> Trial:
    """Three rows of a sponge, two steps of a path, three of padding."""
    return lay_out(*opening_circuit(21))


@pytest.fixture(scope="module")
def transcript() -> Trial:
    circuit = Circuit()
    transcript = CircuitTranscript(circuit, 3)
    for length in (18, 4):
        transcript.absorb(hinted_elements(circuit, length))
        for _ in range(16):
            transcript.sample()
    return lay_out(circuit, [], range(22))


def cubes_of(inputs: np.ndarray) -> np.ndarray:
    """The cube columns of one row, canonical."""
    cubes = np.zeros((CUBES, 1), np.uint32)
    fill_cubes(to_montgomery(inputs[:, None]), cubes, 0, 1)
    return from_montgomery(cubes[:, 0])


def test_inputs_of_a_path_matter_in_every_place_but_where_it_means_nothing(path: Trial) -> None:
    """Sponge rows have no bit and no node: their slot of the index is unused."""
    assert path.rows("poseidon") == 5
    assert surviving_cells(path, "poseidon", range(3)) == {"bit", "node"}
    assert surviving_cells(path, "poseidon", range(3, 5)) == set()


def test_inputs_of_a_transcript_matter_in_every_place(transcript: Trial) -> None:
    assert surviving_cells(transcript, "poseidon", range(transcript.rows("poseidon"))) == {"bit", "node"}


def test_nobody_hears_of_padding(path: Trial) -> None:
    """A padding row may have any bit and node; its cubes are those of its input all the same."""
    assert surviving_cells(path, "poseidon", [6]) == {"bit", "node"}


@pytest.mark.parametrize("place", range(24))
def test_a_row_with_another_input_and_its_own_true_permutation_is_refused(path: Trial, place: int) -> None:
    """What a single changed cell cannot show: the row is right in itself, its links are wrong."""
    number = path.table("poseidon")
    for row in range(5):
        columns = [one.copy() for one in path.columns]
        table = columns[number]
        table[place, row] = (int(table[place, row]) + 1) % P
        table[26:, row] = cubes_of(table[:24, row])
        assert path.violations(columns), (row, place)


def test_the_other_child_is_refused(path: Trial) -> None:
    """The digest stands on the side that the index says: exchange both sides of the first step."""
    number = path.table("poseidon")
    columns = [one.copy() for one in path.columns]
    table = columns[number]
    table[:18, 3] = np.roll(table[:18, 3], 9)
    table[26:, 3] = cubes_of(table[:24, 3])
    assert path.violations(columns)


def test_the_columns_hold_the_permutation(path: Trial) -> None:
    memory_columns = path.columns[path.table("poseidon")]
    row = memory_columns[:24, 0].tolist()
    below = memory_columns[:24, 1].tolist()
    assert permute_state(row)[15:] == below[15:]


def starting(circuit: Circuit) -> int:
    """A chain with one permutation."""
    chain = circuit.chain()
    circuit.permutation(chain, start=(2, 40), block=circuit.block())
    return chain


def test_a_chain_begins_with_a_start() -> None:
    circuit = Circuit()
    circuit.permutation(circuit.chain(), carried_from=3, block=circuit.block())
    refuse(circuit, "neither starts a chain")


def test_a_chain_starts_once() -> None:
    circuit = Circuit()
    circuit.permutation(starting(circuit), start=(2, 40), block=circuit.block())
    refuse(circuit, "neither starts a chain")


def test_a_path_begins_with_an_index() -> None:
    circuit = Circuit()
    circuit.permutation(starting(circuit))
    refuse(circuit, "names an index")


def test_a_later_step_has_no_index() -> None:
    circuit = Circuit()
    chain = starting(circuit)
    for _ in range(2):
        circuit.permutation(chain, index=circuit.one)
    refuse(circuit, "names an index")


def test_a_start_has_no_index() -> None:
    circuit = Circuit()
    circuit.permutation(circuit.chain(), start=(2, 40), block=circuit.block(), index=circuit.one)
    refuse(circuit, "names an index")


def test_a_sponge_does_not_end_in_a_cap() -> None:
    circuit = Circuit()
    circuit.permutation(circuit.chain(), start=(2, 40), block=circuit.block(), cap=circuit.cap(1))
    refuse(circuit, "is no step")


def test_a_path_does_not_go_on_as_a_sponge() -> None:
    circuit = Circuit()
    chain = starting(circuit)
    circuit.permutation(chain, index=circuit.one)
    circuit.permutation(chain, carried_from=0)
    refuse(circuit, "continues a Merkle step")


def refuse(circuit: Circuit, message: str) -> None:
    with pytest.raises(CircuitError, match=message):
        compile_circuit(circuit, 10)


def test_what_is_absorbed_is_in_a_block() -> None:
    circuit = Circuit()
    chain = starting(circuit)
    with pytest.raises(CircuitError, match="names no block"):
        circuit.permutation(chain, start=(2, 40))
    with pytest.raises(CircuitError, match="names no block"):
        circuit.permutation(chain, carried_from=1)


def test_paths_end_in_caps_that_exist() -> None:
    circuit = Circuit()
    with pytest.raises(CircuitError, match="none of that number"):
        circuit.permutation(starting(circuit), index=circuit.one, cap=1)
