"""The elements chip: all names of a row are names of the same fifteen columns, so any of them fixes the rest.

The count of a digest is free. No two rows with a cap have the same (cap, place), see
`ElementsChip.arrange`, and nobody looks up cap 0, see the claims of the permutation chip: so a message that
is not the row's own is sent between once and as often as there are rows, fewer than p, and never taken.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from tests.solver.chips.reading import (
    claim,
    reader,
    show_only_slots,
    show_padding,
    show_slot,
    variables,
    wirings,
)
from tests.solver.claim import Claim, Method, RefutedError
from tests.solver.polynomial import Polynomial
from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE
from zisk.hash.sponge import DIGEST_LENGTH, RATE
from zisk.kernels.cpu import circuit_layout as layout
from zisk.kernels.cpu.circuit_layout import WIDTHS, Elements
from zisk.recursion.buses import BLOCK, DIGEST, WIRE
from zisk.recursion.chips.elements import GROUPS, ElementsChip
from zisk.recursion.errors import CircuitError
from zisk.stark.air import Air

CHIP = ElementsChip()
ELEMENTS = variables("element", RATE)
COUNT = "count"


def claims() -> list[Claim]:
    """The chip's claims."""
    return [
        claim(CHIP, "block", "the block is the fifteen elements", _block),
        claim(CHIP, "groups", "three elements of K have the fifteen as their coefficients", _groups),
        claim(CHIP, "wires", "fifteen wires are the elements, each in F", _wires),
        claim(
            CHIP,
            "digest",
            "a digest's row answers with its own first nine elements under its cap and place, however often",
            _digest,
        ),
        claim(
            CHIP,
            "places",
            "cap and place are the record's, and no two rows with a cap have the same",
            _places,
            Method.ENUMERATION,
        ),
        claim(CHIP, "padding", "a row of padding says nothing but, maybe, a digest of cap 0", _padding),
    ]


def _block(air: Air) -> None:
    show_only_slots(air, CHIP, others=1)
    show_slot(air, BLOCK, "block", ELEMENTS)


def _groups(air: Air) -> None:
    for group in range(GROUPS):
        show_slot(air, WIRE, f"group_{group}", ELEMENTS[DEGREE * group : DEGREE * (group + 1)])


def _wires(air: Air) -> None:
    for k, element in enumerate(ELEMENTS):
        show_slot(air, WIRE, f"element_{k}", [element])


def _digest(air: Air) -> None:
    read = reader(air)
    found = [one for one in air.interactions if one.bus == DIGEST]
    if len(found) != 1 or found[0].sent:
        raise RefutedError(f"{len(found)} messages on DIGEST, of which one must be taken")
    said = [read(one) for one in found[0].message]
    expected = [Polynomial.variable("cap"), Polynomial.variable("place"), *ELEMENTS[:DIGEST_LENGTH]]
    if said != expected:
        raise RefutedError(f"a digest's row takes {said}, not {expected}")
    if read(found[0].multiplicity) != Polynomial.variable(COUNT).scaled(P - 1):
        raise RefutedError("a digest's row is not taken as often as its count says")
    others = [read(one) for message in air.interactions if message.sent for one in message.message]
    others += [read(one.expression) for one in air.own_constraints]
    if any(COUNT in one.variables for one in others):
        raise RefutedError("the count means something beside how often a digest is taken")


def _places(air: Air) -> None:
    del air
    digests = list(product(range(3), repeat=2))
    for pair in product(digests, repeat=2):
        records = np.zeros((2, WIDTHS[layout.ELEMENTS]), np.int64)
        records[:, [Elements.CAP, Elements.PLACE]] = pair
        is_twice = pair[0] == pair[1] and pair[0][0] > 0
        try:
            found = wirings(CHIP, records)
        except CircuitError:
            found = None
        if found != (None if is_twice else [{"cap": cap, "place": place} for cap, place in pair]):
            raise RefutedError(f"rows of the digests {pair} have the fixed columns {found}")


def _padding(air: Air) -> None:
    show_padding(air, free=[DIGEST])
    if air.own_constraints:
        raise RefutedError("a table that only names things has constraints")
