"""Nodes: children of other circuits, levels, heights and jobs, and what is not the sum of children."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest

from tests.recursion.attacks.children import (
    LOG_HEIGHTS,
    LOG_SIZE,
    PARAMETERS,
    Child,
    allowed,
    child,
    interface,
    joined,
    node,
    saying,
    standing_for,
)
from tests.recursion.attacks.weak import accepted, refused, without
from zisk.choices import LOG_SIZES
from zisk.field.koalabear import P
from zisk.hash.sponge import hash_elements
from zisk.hash.tags import TAG_COMPRESSION, TAG_CONTRIBUTION, TAG_LEAF, TAG_SEGMENT
from zisk.recursion import node as nodes
from zisk.recursion.chips.horner import challenge_names
from zisk.recursion.circuit import Circuit
from zisk.recursion.hashing import hinted_elements
from zisk.recursion.interface import INTERFACE_LENGTH, Interface
from zisk.recursion.keys import KeyWires, key_hints
from zisk.recursion.kind import circuit_kind
from zisk.recursion.memory import Wire
from zisk.recursion.node import final_hints, record_node
from zisk.recursion.paths import path_hints
from zisk.recursion.segment_hints import SegmentHints
from zisk.recursion.trees import key_tree
from zisk.stark.kind import WEIGHT_LIMIT
from zisk.vm.kinds import core_kind, edges_kind

LEFT = interface()
RIGHT = interface(total=9, weight=6, digest=tuple(range(41, 50)))
OTHER = "another circuit"


@pytest.fixture(scope="module")
def circuit() -> Circuit:
    return node()


@pytest.fixture(scope="module")
def left() -> Child:
    return child(LEFT)


@pytest.fixture(scope="module")
def right() -> Child:
    return child(RIGHT, saying("node"))


def values(said: Interface[int], **changed: Any) -> tuple[int, ...]:
    return dataclasses.replace(said, **changed).values


def test_two_children_of_one_job_have_a_node(circuit: Circuit, left: Child, right: Child) -> None:
    accepted(circuit, joined(LEFT, RIGHT).values, left.hints(), right.hints())


# Keys.


@pytest.mark.parametrize("name", [OTHER, "shrink", "final"])
@pytest.mark.parametrize("place", [0, 2, 7])
def test_a_child_of_a_circuit_that_is_not_allowed_is_refused(
    circuit: Circuit, right: Child, name: str, place: int
) -> None:
    """With the path of an allowed key."""
    forged = child(LEFT, saying(name))
    hints = forged.hints(standing_for(forged.circuit.key.digest, place))
    publics = joined(LEFT, RIGHT).values
    refused(circuit, publics, hints, right.hints())
    with without("_allowed_key"):
        trusting = node()
    accepted(trusting, publics, hints, right.hints())


def test_a_tree_of_keys_of_the_provers_own_is_refused(circuit: Circuit, right: Child) -> None:
    """The path leads to a root, but not to the one that the node says."""
    forged = child(LEFT, saying(OTHER))
    hints = forged.hints(key_tree([forged.circuit.key.digest, saying("node").key.digest]))
    publics = joined(LEFT, RIGHT).values
    refused(circuit, publics, hints, right.hints())
    with without("_allowed_key"):
        trusting = node()
    accepted(trusting, publics, hints, right.hints())


def test_a_tree_of_the_provers_own_throughout_is_said(circuit: Circuit) -> None:
    """A node takes any root that parent and children share: the final verifier knows the right one."""
    tree = key_tree([saying(OTHER).key.digest])
    one, other = (child(dataclasses.replace(said, keys=tree[-1][0]), saying(OTHER)) for said in (LEFT, RIGHT))
    accepted(circuit, joined(one.said, other.said).values, one.hints(tree), other.hints(tree))
    refused(circuit, values(joined(LEFT, RIGHT)), one.hints(tree), other.hints(tree))


GREATER = tuple(height + (place == 3) for place, height in enumerate(LOG_HEIGHTS))


@pytest.mark.parametrize(
    ("log_heights", "level", "log_size"),
    [
        pytest.param(LOG_HEIGHTS, 100, LOG_SIZE, id="of 100 bits"),
        pytest.param(GREATER, 128, LOG_SIZE, id="of other heights"),
        pytest.param(LOG_HEIGHTS, 128, LOG_SIZE + 1, id="of another size"),
    ],
)
def test_a_child_of_another_level_shape_or_size_is_refused(
    circuit: Circuit, right: Child, log_heights: Sequence[int], level: int, log_size: int
) -> None:
    """Even if its key were in the tree of allowed keys; a node recorded for such children takes two."""
    parameters = dataclasses.replace(PARAMETERS, level=level)
    other = saying(OTHER, tuple(log_heights), parameters, log_size)
    tree = key_tree([other.key.digest, saying("node").key.digest])
    one, two = (child(dataclasses.replace(said, keys=tree[-1][0]), other) for said in (LEFT, RIGHT))
    honest = child(dataclasses.replace(RIGHT, keys=tree[-1][0]), right.circuit)
    publics = joined(one.said, honest.said).values
    refused(circuit, publics, one.hints(tree), honest.hints(tree))
    with without("_allowed_key"):
        trusting = node()
    refused(trusting, publics, one.hints(tree), honest.hints(tree))
    its_own = record_node(circuit_kind(log_size, INTERFACE_LENGTH), parameters, log_heights)
    accepted(its_own, joined(one.said, two.said).values, one.hints(tree), two.hints(tree))


# The job.


def changed(digest: Sequence[int]) -> tuple[int, ...]:
    return (*digest[:-1], (digest[-1] + 1) % P)


@pytest.mark.parametrize("part", ["program", "binding", "alpha", "beta", "keys"])
def test_children_of_two_jobs_are_refused(circuit: Circuit, left: Child, part: str) -> None:
    """Whichever of the two the node says; accepted where each child brings a job of its own."""
    other = child(dataclasses.replace(RIGHT, **{part: changed(getattr(RIGHT, part))}))
    said = joined(LEFT, other.said)
    of_the_other = values(joined(other.said, LEFT), digest=said.digest)
    for publics in (said.values, of_the_other):
        refused(circuit, publics, left.hints(), other.hints())
    accepted(of_any_job(), said.values, free_hints(left), free_hints(other))


def of_any_job() -> Circuit:
    """A node whose children say which job they are of, each for itself."""

    def lenient(circuit: Circuit, key: KeyWires, interface: Interface[Wire], which: int) -> Interface[Wire]:
        said = Interface.split(hinted_elements(circuit, INTERFACE_LENGTH))
        nodes._verify(circuit, key, said, which)
        return said

    with patch.object(nodes, "_verify_child", lenient):
        return node()


def free_hints(one: Child) -> SegmentHints:
    """What such a node takes of a child."""
    path = path_hints(allowed(), allowed()[0].index(one.circuit.key.digest))
    same = final_hints(one.proof, one.circuit.key)
    values = [*key_hints(one.circuit.key), *path, *one.said.values, *same.values]
    return SegmentHints(values, same.gamma)


# What the node says.

JOINED = joined(LEFT, RIGHT)


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param({"count": 1}, id="count of one child"),
        pytest.param({"count": 3}, id="count of a third child"),
        pytest.param({"weight": JOINED.weight - 1}, id="smaller weight"),
        pytest.param({"weight": 0}, id="no weight"),
        pytest.param({"total": LEFT.total}, id="sum of one child"),
        pytest.param({"total": (0,) * 5}, id="sum of zero"),
        pytest.param({"digest": LEFT.digest}, id="digest of one child"),
        pytest.param({"digest": joined(RIGHT, LEFT).digest}, id="children swapped"),
        pytest.param({"digest": joined(LEFT, LEFT).digest}, id="one child twice"),
    ],
)
def test_what_is_not_the_sum_of_its_children_is_refused(
    circuit: Circuit, left: Child, right: Child, lie: dict[str, Any]
) -> None:
    publics = values(JOINED, **lie)
    refused(circuit, publics, left.hints(), right.hints())
    with without("record_node"):
        trusting = node()
    accepted(trusting, publics, left.hints(), right.hints())


@pytest.mark.parametrize("tag", [TAG_SEGMENT, TAG_COMPRESSION, TAG_LEAF])
def test_a_digest_that_is_tagged_as_something_else_is_refused(
    circuit: Circuit, left: Child, right: Child, tag: int
) -> None:
    """A node of the contribution tree is no segment's transcript, nor a node or leaf of another tree."""
    assert tag != TAG_CONTRIBUTION
    publics = values(JOINED, digest=hash_elements(tag, [*LEFT.digest, *RIGHT.digest]))
    refused(circuit, publics, left.hints(), right.hints())
    with patch.object(nodes, "TAG_CONTRIBUTION", tag):
        confused = node()
    accepted(confused, publics, left.hints(), right.hints())


OWN = INTERFACE_LENGTH - len(LEFT.job)


@pytest.mark.parametrize("place", range(OWN))
def test_what_a_child_does_not_say_is_refused(
    circuit: Circuit, left: Child, right: Child, place: int
) -> None:
    """A node that says one more, over a child that is said to say one more, which its proof does not."""
    hints = left.hints()
    start = len(key_hints(left.circuit.key)) + len(path_hints(allowed(), 0))
    own = list(hints.values[start : start + OWN])
    own[place] = (own[place] + 1) % P
    said = Interface.split([*LEFT.job, *own])
    forged = dataclasses.replace(hints, values=[*hints.values[:start], *own, *hints.values[start + OWN :]])
    refused(circuit, joined(said, RIGHT).values, forged, right.hints())


def test_a_part_of_the_sum_moved_to_the_other_child_is_refused(
    circuit: Circuit, left: Child, right: Child
) -> None:
    """The node's own values stay as they are; what a leaf adds is bound in its proof."""
    moved = []
    for one, step in ((left, 1), (right, -1)):
        hints = one.hints()
        start = len(key_hints(one.circuit.key)) + len(path_hints(allowed(), 0)) + OWN - 1
        given = list(hints.values)
        given[start] = (given[start] + step) % P
        moved.append(dataclasses.replace(hints, values=given))
    refused(circuit, JOINED.values, *moved)


def test_the_challenges_of_children_exchanged_are_refused(
    circuit: Circuit, left: Child, right: Child
) -> None:
    one, other = left.hints(), right.hints()
    exchanged = (dataclasses.replace(one, gamma=other.gamma), dataclasses.replace(other, gamma=one.gamma))
    refused(circuit, JOINED.values, *exchanged)


def test_another_challenge_of_the_childs_own_sums_is_refused(
    circuit: Circuit, left: Child, right: Child
) -> None:
    """The challenges among a child's public values are part of what its proof is verified against."""
    hints = left.hints()
    start = len(key_hints(left.circuit.key)) + len(path_hints(allowed(), 0)) + OWN
    for place in range(len(challenge_names())):
        given = list(hints.values)
        given[start + place] = (given[start + place] + 1) % P
        refused(circuit, JOINED.values, dataclasses.replace(hints, values=given), right.hints())


def test_public_values_of_a_child_outside_f_are_refused(left: Child, right: Child) -> None:
    """Even by a node that takes them as free elements of K: rows of elements absorb them."""

    def free(circuit: Circuit, count: int) -> list[Wire]:
        return [circuit.hint() for _ in range(count)]

    with patch.object(nodes, "hinted_elements", free):
        lenient = node()
    spread = [in_extension(one) for one in (left, right)]
    accepted(lenient, JOINED.values, *spread)
    start = len(key_hints(left.circuit.key)) + len(path_hints(allowed(), 0))
    for place in range(OWN + len(challenge_names())):
        given = list(spread[0].values)
        given[start + 5 * place + 3] = 1
        refused(lenient, JOINED.values, dataclasses.replace(spread[0], values=given), spread[1])


def in_extension(one: Child) -> SegmentHints:
    """The hints of a node that takes a child's public values as elements of K."""
    hints = one.hints()
    start = len(key_hints(one.circuit.key)) + len(path_hints(allowed(), 0))
    end = start + OWN + len(challenge_names())
    spread = [part for value in hints.values[start:end] for part in (value, 0, 0, 0, 0)]
    return dataclasses.replace(hints, values=[*hints.values[:start], *spread, *hints.values[end:]])


# Weights.


@pytest.mark.parametrize(
    ("one", "other", "is_below"),
    [
        (WEIGHT_LIMIT - 6, 5, True),
        (WEIGHT_LIMIT - 5, 5, False),
        (WEIGHT_LIMIT - 1, WEIGHT_LIMIT - 1, False),
        (WEIGHT_LIMIT, WEIGHT_LIMIT, False),
        (P - 1, 0, False),
    ],
)
def test_weights_that_reach_the_limit_are_refused(
    circuit: Circuit, one: int, other: int, is_below: bool
) -> None:
    light, heavy = (child(dataclasses.replace(LEFT, weight=weight)) for weight in (one, other))
    publics = joined(light.said, heavy.said).values
    if is_below:
        accepted(circuit, publics, light.hints(), heavy.hints())
        return
    refused(circuit, publics, light.hints(), heavy.hints())
    with patch.object(nodes, "_assert_below_limit"):
        careless = node()
    accepted(careless, publics, light.hints(), heavy.hints())


def test_no_two_children_have_weights_that_wrap() -> None:
    """A node's weight is below the limit, and so is that of any leaf: two of them do not reach p."""
    kinds = [*(core_kind(log_size) for log_size in LOG_SIZES), edges_kind()]
    assert max(kind.weight([table.max_log_height for table in kind.tables]) for kind in kinds) < WEIGHT_LIMIT
    assert min(kind.weight([0] * len(kind.tables)) for kind in kinds) >= 1
    assert 2 * WEIGHT_LIMIT < P
