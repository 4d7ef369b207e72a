"""Heights that flags choose: every height has its flags, and nothing else has a witness."""

from __future__ import annotations

import dataclasses
from itertools import product

import pytest

from tests.recursion.attacks.weak import without
from tests.stark.toy import toy_kind
from zisk.field.koalabear import P
from zisk.recursion.algebra import Numbers
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import WitnessError
from zisk.recursion.heights import Height, constant_heights, height_hints, hinted_heights
from zisk.recursion.witness import execute
from zisk.stark.kind import Kind, TableShape

MAXIMA = (2, 0, 1)
BOOLEAN, ONE = 0, 1
"""What is stated of flags, in order."""

NOT_ONE = {
    "two flags": [1, 1, 0, 1, 0],
    "no flag": [0, 0, 0, 1, 0],
    "no flag of the last table": [1, 0, 0, 0, 0],
}
NOT_BITS = {
    "2 and -1": [2, P - 1, 0, 1, 0],
    "1, -1 and 1": [1, P - 1, 1, 1, 0],
    "halves": [(P + 1) // 2, (P + 1) // 2, 0, 1, 0],
}


def kind() -> Kind:
    """A kind whose tables have one, two and three heights."""
    (air, *_) = toy_kind().airs
    tables = tuple(TableShape(air, maximum) for maximum in MAXIMA)
    return dataclasses.replace(toy_kind(), tables=tables)


def choosing() -> Circuit:
    """A circuit whose public values are a function of each height, and a value for each."""
    circuit = Circuit(2 * len(MAXIMA))
    heights = hinted_heights(circuit, kind())
    squares = [circuit.multiply(circuit.constant(log), circuit.constant(log)) for log in range(3)]
    numbers = [height.number(circuit, lambda log: 10 + log) for height in heights]
    values = [height.value(circuit, lambda log: squares[log]) for height in heights]
    for said, found in zip(circuit.publics, [*numbers, *values], strict=True):
        circuit.assert_equal(said, found)
    return circuit


@pytest.mark.parametrize("heights", list(product(*(range(maximum + 1) for maximum in MAXIMA))), ids=str)
def test_every_height_has_its_flags(heights: tuple[int, ...]) -> None:
    hints = height_hints(kind(), heights)
    assert len(hints) == 5
    assert sum(hints) == 2
    publics = [*(10 + height for height in heights), *(height * height for height in heights)]
    execute(choosing(), publics, hints)
    for place in range(len(publics)):
        with pytest.raises(WitnessError):
            execute(choosing(), [one + (k == place) for k, one in enumerate(publics)], hints)


def combined(flags: list[int]) -> list[int]:
    """What flags say, whatever they are."""
    first, last = flags[:3], flags[3:]
    numbers = [sum((10 + log) * flag for log, flag in enumerate(of)) for of in (first, last)]
    values = [sum(log * log * flag for log, flag in enumerate(of)) for of in (first, last)]
    return [one % P for one in (numbers[0], 10, numbers[1], values[0], 0, values[1])]


@pytest.mark.parametrize(
    ("flags", "statement"),
    [
        *(pytest.param(flags, ONE, id=name) for name, flags in NOT_ONE.items()),
        *(pytest.param(flags, BOOLEAN, id=name) for name, flags in NOT_BITS.items()),
    ],
)
def test_flags_that_choose_no_height_are_refused(flags: list[int], statement: int) -> None:
    """Each sort of forgery passes without the one statement that is there for it."""
    with pytest.raises(WitnessError):
        execute(choosing(), combined(flags), flags)
    with without("_hinted_height", statement):
        trusting = choosing()
    execute(trusting, combined(flags), flags)


@pytest.mark.parametrize("flag", [2, P - 1])
def test_a_single_flag_that_is_not_one_is_refused(flag: int) -> None:
    """By either statement."""
    flags = [0, flag, 0, 1, 0]
    with pytest.raises(WitnessError):
        execute(choosing(), combined(flags), flags)
    for statement in (BOOLEAN, ONE):
        with without("_hinted_height", statement):
            trusting = choosing()
        with pytest.raises(WitnessError):
            execute(trusting, combined(flags), flags)


def test_a_table_of_one_height_takes_no_flag() -> None:
    circuit = Circuit()
    heights = hinted_heights(circuit, kind())
    assert heights[1] == Height((0,))
    assert [height.options for height in heights] == [(0, 1, 2), (0,), (0, 1)]


def test_heights_that_are_known_are_numbers() -> None:
    heights = constant_heights((3, 0))
    assert [height.number(Numbers(), lambda log: 1 << log) for height in heights] == [
        (8, 0, 0, 0, 0),
        (1, 0, 0, 0, 0),
    ]
