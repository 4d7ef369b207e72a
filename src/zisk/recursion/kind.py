"""The kind of all circuits: one set of chips, whatever is computed."""

from __future__ import annotations

from functools import cache

from zisk.recursion.buses import WIRE
from zisk.recursion.chips.arithmetic import ArithmeticChip
from zisk.recursion.chips.bits import BitsChip
from zisk.recursion.chips.elements import ElementsChip
from zisk.recursion.chips.fold import FoldChip
from zisk.recursion.chips.horner import HornerChip, challenge_names
from zisk.recursion.chips.poseidon import PoseidonChip
from zisk.recursion.wiring import Chip
from zisk.stark.expression import public
from zisk.stark.kind import CIRCUIT_KIND_NUMBER, Kind, TableShape
from zisk.stark.public_values import receive

CHIPS: tuple[Chip, ...] = (
    FoldChip(),
    ElementsChip(),
    BitsChip(),
    HornerChip(),
    PoseidonChip(),
    ArithmeticChip(),
)
"""The chips in the order of table ids: from few rows to many, since the sponge hashes a table at the height
of the tallest before it."""


@cache
def circuit_kind(log_size: int, publics: int) -> Kind:
    """The kind of circuits of 2^log_size rows with this many public values beside the challenges.

    It does not depend on the circuit: the key does, by its preprocessed tree and its heights. So whoever
    verifies circuits of one size has one shape to verify. Public value i is wire i, and the
    verifier receives it once.
    """
    names = (*challenge_names(), *(f"public[{index}]" for index in range(publics)))
    terms = tuple(receive(WIRE, wire, public(wire), 0, 0, 0, 0) for wire in range(len(names)))
    tables = tuple(TableShape(chip.air, log_size) for chip in CHIPS)
    return Kind("circuit", CIRCUIT_KIND_NUMBER, log_size, tables, names, terms)
