"""Paths in small trees: every leaf has one, and only at its place, also for a prover who bends its hints."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from tests.recursion.attacks.weak import without
from zisk.field.koalabear import P
from zisk.hash.sponge import DIGEST_LENGTH, Digest, hash_elements
from zisk.hash.tags import TAG_COMPRESSION
from zisk.recursion import paths
from zisk.recursion.circuit import Circuit
from zisk.recursion.errors import WitnessError
from zisk.recursion.memory import Wire
from zisk.recursion.paths import path_hints, path_root, select
from zisk.recursion.trees import levels
from zisk.recursion.witness import execute

DEPTH = 3
LEAVES: list[Digest] = [hash_elements(1, [place]) for place in range(1 << DEPTH)]
TREE = levels(LEAVES)
ROOT = TREE[-1][0]


def opening(depth: int = DEPTH) -> Circuit:
    """A circuit whose public values are a leaf, its root and its place."""
    circuit = Circuit(2 * DIGEST_LENGTH + 1)
    leaf, said = circuit.publics[:DIGEST_LENGTH], circuit.publics[DIGEST_LENGTH:]
    root, position = path_root(circuit, leaf, depth)
    for one, other in zip(said, (*root, position), strict=True):
        circuit.assert_equal(one, other)
    return circuit


@pytest.fixture(scope="module")
def circuit() -> Circuit:
    return opening()


def refused(circuit: Circuit, publics: list[int], hints: list[int]) -> None:
    with pytest.raises(WitnessError):
        execute(circuit, publics, hints)


@pytest.mark.parametrize("place", range(1 << DEPTH))
def test_every_leaf_has_a_path_at_its_place_and_no_other(circuit: Circuit, place: int) -> None:
    hints = path_hints(TREE, place)
    execute(circuit, [*LEAVES[place], *ROOT, place], hints)
    for other in {*range(1 << DEPTH), place + (1 << DEPTH), P - 1} - {place}:
        refused(circuit, [*LEAVES[place], *ROOT, other], hints)


def test_every_hint_and_public_value_matters(circuit: Circuit) -> None:
    publics, hints = [*LEAVES[5], *ROOT, 5], path_hints(TREE, 5)
    for values in (publics, hints):
        for place in range(len(values)):
            values[place] = (values[place] + 1) % P
            refused(circuit, publics, hints)
            values[place] = (values[place] - 1) % P
    execute(circuit, publics, hints)


def test_a_node_is_not_taken_for_a_leaf(circuit: Circuit) -> None:
    """It has a path, which is shorter."""
    node, hints = TREE[1][2], path_hints(TREE, 5)[1 + DIGEST_LENGTH :]
    execute(opening(DEPTH - 1), [*node, *ROOT, 2], hints)
    for more in ([], [0, *LEAVES[4]], [1, *node]):
        refused(circuit, [*node, *ROOT, 2], [*hints, *more])


def on_the_line(scale: int) -> tuple[list[int], list[int]]:
    """A leaf L + s (R - L) that no tree has, and hints that would lead from it to the root over L and R.

    With the flag -s / (1 - 2 s) and the sibling R - s (R - L), the selected children are L and R.
    """
    pair = LEAVES[:2]
    leaf = [(one + scale * (other - one)) % P for one, other in zip(*pair, strict=True)]
    sibling = [(other - scale * (other - one)) % P for one, other in zip(*pair, strict=True)]
    flag = -scale * pow(1 - 2 * scale, -1, P) % P
    return leaf, [flag, *sibling]


@pytest.mark.parametrize("scale", [2, 3, P - 1, P - 5])
def test_a_path_with_a_flag_that_is_no_bit_is_refused(scale: int) -> None:
    leaf, hints = on_the_line(scale)
    root = hash_elements(TAG_COMPRESSION, [*LEAVES[0], *LEAVES[1]])
    publics = [*leaf, *root, hints[0]]
    assert tuple(leaf) not in LEAVES[:2]
    refused(opening(1), publics, hints)
    with without("path_root"):
        trusting = opening(1)
    execute(trusting, publics, hints)


@pytest.mark.parametrize("scale", [0, 1])
def test_on_that_line_only_the_two_leaves_have_a_path(scale: int) -> None:
    leaf, hints = on_the_line(scale)
    assert tuple(leaf) == LEAVES[scale]
    execute(opening(1), [*leaf, *hash_elements(TAG_COMPRESSION, [*LEAVES[0], *LEAVES[1]]), scale], hints)


def test_a_sibling_outside_f_is_refused() -> None:
    """Even by a circuit that takes it as a free element of K: what is hashed is in F."""

    def free(circuit: Circuit, count: int) -> list[Wire]:
        return [circuit.hint() for _ in range(count)]

    with patch.object(paths, "hinted_elements", free):
        lenient = opening()
    publics, hints = [*LEAVES[5], *ROOT, 5], path_hints(TREE, 5)
    spread: list[int] = []
    for place, hint in enumerate(hints):
        spread += [hint] if place % (1 + DIGEST_LENGTH) == 0 else [hint, 0, 0, 0, 0]
    execute(lenient, publics, spread)
    for place in (2, 5, 45, 90):
        assert spread[place] == 0
        refused(lenient, publics, [*spread[:place], 7, *spread[place + 1 :]])


def test_select_takes_one_of_two() -> None:
    circuit = Circuit(4)
    flag, one, zero, said = circuit.publics
    circuit.assert_equal(said, select(circuit, flag, one, zero))
    execute(circuit, [1, 8, 9, 8])
    execute(circuit, [0, 8, 9, 9])
    for lie in ([1, 8, 9, 9], [0, 8, 9, 8]):
        refused(circuit, lie, [])
