"""Every sort of row that the permutation chip has, every pair of them, and the permutation over forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest import mock

import numpy as np

from tests.solver.chips.forms import Form, as_form, variable_form
from tests.solver.chips.reading import wirings
from zisk.hash import poseidon2, sponge
from zisk.hash.sponge import RATE
from zisk.kernels.cpu import circuit_layout as layout
from zisk.kernels.cpu.circuit_layout import NONE, PERMUTATION, WIDTHS, Permutation
from zisk.recursion.chips.poseidon import PoseidonChip

CHIP = PoseidonChip()
TAG, LENGTH, CAP = 2, 40, 7

Pair = tuple[dict[str, int], dict[str, int]]
"""The fixed columns of a row and of the one below."""


@dataclass(frozen=True, slots=True)
class Sort:
    """What a row is, how many elements it absorbs if it is a continuation, and whether it ends in a cap."""

    sort: int
    carried: int = 0
    ends: bool = False


START = Sort(layout.START)
CONTINUATIONS = [Sort(layout.CONTINUATION, carried) for carried in range(RATE + 1)]
STEPS = [Sort(layout.STEP), Sort(layout.STEP, ends=True)]
SORTS = [START, *CONTINUATIONS, *STEPS]
SPONGE_ROWS = [START, *CONTINUATIONS]


@cache
def neighbours(above: Sort, below: Sort | None) -> Pair:
    """The fixed columns of a row and of the one below, which is of another chain if `below` is None.

    Raises:
        CircuitError: no chain has these rows one below the other.
    """
    chain = [] if above is START else [START]
    chain += [above] if below is None else [above, below]
    place = chain.index(above) if above is not START else 0
    rows = wirings(CHIP, np.array([*_records(0, chain), *_records(1, [START])]))
    return rows[place], rows[place + 1]


@cache
def under_a_step(above: Sort, below: Sort) -> Pair:
    """The same for a step that is not the first of its path."""
    rows = wirings(CHIP, np.array(_records(0, [START, STEPS[0], above, below])))
    return rows[2], rows[3]


@cache
def last_row(sort: Sort) -> dict[str, int]:
    """The fixed columns of a row that is the table's last."""
    return wirings(CHIP, np.array(_records(0, [sort] if sort is START else [START, sort])))[-1]


def _records(chain: int, sorts: Sequence[Sort]) -> list[list[int]]:
    records, above = [], None
    for one in sorts:
        record = [0] * WIDTHS[PERMUTATION]
        is_first_step = one in STEPS and above not in STEPS
        absorbs = one is START or one.carried > 0
        for place, value in (
            (Permutation.CHAIN, chain),
            (Permutation.SORT, one.sort),
            (Permutation.TAG, TAG if one is START else 0),
            (Permutation.LENGTH, LENGTH if one is START else 0),
            (Permutation.CARRIED, one.carried),
            (Permutation.INDEX, 0 if is_first_step else NONE),
            (Permutation.CAP, CAP if one.ends else 0),
            (Permutation.BLOCK, 0 if absorbs else NONE),
            (Permutation.OUTPUT, NONE),
        ):
            record[place] = value
        records.append(record)
        above = one
    return records


@dataclass(frozen=True, slots=True)
class _Traced:
    """A linear form whose cube is the next column of cubes."""

    form: Form
    cubed: list[Form] = field(repr=False)

    def __add__(self, other: _Traced | int) -> _Traced:
        return _Traced(self.form + _form(other), self.cubed)

    __radd__ = __add__

    def __mul__(self, other: int) -> _Traced:
        return _Traced(self.form * other, self.cubed)

    __rmul__ = __mul__

    def __mod__(self, modulus: int) -> _Traced:
        return _Traced(self.form % modulus, self.cubed)

    def __pow__(self, exponent: int) -> _Traced:
        assert exponent == 3
        self.cubed.append(self.form)
        return _Traced(variable_form(f"cube[{len(self.cubed) - 1}]"), self.cubed)


def _form(value: _Traced | int) -> Form:
    return value.form if isinstance(value, _Traced) else as_form(value)


@cache
def permuted() -> tuple[list[Form], list[Form]]:
    """`poseidon2.permute` of x[0] to x[23]: its output, and what is cubed on the way, as linear forms."""
    cubed: list[Form] = []
    state: list[Any] = [_Traced(variable_form(f"x[{k}]"), cubed) for k in range(poseidon2.WIDTH)]
    output: list[Any] = poseidon2.permute(state)
    return [_form(one) for one in output], cubed


def sponge_on_forms(
    run: Callable[[], Any], permute: Callable[[Sequence[Form]], Sequence[Form]]
) -> Sequence[Form]:
    """What a function of `zisk.hash.sponge` gives over forms, with this in the place of the permutation."""
    with mock.patch.object(sponge, "permute_state", lambda state: permute([as_form(one) for one in state])):
        return run()
