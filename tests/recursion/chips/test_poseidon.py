"""The permutation chip: cells of every sort of row, forged links between rows, rows without a source."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.recursion.laboratory import Trial, lay_out, surviving_cells
from tests.recursion.test_hashing import opening_circuit
from zisk.field.koalabear import P
from zisk.hash.permutation import permute_state
from zisk.recursion.chips.poseidon import PermutationRow, PoseidonChip, cube_columns
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError
from zisk.recursion.hashing import CircuitTranscript, hinted_elements
from zisk.recursion.memory import Block, Wire

CHIP = PoseidonChip()
START = PermutationRow(0, 0, start=(2, 40), block=Block(0))


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
        table[26:, row : row + 1] = cube_columns(table[:24, row : row + 1])
        assert path.violations(columns), (row, place)


def test_the_other_child_is_refused(path: Trial) -> None:
    """The digest stands on the side that the index says: exchange both sides of the first step."""
    number = path.table("poseidon")
    columns = [one.copy() for one in path.columns]
    table = columns[number]
    table[:18, 3] = np.roll(table[:18, 3], 9)
    table[26:, 3:4] = cube_columns(table[:24, 3:4])
    assert path.violations(columns)


def test_the_columns_hold_the_permutation(path: Trial) -> None:
    memory_columns = path.columns[path.table("poseidon")]
    row = memory_columns[:24, 0].tolist()
    below = memory_columns[:24, 1].tolist()
    assert permute_state(row)[15:] == below[15:]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([dataclasses.replace(START, block=None)], "names no block"),
        ([PermutationRow(0, 0, carried_from=3, block=Block(0))], "neither starts a chain"),
        ([START, PermutationRow(0, 2, carried_from=0)], "neither starts a chain"),
        ([START, dataclasses.replace(START, place=1)], "neither starts a chain"),
        ([START, PermutationRow(0, 1, carried_from=1)], "names no block"),
        ([START, PermutationRow(0, 1)], "names an index"),
        ([dataclasses.replace(START, index=Wire(0))], "names an index"),
        ([dataclasses.replace(START, cap=1)], "is no step"),
        ([START, PermutationRow(0, 1, index=Wire(0)), PermutationRow(0, 2, carried_from=0)], "continues"),
    ],
)
def test_rows_without_a_source_are_refused(rows: list[PermutationRow], message: str) -> None:
    with pytest.raises(CircuitError, match=message):
        CHIP.arrange(rows)
