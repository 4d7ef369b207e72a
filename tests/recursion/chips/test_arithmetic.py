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
    assert surviving_cells(trial, "arithmetic", range(trial.rows("arithmetic"))) == set()


def test_a_wire_changed_in_all_its_places_breaks_an_equation(trial: Trial) -> None:
    table = trial.table("arithmetic")
    columns, wiring = trial.columns[table], trial.compiled.preprocessed[table]
    addresses, used = wiring[0:8:2], wiring[1:8:2] != 0
    for wire in np.unique(addresses[used]).tolist():
        changed = columns.copy()
        for place in range(4):
            rows = np.flatnonzero((addresses[place] == wire) & used[place])
            changed[5 * place, rows] = (changed[5 * place, rows] + 1) % P
        traces = list(trial.columns)
        traces[table] = changed
        assert trial.violations(traces), wire
