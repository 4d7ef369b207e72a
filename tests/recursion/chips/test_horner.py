"""The Horner chip: both sums of an opened row, for either challenge, and every changed cell."""

from __future__ import annotations

import pytest

from tests.recursion.laboratory import Trial, lay_out, prove_and_verify, surviving_cells
from zisk.field import quintic
from zisk.field.quintic import Element
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import CircuitError
from zisk.recursion.hashing import hinted_elements
from zisk.recursion.memory import Wire
from zisk.recursion.witness import execute, public_values

CHALLENGES: tuple[Element, Element] = ((3, 1, 4, 1, 5), (2, 7, 1, 8, 2))
VALUES = [k * k * k + 1 for k in range(45)]
CHOSEN = (0, 3, 14, 15, 31, 36)


def summing(count: int, which: int) -> tuple[Circuit, tuple[Wire, Wire]]:
    """A circuit that sums hinted elements: full blocks, of which the last ends in others."""
    circuit, blocks = Circuit(), []
    for _ in range(-(-count // 15)):
        blocks.append(circuit.block())
        circuit.elements(wires=hinted_elements(circuit, 15), block=blocks[-1])
    return circuit, circuit.horner(blocks, count, [one for one in CHOSEN if one < count], which=which)


def hints(count: int) -> list[int]:
    return VALUES[: 15 * -(-count // 15)]


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("count", [1, 15, 16, 37, 45])
def test_sums_are_weighted_with_powers(count: int, which: int) -> None:
    circuit, (every, some) = summing(count, which)
    lay_out(circuit, [], hints(count), CHALLENGES)
    memory = execute(circuit, [], hints(count), CHALLENGES)
    assert memory.value(every) == weighted(CHALLENGES[which], range(count))
    assert memory.value(some) == weighted(CHALLENGES[which], [one for one in CHOSEN if one < count])


def weighted(challenge: Element, places) -> Element:
    total = quintic.ZERO
    for place in places:
        total = quintic.add(total, quintic.scale(quintic.power(challenge, place), VALUES[place]))
    return total


@pytest.fixture(scope="module")
def trial() -> Trial:
    circuit, sums = summing(37, 1)
    for wire in sums:
        circuit.add(wire, circuit.one)
    return lay_out(circuit, [], hints(37), CHALLENGES)


def test_every_cell_matters(trial: Trial) -> None:
    assert surviving_cells(trial, "horner", range(3)) == set()


def test_the_last_row_is_padding() -> None:
    """Four rows would fill a table of four, and the last would be free: the table has eight."""
    circuit, _ = summing(45, 0)
    block = circuit.block()
    circuit.elements(wires=hinted_elements(circuit, 15), block=block)
    circuit.horner([block], 15)
    trial = lay_out(circuit, [], VALUES + VALUES[:15], CHALLENGES)
    assert trial.compiled.heights[trial.table("horner")] == 8


def test_challenges_are_public(trial: Trial) -> None:
    assert trial.publics == (*CHALLENGES[0], *CHALLENGES[1])
    assert prove_and_verify(trial) == []
    assert trial.violations(publics=public_values([]))


@pytest.mark.parametrize(("blocks", "count", "chosen"), [(1, 16, ()), (2, 15, ()), (0, 0, ()), (1, 5, (5,))])
def test_blocks_hold_what_is_summed(blocks: int, count: int, chosen: tuple[int, ...]) -> None:
    circuit = Circuit()
    with pytest.raises(CircuitError):
        circuit.horner([circuit.block() for _ in range(blocks)], count, chosen)
