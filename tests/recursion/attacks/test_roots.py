"""Shrink and final circuits: roots of other circuits or under other keys, and the keys that are shipped."""

from __future__ import annotations

import pytest

from tests.recursion.attacks.children import Child, allowed, child, interface, saying, shrink, standing_for
from tests.recursion.attacks.weak import accepted, refused, without
from tests.recursion.laboratory import listed
from zisk.field.koalabear import P
from zisk.recursion.circuit import Circuit
from zisk.recursion.interface import INTERFACE_LENGTH
from zisk.recursion.node import final_hints, record_final, shrink_hints
from zisk.recursion.shapes import FINAL_LOG_SIZE, INNER_LOG_SIZE, SHRINK_LOG_SIZE
from zisk.recursion.shipped import shipped_keys

LEFT = interface()
OTHER = "another circuit"


@pytest.fixture(scope="module")
def left() -> Child:
    return child(LEFT)


def test_no_key_is_shipped_for_two_uses_or_two_levels() -> None:
    """So keys of shrink and final circuits are in no tree, and the trees of two levels have other roots."""
    levels = [shipped_keys(level) for level in (100, 128)]
    shipped = [digest for one in levels for digest in one.digests.values()]
    assert len(set(shipped)) == len(shipped) == 16
    assert levels[0].root != levels[1].root
    for one in levels:
        assert set(one.tree[0]) == set(one.allowed.values())
        assert not set(one.tree[0]) & {one.final.digest, one.compressed.digest}
    assert len({INNER_LOG_SIZE, SHRINK_LOG_SIZE, FINAL_LOG_SIZE}) == 3


def test_a_root_of_a_circuit_that_is_not_allowed_is_refused() -> None:
    circuit, forged = shrink(), child(LEFT, saying(OTHER))
    key = forged.circuit.key
    hints = listed(shrink_hints(forged.proof, key, standing_for(key.digest)))
    refused(circuit, LEFT.values, hints)
    with without("_allowed_key"):
        trusting = shrink()
    accepted(trusting, LEFT.values, hints)


@pytest.fixture(scope="module")
def shrinking() -> Circuit:
    return shrink()


@pytest.mark.parametrize("place", range(INTERFACE_LENGTH))
def test_a_shrunk_root_that_says_something_else_is_refused(
    shrinking: Circuit, left: Child, place: int
) -> None:
    hints = listed(shrink_hints(left.proof, left.circuit.key, allowed()))
    accepted(shrinking, LEFT.values, hints)
    lie = list(LEFT.values)
    lie[place] = (lie[place] + 1) % P
    refused(shrinking, lie, hints)


def test_a_shrunk_root_under_another_key_is_refused_by_the_final_circuit() -> None:
    """The final circuit has the key as a constant: a proof of another circuit of the same shape fails."""
    honest, forged = (child(LEFT, saying(name)) for name in ("shrink", OTHER))
    circuit = record_final(honest.circuit.key)
    accepted(circuit, LEFT.values, final_hints(honest.proof, honest.circuit.key))
    hints = final_hints(forged.proof, forged.circuit.key)
    refused(circuit, LEFT.values, hints)
    accepted(record_final(forged.circuit.key), LEFT.values, hints)
