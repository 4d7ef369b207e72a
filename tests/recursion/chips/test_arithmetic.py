"""The arithmetic chip: no cell of a row can change, alone or with every other place of its wire."""

import numpy as np
import pytest

from tests.recursion.laboratory import Trial, lay_out, surviving_cells
from zisk.field.koalabear import P
from zisk.recursion.circuit import Circuit


@pytest.fixture(scope="module")
def trial() -> Trial:
    circuit = Circuit(publics=1)
    a, b = circuit.hint(), circuit.hint()
    product = circuit.multiply_add(a, b, circuit.publics[0])
    circuit.assert_equal(
        circuit.subtract(circuit.divide(product, a), b), circuit.divide(circuit.publics[0], a)
    )
    return lay_out(circuit, [5], range(1, 11))


def test_every_cell_of_every_row_matters(trial: Trial) -> None:
    assert surviving_cells(trial, "arithmetic", range(len(trial.compiled.rows[0]))) == set()


def test_a_wire_changed_in_all_its_places_breaks_an_equation(trial: Trial) -> None:
    columns, addresses = trial.columns[0], trial.compiled.preprocessed[0][0:8:2]
    used = trial.compiled.preprocessed[0][1:8:2] != 0
    for wire in range(trial.compiled.circuit.zero, int(addresses.max()) + 1):
        changed = columns.copy()
        for place in range(4):
            rows = np.flatnonzero((addresses[place] == wire) & used[place])
            changed[5 * place, rows] = (changed[5 * place, rows] + 1) % P
        assert trial.violations([changed, *trial.columns[1:]]), wire
