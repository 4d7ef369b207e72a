"""The wiring of slots: whichever of them name an address, they cancel just where all their values agree."""

from __future__ import annotations

from itertools import product

import numpy as np

from zisk.field.koalabear import P
from zisk.kernels.cpu.circuit_layout import NONE
from zisk.recursion.buses import WIRE
from zisk.recursion.chips.horner import challenge_names
from zisk.recursion.interface import INTERFACE_LENGTH
from zisk.recursion.kind import CHIPS
from zisk.recursion.memory import Wire
from zisk.recursion.shapes import FINAL_LOG_SIZE, INNER_LOG_SIZE, SHRINK_LOG_SIZE
from zisk.recursion.wiring import slot_columns


def test_every_wiring_of_five_slots_sends_once_for_all_others() -> None:
    """Two tables, one of two rows, and a public value: one slot is n - 1, the others -1, unused ones 0."""
    for names in product((NONE, 0, 1, 2), repeat=5):
        if 0 not in names:
            continue
        first, second = np.array(names[:4]).reshape(2, 2), np.array(names[4:]).reshape(1, 1)
        columns = slot_columns([((WIRE, WIRE), first), ((WIRE,), second)], [Wire(0)])
        addresses = np.concatenate([one[0::2].reshape(-1) for one in columns])
        counts = np.concatenate([one[1::2].reshape(-1) for one in columns])
        named = np.concatenate([first.reshape(-1), second.reshape(-1)])
        assert np.array_equal(addresses, np.where(named == NONE, 0, named))
        assert not counts[named == NONE].any()
        for address in set(names) - {NONE}:
            found = sorted(counts[named == address].tolist())
            others = len(found) - 1
            assert found == sorted([others + (address == 0), *[P - 1] * others])


def test_fewer_slots_name_an_address_than_p() -> None:
    """All slots of the tallest circuit, and the verifier's public values: so no count of a message wraps."""
    slots = sum(len(chip.slots) for chip in CHIPS) << max(INNER_LOG_SIZE, SHRINK_LOG_SIZE, FINAL_LOG_SIZE)
    assert slots + len(challenge_names()) + INTERFACE_LENGTH < P
