"""Whole trees that a node has a witness for, and that the verifier of final proofs refuses.

A node looks at two children. That all segments are there, once, and join up to one run, shows in the root
alone: the challenge binds its digest, count and weight, and the buses must cancel. Here the segments are true
ones of the toy machine. Small circuits say what their leaves, nodes and final proof would say, nodes are
executed over every two of them, and the real verifier judges the root.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from tests.claims import claims_with
from tests.recursion.attacks.children import Child, allowed, child, joined, node, saying, shrink
from tests.recursion.attacks.weak import accepted
from tests.stark.attacks.toy_job import CLAIMS, KEY, LEVEL, committed, core_segment
from tests.stark.toy import BACKEND, LOG_SIZE, PROGRAM
from zisk.field.koalabear import P
from zisk.proof_format.final_proof import FinalProof
from zisk.proof_format.forms import ProofForm
from zisk.proof_format.statement import Claims, derive_challenge
from zisk.proof_format.units import split_point
from zisk.recursion.circuit import Circuit
from zisk.recursion.interface import Interface
from zisk.recursion.node import shrink_hints
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.parameters import parameters_for
from zisk.stark.proof import encode
from zisk.stark.prove import CommittedSegment, prove_segment
from zisk.stark.transcript_order import JobChallenge, SearchedWork
from zisk.stark.verify import global_sum
from zisk.verifier.outcome import Outcome
from zisk.verifier.verify_final import verify_final

VERIFIER = import_module("zisk.verifier.verify_final")
UNITS = 1

Tree = int | tuple["Tree", "Tree"]
"""A leaf by its segment's place, or two subtrees."""


def tree_of(places: Sequence[int]) -> Tree:
    """The tree over segments in order."""
    if len(places) == 1:
        return places[0]
    split = split_point(len(places))
    return tree_of(places[:split]), tree_of(places[split:])


def places_of(tree: Tree) -> list[int]:
    return [tree] if isinstance(tree, int) else [*places_of(tree[0]), *places_of(tree[1])]


def challenge_of(root: Interface[int], claims: Claims) -> tuple[JobChallenge, tuple[int, ...]]:
    """The challenge that binds a root, and its nonces."""
    work = SearchedWork(BACKEND)
    job = derive_challenge(
        program_digest=PROGRAM,
        level=LEVEL,
        log_size=LOG_SIZE,
        grinding_bits=parameters_for(LEVEL).global_grinding_bits,
        keys=allowed()[-1][0],
        claims=claims,
        units=UNITS,
        root=root.digest,
        count=root.count,
        weight=root.weight,
        work=work,
    )
    return job, tuple(work.nonces)


def said_of(segment: CommittedSegment, job: JobChallenge | None) -> Interface[int]:
    """What the leaf over a segment says; without a job only what does not depend on it."""
    total: Any = (0,) * 5
    if job is not None:
        proof = prove_segment(segment, job, BACKEND)
        total = global_sum(proof, segment.fixed.key.kind, job)
    return Interface(
        program=PROGRAM,
        binding=job.binding if job else (0,) * 9,
        alpha=job.bus.alpha if job else (0,) * 5,
        beta=job.bus.beta if job else (0,) * 5,
        keys=allowed()[-1][0],
        digest=segment.leaf,
        count=1,
        weight=segment.weight,
        total=total,
    )


def say(tree: Tree, leaves: Sequence[Interface[int]]) -> Interface[int]:
    """What a tree over leaves says."""
    if isinstance(tree, int):
        return leaves[tree]
    return joined(say(tree[0], leaves), say(tree[1], leaves))


@cache
def node_circuit() -> Circuit:
    return node()


def check_nodes(tree: Tree, leaves: Sequence[Interface[int]]) -> Child:
    """Execute the node circuit over every two subtrees, and prove what they say."""
    said = say(tree, leaves)
    if isinstance(tree, int):
        return child(said)
    left, right = (check_nodes(half, leaves) for half in tree)
    accepted(node_circuit(), said.values, left.hints(), right.hints())
    return child(said, saying("node"))


def fold(
    segments: Sequence[CommittedSegment],
    tree: Tree | None = None,
    claims: Claims = CLAIMS,
    *,
    contributed: Tree | None = None,
) -> FinalProof:
    """A final proof of a tree, which shrinks; the challenge binds what was `contributed`: by default that."""
    folded = tree_of(range(len(segments))) if tree is None else tree
    bound = say(contributed or folded, [said_of(one, None) for one in segments])
    job, nonces = challenge_of(bound, claims)
    root = check_nodes(folded, [said_of(one, job) for one in segments])
    accepted(shrink(), root.said.values, shrink_hints(root.proof, root.circuit.key, allowed()))
    final = child(root.said, saying("final"))
    return FinalProof(PROGRAM, LEVEL, LOG_SIZE, UNITS, claims, nonces, False, encode(final.proof))


@contextmanager
def shipping() -> Iterator[None]:
    """Inside, the version ships the small circuits."""
    final = saying("final").key
    shipped = SimpleNamespace(root=allowed()[-1][0], final=final, compressed=final)
    with patch.object(VERIFIER, "shipped_keys", lambda level: shipped):
        yield


def judged(proof: FinalProof) -> Outcome:
    """The real verifier's verdict."""
    with shipping():
        return verify_final(proof, KEY)


def refused(proof: FinalProof, *reasons: Rejection) -> None:
    with pytest.raises(VerificationError) as caught:
        judged(proof)
    assert caught.value.reason in reasons


@pytest.fixture(scope="module")
def segments() -> tuple[CommittedSegment, ...]:
    return committed()


def test_a_true_job_is_accepted(segments: tuple[CommittedSegment, ...]) -> None:
    assert judged(fold(segments)) == Outcome(
        form=ProofForm.FINAL,
        digest=np.array(PROGRAM, dtype="<u4").tobytes(),
        exit_code=20,
        outputs=CLAIMS.outputs,
        segments=3,
        steps=None,
        security=LEVEL,
        log_size=LOG_SIZE,
    )


# After the challenge: another tree than contributed.

HONEST = ((0, 1), (2, 3))


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        pytest.param(((0, 0), (2, 3)), Rejection.PROOF_OF_WORK, id="the same child twice"),
        pytest.param(((1, 0), (2, 3)), Rejection.PROOF_OF_WORK, id="two leaves swapped"),
        pytest.param(((2, 3), (0, 1)), Rejection.PROOF_OF_WORK, id="two subtrees swapped"),
        pytest.param((0, (1, (2, 3))), Rejection.PROOF_OF_WORK, id="another shape"),
        pytest.param((0, 1), Rejection.STATEMENT, id="a subtree dropped"),
        pytest.param(((0, 1), 2), Rejection.STATEMENT, id="a leaf dropped"),
        pytest.param((HONEST, 3), Rejection.STATEMENT, id="a leaf more"),
        pytest.param(0, Rejection.STATEMENT, id="a single leaf"),
    ],
)
def test_another_tree_than_contributed_is_refused(
    segments: tuple[CommittedSegment, ...], tree: Any, reason: Rejection
) -> None:
    """Every node has a witness. A nonce that fits by chance would leave the challenge itself to differ."""
    proof = fold(segments, tree, contributed=HONEST)
    refused(proof, reason, Rejection.CHALLENGE)


# Before it: the challenge binds the false tree.


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param(((0, 0), (2, 3)), id="instead of another"),
        pytest.param(((0, 1), (3, 3)), id="edges instead of core"),
        pytest.param(((0, 0), (0, 0)), id="throughout"),
    ],
)
def test_the_same_child_twice_is_refused(segments: tuple[CommittedSegment, ...], tree: Any) -> None:
    refused(fold(segments, tree), Rejection.BUS)
    with patch.object(VERIFIER, "check_total"):
        assert judged(fold(segments, tree)).exit_code == 20


def test_the_same_child_once_more_is_refused(segments: tuple[CommittedSegment, ...]) -> None:
    """With a claim of as many segments, core or edges."""
    tree = (((0, 1), (2, 3)), 0)
    for claims in (claims_with(CLAIMS, core=4), claims_with(CLAIMS, edges=2)):
        proof = fold(segments, tree, claims)
        refused(proof, Rejection.BUS)


@pytest.mark.parametrize("tree", [(0, 1), ((0, 1), 3), ((0, 2), 3), ((1, 2), 3)])
def test_a_tree_that_lacks_a_segment_is_refused(segments: tuple[CommittedSegment, ...], tree: Any) -> None:
    claims = claims_with(CLAIMS, core=len(places_of(tree)) - 1)
    refused(fold(segments, tree, claims), Rejection.BUS)


def test_a_tree_of_one_leaf_is_refused(segments: tuple[CommittedSegment, ...]) -> None:
    """A leaf's key is allowed, so it shrinks; a job has two segments at least, whatever is claimed."""
    assert tree_of(range(4)) == HONEST
    bound = said_of(segments[0], None)
    for claims in (CLAIMS, claims_with(CLAIMS, core=1, edges=0)):
        with pytest.raises(VerificationError) as caught:
            challenge_of(bound, claims)
        assert caught.value.reason is Rejection.STATEMENT
        proof = dataclasses.replace(fold(segments, 0, contributed=HONEST), claims=claims)
        refused(proof, Rejection.STATEMENT)


def test_a_leaf_of_another_job_is_refused(segments: tuple[CommittedSegment, ...]) -> None:
    """The second segment starts elsewhere: it belongs to a run that another job proves."""
    other = core_segment(2, 6, 8)
    refused(fold((segments[0], other, *segments[2:])), Rejection.BUS)


def test_a_claim_that_changes_after_the_challenge_is_refused(segments: tuple[CommittedSegment, ...]) -> None:
    proof = fold(segments)
    lie = dataclasses.replace(proof, claims=dataclasses.replace(CLAIMS, exit_code=21))
    refused(lie, Rejection.PROOF_OF_WORK, Rejection.CHALLENGE)
    false = dataclasses.replace(CLAIMS, exit_code=21)
    refused(fold(segments, claims=false), Rejection.BUS)


def test_segments_in_another_order_before_the_challenge_are_one_run(
    segments: tuple[CommittedSegment, ...],
) -> None:
    """Order in the tree means nothing: their numbers, on the global buses, say how they follow."""
    assert judged(fold(segments, ((3, 1), (0, 2)))).exit_code == 20


def test_a_sum_moved_between_two_leaves_leaves_the_root_as_it_is(
    segments: tuple[CommittedSegment, ...],
) -> None:
    """Nodes look at the total alone: that each leaf's sum is that of its segment, the leaf states."""
    job, _ = challenge_of(say(HONEST, [said_of(one, None) for one in segments]), CLAIMS)
    leaves = [said_of(one, job) for one in segments]
    moved = list(leaves)
    for place, step in ((0, 1), (3, -1)):
        total = leaves[place].total
        moved[place] = dataclasses.replace(leaves[place], total=((total[0] + step) % P, *total[1:]))
    assert moved != leaves
    assert check_nodes(HONEST, moved).said == say(HONEST, leaves)
