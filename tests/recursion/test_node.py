"""Nodes, shrink and final circuits over small children: what they say, and every part of it is stated."""

from __future__ import annotations

import pytest

from tests.recursion.attacks.children import Child, allowed, child, interface, joined, node, saying, shrink
from tests.recursion.attacks.weak import accepted, free_hints, refused
from tests.recursion.laboratory import lay_out, listed
from zisk.field.koalabear import P
from zisk.recursion.circuit import Circuit
from zisk.recursion.interface import INTERFACE_LENGTH
from zisk.recursion.keys import key_hints
from zisk.recursion.node import final_hints, record_final, shrink_hints

LEFT = interface(weight=8)
RIGHT = interface(count=3, weight=20, total=11, digest=tuple(range(41, 50)))


@pytest.fixture(scope="module")
def circuit() -> Circuit:
    return node()


@pytest.fixture(scope="module")
def left() -> Child:
    return child(LEFT, saying("edges leaf"))


@pytest.fixture(scope="module")
def right() -> Child:
    return child(RIGHT, saying("node"))


def test_a_node_says_what_its_children_are_together(circuit: Circuit, left: Child, right: Child) -> None:
    said = joined(LEFT, RIGHT)
    assert (said.count, said.weight, said.total) == (4, 28, (18, 2, 4, 6, 8))
    accepted(circuit, said.values, left.hints(), right.hints())


def test_every_public_value_of_a_node_is_stated(circuit: Circuit, left: Child, right: Child) -> None:
    values = joined(LEFT, RIGHT).values
    for place in range(INTERFACE_LENGTH):
        lie = [(one + (k == place)) % P for k, one in enumerate(values)]
        refused(circuit, lie, left.hints(), right.hints())


@pytest.mark.slow
def test_every_hint_of_a_node_has_one_value_but_the_side_of_a_key_that_is_its_own_sibling(
    circuit: Circuit, left: Child, right: Child
) -> None:
    """The last key fills the tree up: which of its places is opened means nothing."""
    tree, key = allowed()[0], right.circuit.key
    assert tree[2] == tree[3] == key.digest
    side = len(left.hints().values) + len(key_hints(key))
    assert free_hints(circuit, joined(LEFT, RIGHT).values, left.hints(), right.hints()) == [side]


def test_children_stand_in_order(circuit: Circuit, left: Child, right: Child) -> None:
    refused(circuit, joined(LEFT, RIGHT).values, right.hints(), left.hints())
    accepted(circuit, joined(RIGHT, LEFT).values, right.hints(), left.hints())


def test_the_filled_tables_of_a_node_satisfy_every_chip(circuit: Circuit, left: Child, right: Child) -> None:
    hints = left.hints(), right.hints()
    given = [value for one in hints for value in one.values]
    said = joined(LEFT, RIGHT)
    trial = lay_out(circuit, said.values, given, [one.gamma for one in hints], log_size=15)
    lie = trial.claims([*said.values[:-1], (said.values[-1] + 1) % P])
    assert trial.violations(publics=lie)


def test_shrink_and_final_circuits_say_what_they_verify(left: Child) -> None:
    hints = listed(shrink_hints(left.proof, left.circuit.key, allowed()))
    accepted(shrink(), LEFT.values, hints)
    final = record_final(left.circuit.key)
    accepted(final, LEFT.values, final_hints(left.proof, left.circuit.key))
    for place in range(INTERFACE_LENGTH):
        lie = [(one + (k == place)) % P for k, one in enumerate(LEFT.values)]
        refused(final, lie, final_hints(left.proof, left.circuit.key))
