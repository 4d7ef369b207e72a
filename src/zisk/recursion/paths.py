"""Paths in small trees of digests: which hints open one, and its root in a circuit; see `trees`."""

from __future__ import annotations

from collections.abc import Sequence

from zisk.hash.sponge import DIGEST_LENGTH, Digest
from zisk.hash.tags import TAG_COMPRESSION
from zisk.recursion import hashing
from zisk.recursion.circuit import Circuit
from zisk.recursion.hashing import hinted_elements
from zisk.recursion.memory import Wire


def path_hints(tree: Sequence[Sequence[Digest]], position: int) -> list[int]:
    """The hints of `path_root` for the leaf at a position of a tree, given by `levels`."""
    hints: list[int] = []
    for nodes in tree[:-1]:
        hints += [position & 1, *nodes[position ^ 1]]
        position >>= 1
    return hints


def path_root(circuit: Circuit, leaf: Sequence[Wire], depth: int) -> tuple[list[Wire], Wire]:
    """The root of a tree in which `leaf` stands somewhere, and its position, below 2^depth.

    Hints, for each level from the leaf: whether the node is a right child, and its sibling.
    """
    node, position = list(leaf), circuit.zero
    for level in range(depth):
        is_right = circuit.hint_base()
        circuit.assert_equal(circuit.multiply(is_right, is_right), is_right)
        sibling = hinted_elements(circuit, DIGEST_LENGTH)
        left = [select(circuit, is_right, one, other) for one, other in zip(sibling, node, strict=True)]
        right = [select(circuit, is_right, one, other) for one, other in zip(node, sibling, strict=True)]
        node = hashing.hash_elements(circuit, TAG_COMPRESSION, [*left, *right])
        position = circuit.multiply_add(is_right, circuit.constant(1 << level), position)
    return node, position


def select(circuit: Circuit, flag: Wire, one: Wire, zero: Wire) -> Wire:
    """`one` where the flag is one, `zero` where it is zero."""
    return circuit.multiply_add(flag, circuit.subtract(one, zero), zero)
