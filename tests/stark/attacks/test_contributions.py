"""The contribution tree: what it binds, and contributions that lie."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pytest

from tests.claims import claims_with
from tests.stark.attacks.kinds import fixed_of, lookup_kind
from tests.stark.attacks.toy_job import CLAIMS, KEY, LEVEL, committed, contribution
from tests.stark.forge import Forger, fraction, solve
from tests.stark.toy import BACKEND, JOB, LOG_SIZE, OUTSIDE, PROGRAM
from zisk.choices import MAXIMAL_UNITS
from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE, ZERO
from zisk.hash.sponge import hash_elements
from zisk.hash.tags import TAG_CONTRIBUTION
from zisk.hash.transcript import Transcript
from zisk.proof_format import statement, units
from zisk.proof_format.statement import MAXIMAL_SEGMENTS, Claims, derive_challenge
from zisk.proof_format.units import contribution_root, tree_root
from zisk.prover.contribution import (
    Contribution,
    UnitContribution,
    combine_contributions,
    encode_contribution,
)
from zisk.prover.errors import ContributionError, JobTooLargeError
from zisk.stark.key import Digest
from zisk.stark.proof import encode
from zisk.stark.prove import CommittedSegment
from zisk.stark.transcript_order import CheckedWork, JobChallenge
from zisk.stark.verify import verify_segment


def digest(start: int) -> Digest:
    """Nine elements that stand for a leaf."""
    return tuple(range(start, start + 9))


LEAVES = tuple(digest(100 * index) for index in range(1, 5))
"""As many as `CLAIMS` counts segments."""


KEYS = digest(7)
"""Stands for the root of the allowed keys."""


def derive(
    leaves: Sequence[Digest] = LEAVES, units: int = 3, root: Digest | None = None, **changes: Any
) -> JobChallenge:
    """A global challenge over fixed items, some of which may be changed."""
    items: dict[str, Any] = {
        "program_digest": PROGRAM,
        "level": LEVEL,
        "log_size": LOG_SIZE,
        "grinding_bits": 0,
        "keys": KEYS,
        "claims": CLAIMS,
        "units": units,
        "root": contribution_root(leaves, units) if root is None else root,
        "count": len(leaves),
        "weight": 1000,
        "work": CheckedWork(()),
    }
    return derive_challenge(**{**items, **changes})


def claims(**changes: Any) -> dict[str, Any]:
    return {"claims": claims_with(CLAIMS, **changes)}


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("number", [1, 2, 3, 10])
def test_the_order_of_leaves_is_bound(count: int, number: int) -> None:
    """Every swap of two leaves gives another root, whichever units they are in."""
    leaves = [digest(100 * index) for index in range(count)]
    roots = {contribution_root(leaves, number)}
    for a, b in itertools.combinations(range(count), 2):
        swapped = list(leaves)
        swapped[a], swapped[b] = swapped[b], swapped[a]
        roots.add(contribution_root(swapped, number))
    assert len(roots) == 1 + count * (count - 1) // 2


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_leaf_that_is_another_gives_another_root(number: int) -> None:
    others = [(*LEAVES[:place], digest(1), *LEAVES[place + 1 :]) for place in range(4)]
    assert len({contribution_root(leaves, number) for leaves in (LEAVES, *others)}) == 5


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_leaf_given_twice_or_left_out_gives_another_root(number: int) -> None:
    roots = {contribution_root(LEAVES, number)}
    for place in range(4):
        roots.add(contribution_root(LEAVES[:place] + LEAVES[place + 1 :], number))
        roots.add(contribution_root((*LEAVES[:place], LEAVES[place], *LEAVES[place:]), number))
    assert len(roots) == 9


# A leaf digest in the place of a node digest.


def test_nodes_offered_as_leaves_give_the_same_root_and_another_challenge() -> None:
    """Half as many leaves with one root: the count of leaves tells them apart."""
    nodes = (tree_root(LEAVES[:2]), tree_root(LEAVES[2:]))
    assert contribution_root(nodes, 1) == contribution_root(LEAVES, 1)
    fewer = derive(leaves=nodes, units=1, **claims(core=1))
    same_claims = derive(units=1)
    assert fewer.binding != same_claims.binding


class Forgetful(Transcript):
    """Leaves the count of leaves out: element 10 of the first item, after version and root."""

    def absorb(self, elements: Iterable[int]) -> None:
        items = list(elements)
        super().absorb([*items[:10], *items[11:]] if len(items) == 12 else items)


def test_without_the_count_they_would_have_one_challenge(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transcript that leaves out the counts of leaves and segments cannot tell both jobs apart."""
    original = Claims.elements
    monkeypatch.setattr(Claims, "elements", lambda self: original(self)[2:])
    monkeypatch.setattr(statement, "Transcript", Forgetful)
    nodes = (tree_root(LEAVES[:2]), tree_root(LEAVES[2:]))
    assert derive(leaves=nodes, units=1, **claims(core=1)) == derive(units=1)


def test_a_leaf_cannot_be_a_node_since_their_tags_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a node hashes, hashed as a leaf is, gives another digest."""
    children = [*LEAVES[0], *LEAVES[1]]
    node = tree_root(LEAVES[:2])
    assert node == hash_elements(TAG_CONTRIBUTION, children)
    others = {hash_elements(tag, children) for tag in range(1, 10) if tag != TAG_CONTRIBUTION}
    assert node not in others
    monkeypatch.setattr(units, "TAG_CONTRIBUTION", TAG_CONTRIBUTION + 1)
    assert tree_root(LEAVES[:2]) in others


# Contributions that lie.


@pytest.fixture(scope="module")
def segments() -> tuple[CommittedSegment, ...]:
    return committed()


@pytest.fixture(scope="module")
def honest(segments: tuple[CommittedSegment, ...]) -> Contribution:
    return contribution(segments, 3)


def combine(*contributions: Contribution) -> Any:
    """The challenge that a coordinator derives from contributions."""
    return combine_contributions(KEY, [encode_contribution(one) for one in contributions], BACKEND)


def test_contributions_of_several_workers_give_one_challenge(
    segments: tuple[CommittedSegment, ...], honest: Contribution
) -> None:
    shared = [contribution(segments, 3, 2), contribution(segments, 3, 0, 1)]
    assert combine(*shared) == combine(*shared[::-1]) == combine(honest)


Lie = Callable[[Contribution], Contribution]


def with_share(change: Callable[[UnitContribution], UnitContribution]) -> Lie:
    """Change what the first unit contributes."""
    return lambda one: dataclasses.replace(one, shares={**one.shares, 0: change(one.shares[0])})


@pytest.mark.parametrize(
    ("lie", "match"),
    [
        (lambda one: dataclasses.replace(one, program_digest=digest(2)), "another program"),
        (
            with_share(lambda share: UnitContribution(share.leaves[:1], share.weight)),
            "contributes 1 segments",
        ),
        (
            with_share(lambda share: UnitContribution(share.leaves * 2, share.weight)),
            "contributes 4 segments",
        ),
        (lambda one: dataclasses.replace(one, shares={0: one.shares[0], 2: one.shares[2]}), r"units \[1\]"),
        (lambda one: dataclasses.replace(one, shares={**one.shares, 3: one.shares[1]}), r"units \[3\]"),
    ],
    ids=["program", "subtree dropped", "child twice", "unit missing", "unit that does not exist"],
)
def test_a_contribution_that_does_not_cover_its_units_is_refused(
    honest: Contribution, lie: Lie, match: str
) -> None:
    with pytest.raises(ContributionError, match=match):
        combine(lie(honest))


def test_a_unit_given_twice_or_a_second_opinion_is_refused(
    segments: tuple[CommittedSegment, ...], honest: Contribution
) -> None:
    again = contribution(segments, 3, 1)
    with pytest.raises(ContributionError, match="contributes twice"):
        combine(honest, again)
    other = dataclasses.replace(again, claims=dataclasses.replace(CLAIMS, exit_code=0))
    with pytest.raises(ContributionError, match="disagree"):
        combine(contribution(segments, 3, 0, 2), other)


@pytest.mark.parametrize("weight", [1 << 29, P, 1 << 31, (1 << 64) - 1])
def test_weights_that_wrap_are_refused(honest: Contribution, weight: int) -> None:
    heavy = with_share(lambda share: UnitContribution(share.leaves, weight))(honest)
    with pytest.raises(JobTooLargeError, match="messages between segments"):
        combine(heavy)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"units": 1 << 31}, id="units"),
        pytest.param({"units": 0}, id="no unit"),
        pytest.param({"units": MAXIMAL_UNITS + 1}, id="one unit too many"),
        pytest.param(claims(core=1 << 31), id="core segments"),
        pytest.param(claims(core=MAXIMAL_SEGMENTS), id="one segment too many"),
        pytest.param(claims(core=0, edges=0), id="no segment"),
    ],
)
def test_numbers_of_no_job_are_refused_before_anything_is_made_of_them(
    honest: Contribution, change: dict[str, Any]
) -> None:
    """A contribution comes from a worker: its counts must not decide how much a coordinator allocates."""
    with pytest.raises(ContributionError, match="no job has"):
        combine(dataclasses.replace(honest, **change))


# A trace chosen after the global challenge.


def test_a_trace_chosen_after_the_global_challenge_is_refused() -> None:
    """With alpha and beta known, five free counts give any sum; the leaf then makes another challenge."""
    fixed = fixed_of(lookup_kind())
    wanted = fraction(JOB.bus, OUTSIDE.number, (1000,))
    counts = solve([fraction(JOB.bus, OUTSIDE.number, (value,)) for value in range(DEGREE)], wanted)
    trace = np.zeros((2, 8), dtype=np.uint64)
    trace[0] = [*range(DEGREE), 0, 0, 0]
    trace[1, :DEGREE] = counts
    forger = Forger(fixed, [trace], (1000,))
    found = verify_segment(encode(forger.prove()), fixed.key, PROGRAM, JOB)
    assert found.global_sum == ZERO
    honest = Forger(fixed, [np.zeros((2, 8), dtype=np.uint64)], (1000,))
    honest.commit_main()
    honest.draw_buses()
    assert found.leaf == forger.leaf != honest.leaf
    late, early = (derive(leaves=(one.leaf, *LEAVES[1:])) for one in (forger, honest))
    assert late.bus != early.bus
    rebound = Forger(fixed, [trace], (1000,), job=late)
    assert verify_segment(encode(rebound.prove()), fixed.key, PROGRAM, late).global_sum != ZERO
