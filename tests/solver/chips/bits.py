"""The bits chip over the 31 rows of a value, whatever the digits: they are those of one integer below p.

All columns but `bit` follow from the digits. What the rows state of these is read as integers: which digits
are left, and that they make each integer below p, and no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from tests.solver.chips.definitions import Definitions, define
from tests.solver.chips.reading import (
    claim,
    is_boolean,
    on_row,
    reader,
    show_only_slots,
    show_padding,
    show_slot,
    slot,
    statements,
    wirings,
)
from tests.solver.claim import Claim, Method, RefutedError
from tests.solver.polynomial import Polynomial
from zisk.field.koalabear import P, root_of_unity
from zisk.hash.transcript import MAX_BITS
from zisk.kernels.cpu.circuit_layout import NONE
from zisk.recursion.buses import WIRE
from zisk.recursion.chips.bits import BITS, BitsChip
from zisk.stark.air import Air

CHIP = BitsChip()
HIGH, BIT, LOW, POINT = (Polynomial.variable(name) for name in ("high", "bit", "low", "point"))
VALUE = HIGH.scaled(2) + BIT
WIRINGS = wirings(CHIP, np.array([[0, MAX_BITS, NONE, NONE]], np.int64))
"""The fixed columns of the rows of a value."""


def claims() -> list[Claim]:
    """The chip's claims."""
    return [
        claim(CHIP, "slots", "the slots say 2 high + bit, low and point, each in F", _slots),
        claim(CHIP, "flags", "bit is 0 or 1", _flags),
        claim(CHIP, "value", "the value is the sum of 2^i bit_i over 31 rows", _value),
        claim(
            CHIP,
            "canonical",
            "the digits that 31 rows can hold are those of the integers below p, each of them: "
            "so a value has one form",
            _canonical,
            Method.ENUMERATION,
        ),
        claim(CHIP, "low", "low on row j < 24 is the sum of 2^i bit_i for i <= j, below 2^24", _low),
        claim(
            CHIP,
            "point",
            "point on row j < 24 is the product of r_i^bit_i for i <= j, r_i of order 2^(i+1) and "
            "the square of the next: so never 0",
            _point,
        ),
        claim(CHIP, "ones", "ones on row j > 23 is the product of bit_24 to bit_j", _ones),
        claim(CHIP, "places", "a value is said on its first row, low and point on a row below 24", _places),
        claim(
            CHIP, "end", "the last row of a value and a row of padding state nothing of the row below", _end
        ),
        claim(CHIP, "padding", "a row of padding says nothing, and zeros satisfy it", _padding),
    ]


def _slots(air: Air) -> None:
    show_only_slots(air, CHIP)
    for name, value in (("value", VALUE), ("low", LOW), ("point", POINT)):
        show_slot(air, WIRE, name, [value])


def _flags(air: Air) -> None:
    if not any(is_boolean(one, "bit") for one in statements(air)):
        raise RefutedError("nothing states that bit is 0 or 1")


def _value(air: Air) -> None:
    said = reader(air)(slot(air, WIRE, "value").message[1])
    found = _unrolled(air).expanded(on_row(said, 0))
    if found != _weighted(BITS):
        raise RefutedError(f"the value is {found}, not the sum of its digits")


def _canonical(air: Air) -> None:
    _flags(air)
    unrolled = _unrolled(air)
    found = [unrolled.expanded(one) for one in unrolled.conditions]
    digits = [f"bit@{place}" for place in range(BITS)]
    conditions = [one for one in found if one.terms and not any(is_boolean(one, digit) for digit in digits)]
    count = greatest = 0
    for top in product((0, 1), repeat=BITS - MAX_BITS):
        free = _free_digits(conditions, top)
        if free is not None:
            count += 1 << len(free)
            greatest = max(greatest, sum(1 << place for place in free) + _number(top, MAX_BITS))
    if (count, greatest) != (P, P - 1):
        raise RefutedError(f"{count} integers up to {greatest} are left, not those below p")


def _low(air: Air) -> None:
    unrolled = _unrolled(air)
    for row in range(MAX_BITS):
        found = unrolled.expanded(unrolled.defined(f"low@{row}"))
        if found != _weighted(row + 1):
            raise RefutedError(f"low on row {row} is {found}")


def _point(air: Air) -> None:
    unrolled, before = _unrolled(air), Polynomial.constant(1)
    for row in range(MAX_BITS):
        root = root_of_unity(row + 1)
        if pow(root, 1 << row, P) != P - 1 or (row and root * root % P != root_of_unity(row)):
            raise RefutedError(
                f"root {row} is not of order {2 << row}, or not a square root of the one before"
            )
        found = unrolled.defined(f"point@{row}")
        for bit, factor in ((0, 1), (1, root)):
            if found.replaced({f"bit@{row}": Polynomial.constant(bit)}) != before.scaled(factor):
                raise RefutedError(f"point on row {row} is {found}")
        before = Polynomial.variable(f"point@{row}")


def _ones(air: Air) -> None:
    unrolled, expected = _unrolled(air), Polynomial.constant(1)
    for row in range(MAX_BITS, BITS):
        expected = expected * Polynomial.variable(f"bit@{row}")
        found = unrolled.expanded(unrolled.defined(f"ones@{row}"))
        if found != expected:
            raise RefutedError(f"ones on row {row} is {found}")


def _places(air: Air) -> None:
    for bits in range(1, MAX_BITS + 1):
        used = CHIP.addresses(CHIP.arrange(np.array([[7, bits, 8, 9]], np.int64)))
        expected = np.full_like(used, NONE)
        expected[0, 0], expected[1:, bits - 1] = 7, (8, 9)
        if not np.array_equal(used, expected):
            raise RefutedError(f"the slots of {bits} low bits name {used.tolist()}")


def _end(air: Air) -> None:
    for known in (WIRINGS[-1], dict.fromkeys(WIRINGS[-1], 0)):
        speaking = [
            one for one in statements(air, known) if any(name.endswith("'") for name in one.variables)
        ]
        if speaking:
            raise RefutedError(f"the row below is bound by {speaking}")


def _padding(air: Air) -> None:
    show_padding(air)
    zeros = dict.fromkeys([*WIRINGS[0], *air.main_names, *(f"{name}'" for name in air.main_names)], 0)
    if statements(air, zeros):
        raise RefutedError("zeros do not satisfy a row of padding")


def _unrolled(air: Air) -> Definitions:
    """What the rows of a value define from its digits."""
    rows = (on_row(one, row) for row, known in enumerate(WIRINGS) for one in statements(air, known))
    return define(rows, {f"bit@{row}" for row in range(BITS)})


def _weighted(count: int) -> Polynomial:
    """The sum of 2^i bit_i over the first `count` digits."""
    return Polynomial({(f"bit@{place}",): (1 << place) % P for place in range(count)})


def _free_digits(conditions: list[Polynomial], top: tuple[int, ...]) -> set[int] | None:
    """The digits below 24 that may be one where those from 24 on are `top`; None if that cannot be.

    A condition left must be a sum of digits with positive weights, below p in all: then it is 0 just where
    its digits are.
    """
    known = {f"bit@{MAX_BITS + place}": value for place, value in enumerate(top)}
    free = set(range(MAX_BITS))
    for condition in conditions:
        left = condition.at(known)
        if left.value is not None:
            if left.value:
                return None
            continue
        if left.degree > 1 or () in left.terms or sum(left.terms.values()) >= P:
            raise RefutedError(f"a condition on digits is none of the kind that is read here: {left}")
        free -= set(_places_of(left))
    return free


def _places_of(polynomial: Polynomial) -> Iterator[int]:
    for name in polynomial.variables:
        yield int(name.removeprefix("bit@"))


def _number(digits: tuple[int, ...], start: int) -> int:
    return sum(digit << start + place for place, digit in enumerate(digits))
