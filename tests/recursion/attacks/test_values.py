"""Values in another form: bits of x + p instead of x, elements of K where one of F is meant.

Execution never takes these forms, so the forger fills the tables himself, and the judge looks at every row
and bus. Where nothing but one statement is violated, a chip without it would accept.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.recursion.attacks.machine import core_leaf, core_segment, proved
from tests.recursion.chips.test_bits import digits
from tests.recursion.laboratory import Trial, lay_out
from zisk.field.koalabear import P
from zisk.field.quintic import ZERO
from zisk.hash.transcript import MAX_BITS
from zisk.kernels.circuit_layout import Arithmetic
from zisk.recursion.buses import WIRE
from zisk.recursion.chips.bits import BITS, point_of
from zisk.recursion.circuit import Circuit
from zisk.recursion.hashing import hinted_elements

CANONICAL = "constraint 'a value with all top bits has no low ones' is not zero"
LOG_LEAVES = 9


def taken_apart_otherwise(trial: Trial, places: dict[int, int]) -> list[np.ndarray]:
    """The trace with the values at some places of the bits table taken apart as these integers."""
    columns = [one.copy() for one in trial.columns]
    for place, integer in places.items():
        columns[trial.table("bits")][:, BITS * place : BITS * (place + 1)] = digits(integer)
    return columns


def told(trial: Trial, columns: list[np.ndarray], publics: list[int] | None = None) -> set[str]:
    """What the judge says."""
    given = None if publics is None else trial.claims(publics)
    return {one.what for one in trial.violations(columns, given)}


@pytest.mark.parametrize("value", [0, 5, 77, (1 << MAX_BITS) - 2])
def test_an_index_of_the_bits_of_x_plus_p_is_refused(value: int) -> None:
    """The prover opens the next leaf instead of the drawn one: the low bits of p are those of one."""
    circuit = Circuit(1)
    circuit.elements(wires=circuit.low_bits(circuit.publics[0], LOG_LEAVES))
    trial = lay_out(circuit, [value])
    index = (value + 1) % (1 << LOG_LEAVES)
    assert index == (value + P) % (1 << LOG_LEAVES)
    columns = taken_apart_otherwise(trial, {0: value + P})
    columns[trial.table("elements")][:2, trial.rows("elements") - 1] = index, point_of(index)
    assert told(trial, columns) == {CANONICAL}


@pytest.mark.parametrize("value", [3, 7, 11])
def test_a_nonce_of_the_bits_of_x_plus_p_is_refused(value: int) -> None:
    """X ends in ones, x + p in zeros."""
    circuit = Circuit(1)
    circuit.assert_low_zeros(circuit.publics[0], 2)
    trial = lay_out(circuit, [4])
    assert told(trial, taken_apart_otherwise(trial, {0: value + 1}), [value + 1]) == set()
    assert told(trial, taken_apart_otherwise(trial, {0: value + P}), [value]) == {CANONICAL}


def test_a_leafs_own_values_taken_apart_otherwise_are_refused() -> None:
    """In the tables of a leaf: number, steps, and the one drawn index that has a second form."""
    segment = proved(core_segment(1, 0, 5, padding=14))
    hints = segment.core_hints()
    trial = lay_out(core_leaf(), segment.interface().values, hints.values, (hints.gamma, ZERO), log_size=13)
    first, rest = (trial.columns[trial.table("bits")][row, : trial.rows("bits") : BITS] for row in (0, 1))
    values = (2 * rest + first).tolist()
    others = {place: value + P for place, value in enumerate(values) if value + P < 1 << BITS}
    assert [values[place] for place in others] == [1, 4, 8376190]
    for place, integer in others.items():
        assert CANONICAL in told(trial, taken_apart_otherwise(trial, {place: integer}))


@pytest.mark.parametrize("coefficient", range(1, 5))
def test_an_element_outside_f_is_refused(coefficient: int) -> None:
    """The equation holds in K: only the row that names the wire as an element of F says otherwise."""
    circuit = Circuit()
    (element,) = hinted_elements(circuit, 1)
    circuit.add(element, circuit.zero)
    trial = lay_out(circuit, [], [5])
    columns = [one.copy() for one in trial.columns]
    row = trial.rows("arithmetic") - 1
    for start in (0, 15):
        columns[trial.table("arithmetic")][start + coefficient, row] = 1
    address = int(trial.compiled.rows[trial.table("arithmetic")][row, Arithmetic.A])
    claimed = [5, *(int(k == coefficient) for k in range(1, 5))]
    sent, received = (WIRE.number, address, 5, 0, 0, 0, 0), (WIRE.number, address, *claimed)
    assert told(trial, columns) == {
        f"message {sent} is left over 1 times",
        f"message {received} is left over -1 times",
    }
