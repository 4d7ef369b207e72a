"""The bits chip: canonical digits and nothing else, also against a prover who takes value + p apart."""

from __future__ import annotations

import numpy as np
import pytest

from tests.recursion.laboratory import Trial, lay_out, surviving_cells
from zisk.field.koalabear import P, root_of_unity
from zisk.hash.transcript import MAX_BITS
from zisk.recursion.chips.bits import BITS, point_of
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError, WitnessError
from zisk.recursion.witness import execute
from zisk.stark.verify_fri import points_of_leaves

TOP = (1 << BITS) - (1 << MAX_BITS)
"""P - 1: the top seven bits are one, the others zero."""


def taken_apart(values: list[int], bits: int = 12) -> Trial:
    circuit = Circuit(publics=len(values))
    for value in circuit.publics:
        circuit.low_bits(value, bits)
    return lay_out(circuit, values)


@pytest.mark.parametrize("bits", [1, 2, 12, 24])
@pytest.mark.parametrize("value", [0, 1, 2, 0x5A5A5A5, TOP, TOP - 1, (1 << 30) + 12345])
def test_low_bits_and_their_point(value: int, bits: int) -> None:
    circuit = Circuit(publics=1)
    low, point = circuit.low_bits(circuit.publics[0], bits)
    lay_out(circuit, [value])
    memory = execute(circuit, [value])
    leaf = value % (1 << bits)
    assert memory.base(low) == leaf
    assert memory.base(point) == int(points_of_leaves(np.array([leaf]), 1, bits)[0])


def test_every_cell_matters_but_the_product_before_the_top_bits() -> None:
    """The product means nothing below bit 24."""
    trial = taken_apart([0x5A5A5A5, TOP])
    assert surviving_cells(trial, "bits", range(2 * BITS)) == {"ones"}
    top = [start + bit for start in (0, BITS) for bit in range(24, BITS - 1)]
    assert surviving_cells(trial, "bits", top) == set()


def test_the_other_form_of_a_value_is_refused() -> None:
    """For a small value all bits of value + p fit: only the statement about the top bits fails."""
    for value in (0, 1, 77, (1 << MAX_BITS) - 2):
        trial = taken_apart([value])
        number = trial.table("bits")
        columns = [one.copy() for one in trial.columns]
        columns[number][:, :BITS] = digits(value + P)
        refused = {one.what for one in trial.violations(columns) if one.table == "bits"}
        assert refused == {"constraint 'a value with all top bits has no low ones' is not zero"}


def digits(integer: int) -> np.ndarray:
    """What a row-by-row prover writes for an integer below 2^31, canonical or not."""
    rows, ones = [], 0
    for bit in range(BITS):
        digit = integer >> bit & 1
        low = integer % (1 << min(bit + 1, MAX_BITS))
        ones = digit * (ones if bit > MAX_BITS else 1) if bit >= MAX_BITS else 0
        rows.append([digit, integer >> (bit + 1), low, point_of(low), ones])
    return np.array(rows, np.uint64).T


def test_the_filled_rows_are_the_digits() -> None:
    trial = taken_apart([123456789])
    assert np.array_equal(trial.columns[trial.table("bits")][:, :BITS], digits(123456789))


def test_points_are_roots_of_unity() -> None:
    assert point_of(1) == P - 1
    assert point_of(0b1010) == root_of_unity(2) * root_of_unity(4) % P


def test_low_zeros_are_stated() -> None:
    circuit = Circuit(publics=1)
    circuit.assert_low_zeros(circuit.publics[0], 5)
    lay_out(circuit, [96])
    with pytest.raises(WitnessError, match="would have to be"):
        execute(circuit, [97])


@pytest.mark.parametrize("bits", [0, 25])
def test_other_numbers_of_bits_are_refused(bits: int) -> None:
    circuit = Circuit(publics=1)
    with pytest.raises(CircuitError, match="1 to 24 low bits"):
        circuit.low_bits(circuit.publics[0], bits)
    with pytest.raises(CircuitError, match="1 to 24 low bits"):
        circuit.assert_low_zeros(circuit.publics[0], bits)
