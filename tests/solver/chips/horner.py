"""The Horner chip: each sum of a row follows from the row's block and the sums of the row below.

Shown with masks, block, sums and challenges as variables: for all their values at once. Written out, the
powers of a challenge have thousands of terms; so each is a variable, and what equals the power before times
the challenge is read as that variable.
"""

from __future__ import annotations

import numpy as np

from tests.solver.chips.definitions import define
from tests.solver.chips.extension import in_base, plus, times
from tests.solver.chips.reading import (
    at_next,
    claim,
    show_only_slots,
    show_padding,
    show_slot,
    statements_read_by,
    variables,
    wirings,
)
from tests.solver.claim import Claim, RefutedError, UndecidedError
from tests.solver.polynomial import Assignment, Polynomial, Reader
from zisk.field.quintic import DEGREE
from zisk.hash.sponge import RATE
from zisk.kernels.cpu.circuit_layout import HORNER, NONE, WIDTHS, Horner
from zisk.recursion.buses import BLOCK, WIRE
from zisk.recursion.chips.horner import CHALLENGES, HornerChip
from zisk.stark.air import Air
from zisk.stark.expression import Expression

CHIP = HornerChip()
VALUES = variables("value", RATE)
SUMS = {"kept": "all", "chosen": "some"}
"""The mask of each sum."""

_LIMIT = 3
"""Degree of a mask times an element times a power."""


def claims() -> list[Claim]:
    """The chip's claims."""
    return [
        claim(CHIP, "slots", "the slots say the block and both sums", _slots),
        claim(
            CHIP,
            "all",
            "all is the sum of kept_k g^k value_k for k < 15, and goes_on g^15 all', g being the challenge "
            "that the flag selects",
            lambda air: _sum(air, "kept"),
        ),
        claim(CHIP, "some", "some is the same with chosen in place of kept", lambda air: _sum(air, "chosen")),
        claim(CHIP, "flags", "a row's fixed columns are its record's masks and flags, 0 or 1 each", _wiring),
        claim(
            CHIP,
            "end",
            "the last row of a chain takes nothing from the row below, and is never the table's last",
            _end,
        ),
        claim(CHIP, "padding", "a row of padding says nothing, and zeros satisfy it", _padding),
    ]


def _slots(air: Air) -> None:
    show_only_slots(air, CHIP)
    show_slot(air, BLOCK, "block", VALUES)
    for name in SUMS.values():
        show_slot(air, WIRE, name, variables(name, DEGREE))


def _sum(air: Air, mask: str) -> None:
    for which in range(CHALLENGES):
        known = {"second_challenge": which}
        given = set(air.preprocessed_names)
        given |= {name for value in VALUES for name in value.variables}
        given |= {f"{name}[{k}]'" for name in SUMS.values() for k in range(DEGREE)}
        given |= {
            name
            for exponent in range(1, RATE + 1)
            for one in _power(which, exponent)
            for name in one.variables
        }
        found = define(statements_read_by(_PowerReader(air, known), air), given)
        for k, expected in enumerate(_expected(mask, which)):
            name = f"{SUMS[mask]}[{k}]"
            if found.defined(name) != expected:
                raise RefutedError(f"{name} is not the sum of what is {mask}, for challenge {which}")


def _expected(mask: str, which: int) -> list[Polynomial]:
    """The sum of a row, from what is on it and the sum below."""
    terms = [
        times(in_base(weight * value), _power(which, k))
        for k, (weight, value) in enumerate(zip(variables(mask, RATE), VALUES, strict=True))
    ]
    goes_on = Polynomial.variable("goes_on")
    below = [goes_on * at_next(one) for one in variables(SUMS[mask], DEGREE)]
    return plus(*terms, times(below, _power(which, RATE)))


def _power(which: int, exponent: int) -> list[Polynomial]:
    """A power of a challenge: from 2 on, variables of their own."""
    if exponent == 0:
        return in_base(Polynomial.constant(1))
    if exponent == 1:
        return variables(f"@challenge_{which}", DEGREE)
    return variables(f"challenge_{which}^{exponent}", DEGREE)


class _PowerReader(Reader):
    """Reads what equals a coefficient of a power times the challenge as that of the next power."""

    def __init__(self, air: Air, known: Assignment) -> None:
        super().__init__(air, known)
        self._powers = {
            frozenset(written.terms.items()): named
            for which in range(CHALLENGES)
            for exponent in range(2, RATE + 1)
            for written, named in zip(
                times(_power(which, exponent - 1), _power(which, 1)), _power(which, exponent), strict=True
            )
        }

    def _read(self, expression: Expression) -> Polynomial:
        found = super()._read(expression)
        if found.degree > _LIMIT:
            raise UndecidedError("a power of a challenge is not the one before times the challenge")
        return self._powers.get(frozenset(found.terms.items()), found)


def _wiring(air: Air) -> None:
    del air
    for goes_on, which in ((0, 0), (0, 1), (1, 0), (1, 1)):
        for kept, chosen in ((0, 0), (1, 1), (0x7FFF, 0), (0x5A5A, 0x1248), (0x7FFF, 0x7FFF)):
            record = np.zeros((1, WIDTHS[HORNER]), np.int64)
            record[0, [Horner.EVERY, Horner.SOME]] = NONE
            record[0, [Horner.GOES_ON, Horner.WHICH, Horner.KEPT, Horner.CHOSEN]] = (
                goes_on,
                which,
                kept,
                chosen,
            )
            expected = {"goes_on": goes_on, "second_challenge": which}
            for name, given in (("kept", kept), ("chosen", chosen)):
                expected |= {f"{name}[{k}]": given >> k & 1 for k in range(RATE)}
            if wirings(CHIP, record) != [expected]:
                raise RefutedError(f"the fixed columns of {record.tolist()} are {wirings(CHIP, record)}")


def _end(air: Air) -> None:
    for which in range(CHALLENGES):
        read = _PowerReader(air, {"goes_on": 0, "second_challenge": which})
        if any(_reads_next(one) for one in statements_read_by(read, air)):
            raise RefutedError("the last row of a chain states something of the row below")
    if CHIP.spare_rows < 1:
        raise RefutedError("the last row of the table may count, and nothing is stated of its sums")


def _reads_next(polynomial: Polynomial) -> bool:
    return any(name.endswith("'") for name in polynomial.variables)


def _padding(air: Air) -> None:
    show_padding(air)
    zeros = [*air.preprocessed_names, *air.main_names, *(f"{name}'" for name in air.main_names)]
    if statements_read_by(_PowerReader(air, dict.fromkeys(zeros, 0)), air):
        raise RefutedError("zeros do not satisfy a row of padding")
