"""Multiplicities of slots: of n places that name an address the first sends n - 1 times."""

import numpy as np

from zisk.field.koalabear import P
from zisk.recursion.buses import BLOCK, WIRE
from zisk.recursion.wiring import slot_columns


def test_the_first_place_sends_and_all_others_receive() -> None:
    first = [[(WIRE, 4), None], [(WIRE, 5), (WIRE, 4)]]
    second = [[(BLOCK, 4)], [(WIRE, 4)]]
    columns = slot_columns([first, second, []], [(WIRE, 5)])
    assert np.array_equal(columns[0], [[4, 5], [2, 1], [0, 4], [0, P - 1]])
    assert np.array_equal(columns[1], [[4, 4], [0, P - 1]])
    assert columns[2].shape == (0, 0)


def test_an_address_that_is_named_once_is_not_sent() -> None:
    assert np.array_equal(slot_columns([[[(WIRE, 7)]]], [])[0], [[7], [0]])
