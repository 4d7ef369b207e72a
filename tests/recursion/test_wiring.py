"""Multiplicities of slots: of n places that name an address the first sends n - 1 times."""

import numpy as np

from zisk.field.koalabear import P
from zisk.recursion.buses import BLOCK, WIRE
from zisk.recursion.memory import Wire
from zisk.recursion.wiring import slot_columns

NONE = -1


def test_the_first_place_sends_and_all_others_receive() -> None:
    first = np.array([[4, 5], [NONE, 4]])
    second = np.array([[4, NONE], [NONE, 4]])
    nothing = np.zeros((1, 0), np.int64)
    tables = [((WIRE, WIRE), first), ((BLOCK, WIRE), second), ((WIRE,), nothing)]
    columns = slot_columns(tables, [Wire(5)])
    assert columns[0].tolist() == [[4, 5], [2, 1], [0, 4], [0, P - 1]]
    assert columns[1].tolist() == [[4, 0], [0, 0], [0, 4], [0, P - 1]]
    assert columns[2].shape == (2, 0)


def test_the_first_place_is_the_first_of_its_row() -> None:
    (columns,) = slot_columns([((WIRE, WIRE), np.array([[8, 9], [9, 8]]))], [])
    assert columns.tolist() == [[8, 9], [1, P - 1], [9, 8], [1, P - 1]]


def test_an_address_that_is_named_once_is_not_sent() -> None:
    (columns,) = slot_columns([((WIRE,), np.array([[7]]))], [])
    assert columns.tolist() == [[7], [0]]
