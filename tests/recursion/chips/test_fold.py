"""The fold chip against the verifier's own fold, and against every changed cell."""

from __future__ import annotations

import numpy as np
import pytest

from tests.recursion.laboratory import Trial, lay_out, surviving_cells
from zisk.field.koalabear import P, coset_shift
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import WitnessError
from zisk.recursion.hashing import hinted_elements
from zisk.recursion.memory import Wire
from zisk.recursion.witness import execute
from zisk.stark.verify_fri import fold_leaves, points_of_leaves

LOG_LENGTH = 9
SHIFT = coset_shift(8)
CHALLENGE = (3, 1, 4, 1, 5)
LEAF = np.random.default_rng(5).integers(0, P, 45).tolist()


def folding(leaf: int, place: int) -> tuple[Circuit, list[int], tuple[Wire, Wire]]:
    """A circuit that folds a hinted leaf, its public values: point and place; and the two results."""
    circuit = Circuit(publics=2)
    challenge, blocks = circuit.hint(), []
    for _ in range(3):
        blocks.append(circuit.block())
        circuit.elements(wires=hinted_elements(circuit, 15), block=blocks[-1])
    results = circuit.fold(blocks, challenge, *circuit.publics)
    point = int(points_of_leaves(np.array([8 * leaf + place]), SHIFT, LOG_LENGTH)[0])
    return circuit, [point, place], results


@pytest.mark.parametrize("place", range(8))
def test_a_fold_is_the_verifiers(place: int) -> None:
    circuit, publics, (selected, result) = folding(11, place)
    lay_out(circuit, publics, [*CHALLENGE, *LEAF])
    memory = execute(circuit, publics, [*CHALLENGE, *LEAF])
    rows = np.array(LEAF[:40], np.uint64).reshape(1, 8, 5).transpose(2, 0, 1)
    expected = fold_leaves(np.array([11]), rows, CHALLENGE, SHIFT, LOG_LENGTH)
    assert memory.value(result) == tuple(expected[:, 0].tolist())
    assert memory.value(selected) == tuple(LEAF[5 * place : 5 * place + 5])


@pytest.fixture(scope="module")
def trial() -> Trial:
    circuit, publics, results = folding(11, 5)
    for wire in results:
        circuit.add(wire, circuit.one)
    return lay_out(circuit, publics, [*CHALLENGE, *LEAF])


def test_every_cell_matters(trial: Trial) -> None:
    assert surviving_cells(trial, "fold", [0]) == set()


def test_places_that_add_up_are_refused(trial: Trial) -> None:
    """Five is also one and four: two flags say the same place and another value."""
    columns = trial.changed("fold", "at[5]", 0, 0)
    number = trial.table("fold")
    names = trial.compiled.kind.airs[number].main_names
    for place in (1, 4):
        columns[number][names.index(f"at[{place}]"), 0] = 1
    assert "constraint 'an active row has one place' is not zero" in {
        one.what for one in trial.violations(columns)
    }


@pytest.mark.parametrize("publics", [[7, 8], [0, 3]])
def test_a_place_outside_the_leaf_or_a_zero_point_has_no_witness(publics: list[int]) -> None:
    circuit, _, _ = folding(11, 5)
    with pytest.raises(WitnessError, match="is not in a leaf of 8"):
        execute(circuit, publics, [*CHALLENGE, *LEAF])
