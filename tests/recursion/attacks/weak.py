"""Circuits recorded with one of their statements left out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from unittest.mock import patch

import numpy as np
import pytest

from zisk.field.koalabear import P
from zisk.field.quintic import Element
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import WitnessError
from zisk.recursion.memory import Wire
from zisk.recursion.segment_hints import SegmentHints
from zisk.recursion.witness import NO_CHALLENGES, execute


@contextmanager
def without(function: str, statement: int = 0) -> Iterator[None]:
    """Inside, circuits are recorded without one equality that a function of `zisk.recursion` states.

    Its statements are counted from 0 in the order in which it first makes them; one in a loop is one. A
    function that does not get so far fails the test.
    """
    true, lines, left_out = Circuit.assert_equal, [], 0

    def lenient(self: Circuit, a: Wire, b: Wire) -> None:
        nonlocal left_out
        caller = sys._getframe(1)
        if caller.f_code.co_name == function:
            if caller.f_lineno not in lines:
                lines.append(caller.f_lineno)
            if lines.index(caller.f_lineno) == statement:
                left_out += 1
                return
        true(self, a, b)

    with patch.object(Circuit, "assert_equal", lenient):
        yield
    assert left_out, f"{function} makes no statement number {statement}"


def accepted(circuit: Circuit, publics: Sequence[int], *proofs: SegmentHints) -> None:
    """Assert that a circuit has a witness for these public values and the proofs that it verifies."""
    execute(circuit, publics, _values(proofs), _challenges(proofs))


def refused(circuit: Circuit, publics: Sequence[int], *proofs: SegmentHints) -> None:
    """Assert that it has none."""
    with pytest.raises(WitnessError):
        accepted(circuit, publics, *proofs)


def free_hints(circuit: Circuit, publics: Sequence[int], *proofs: SegmentHints) -> list[int]:
    """The places of the hints that may be one more, each alone."""
    accepted(circuit, publics, *proofs)
    hints, found = np.array(_values(proofs), np.int64), []
    for place, true in enumerate(hints.tolist()):
        hints[place] = (true + 1) % P
        with suppress(WitnessError):
            execute(circuit, publics, hints, _challenges(proofs))
            found.append(place)
        hints[place] = true
    return found


def _values(proofs: Sequence[SegmentHints]) -> list[int]:
    return [value for one in proofs for value in one.values]


def _challenges(proofs: Sequence[SegmentHints]) -> list[Element]:
    given = [one.gamma for one in proofs]
    return [*given, *NO_CHALLENGES[len(given) :]]
