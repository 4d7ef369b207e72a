"""What a core segment's verifier adds: the messages of its kind, and the ranges of its public values."""

from __future__ import annotations

import pytest

from tests.recursion.laboratory import lay_out, prove_and_verify
from zisk.field.koalabear import P
from zisk.recursion.circuit import Circuit
from zisk.recursion.core_segment import check_core_publics, core_messages
from zisk.recursion.errors import WitnessError
from zisk.recursion.witness import execute
from zisk.stark.errors import VerificationError
from zisk.vm.kinds import CORE_PUBLICS, core_kind
from zisk.vm.memory_map import HALTED

LOG_SIZE = 16
LONGEST = 4 * 2**LOG_SIZE + 1

ALLOWED = [
    (1, 0, 7, 5),
    (1, 40, HALTED, LONGEST),
    (2**24 - 1, HALTED - 1, 0, 9),
]
REFUSED = {
    "index 0": (0, 40, 7, 5),
    "index 2^24": (2**24, 40, 7, 5),
    "index -1": (P - 1, 40, 7, 5),
    "starts after the halt": (1, HALTED, 7, 5),
    "no steps": (1, 40, 7, 1),
    "ends before it starts": (1, 40, 7, 0),
    "half a step": (1, 40, 7, 7),
    "one step too many": (1, 40, 7, LONGEST + 4),
}


def checking() -> Circuit:
    circuit = Circuit(publics=len(CORE_PUBLICS))
    circuit.assert_equal(circuit.publics[2], circuit.publics[2])
    check_core_publics(circuit, circuit.publics, LOG_SIZE)
    return circuit


def named_publics(publics: tuple[int, ...]) -> dict[str, int]:
    names: tuple[str, ...] = CORE_PUBLICS
    return dict(zip(names, publics, strict=True))


@pytest.mark.parametrize("publics", ALLOWED)
def test_what_the_kind_allows_the_circuit_allows(publics: tuple[int, ...]) -> None:
    named = named_publics(publics)
    assert core_messages(named) == core_kind(LOG_SIZE).terms(named)
    trial = lay_out(checking(), publics)
    assert prove_and_verify(trial) == list(publics)


@pytest.mark.parametrize("publics", REFUSED.values(), ids=REFUSED.keys())
def test_what_the_kind_refuses_the_circuit_refuses(publics: tuple[int, ...]) -> None:
    with pytest.raises(VerificationError):
        core_kind(LOG_SIZE).terms(named_publics(publics))
    with pytest.raises(WitnessError):
        execute(checking(), publics)
