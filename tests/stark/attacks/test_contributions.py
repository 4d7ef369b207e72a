"""The contribution tree and the global challenge: what they bind, and contributions that lie."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pytest

from tests.claims import claims_with
from tests.stark.attacks.kinds import fixed_of, lookup_kind
from tests.stark.attacks.toy_job import CLAIMS, KEY, LEVEL, OUTPUTS, committed, contribution
from tests.stark.forge import Forger, fraction, solve
from tests.stark.toy import BACKEND, JOB, LOG_SIZE, OUTSIDE, PROGRAM
from zisk.choices import MAXIMAL_UNITS
from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE, ZERO
from zisk.hash.sponge import hash_elements
from zisk.hash.tags import TAG_CONTRIBUTION
from zisk.hash.transcript import Transcript
from zisk.prover import statement, units
from zisk.prover.contribution import (
    Contribution,
    UnitContribution,
    combine_contributions,
    encode_contribution,
)
from zisk.prover.errors import ContributionError, JobTooLargeError
from zisk.prover.statement import MAXIMAL_SEGMENTS, Claims, derive_challenge
from zisk.prover.units import contribution_root, tree_root
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import Digest
from zisk.stark.kind import WEIGHT_LIMIT
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


CHANGES = [
    pytest.param({"program_digest": (0, *PROGRAM[1:])}, id="program digest"),
    pytest.param({"level": 100}, id="security level"),
    pytest.param({"keys": (*KEYS[:-1], 0)}, id="root of the allowed keys"),
    pytest.param({"log_size": 9}, id="size"),
    pytest.param({"units": 4}, id="number of units"),
    pytest.param({"weight": 1001}, id="weight"),
    pytest.param({"leaves": (digest(1), *LEAVES[1:])}, id="first leaf"),
    pytest.param({"leaves": (*LEAVES[:-1], digest(1))}, id="last leaf"),
    pytest.param(claims(core=2, edges=2), id="number of core segments"),
    pytest.param(claims(last_key=78), id="end of the edges chain"),
    *(pytest.param(claims(exit_code=20 ^ 1 << bit), id=f"exit code bit {bit}") for bit in (0, 16, 32, 63)),
    *(
        pytest.param(
            claims(outputs=(*OUTPUTS[:place], OUTPUTS[place] ^ 1 << bit, *OUTPUTS[place + 1 :])),
            id=f"word {place} bit {bit}",
        )
        for place, bit in ((0, 0), (17, 15), (40, 16), (63, 31))
    ),
]


@pytest.mark.parametrize("change", CHANGES)
def test_everything_bound_changes_the_whole_challenge(change: dict[str, Any]) -> None:
    real, other = derive(), derive(**change)
    assert real.binding != other.binding
    assert real.bus.alpha != other.bus.alpha
    assert real.bus.beta != other.bus.beta


def test_the_first_key_of_the_chain_is_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    real = derive()
    monkeypatch.setattr(statement, "LOWEST_KEY", 1)
    assert derive() != real


def test_every_output_word_is_bound_in_its_place() -> None:
    found = {derive().binding}
    for place in range(64):
        changed = (*OUTPUTS[:place], OUTPUTS[place] + 1, *OUTPUTS[place + 1 :])
        found.add(derive(**claims(outputs=changed)).binding)
    assert len(found) == 65


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


# Counts and weights.


@pytest.mark.parametrize("count", [0, 3, 5])
def test_another_number_of_leaves_than_claimed_is_refused(count: int) -> None:
    with pytest.raises(VerificationError) as caught:
        derive(count=count)
    assert caught.value.reason is Rejection.STATEMENT


@pytest.mark.parametrize("number", [0, -1, MAXIMAL_UNITS + 1])
def test_an_impossible_number_of_units_is_refused(number: int) -> None:
    with pytest.raises(VerificationError) as caught:
        derive(units=number, root=digest(1))
    assert caught.value.reason is Rejection.STATEMENT


def test_a_weight_at_the_limit_is_refused() -> None:
    derive(weight=WEIGHT_LIMIT - 1)
    for weight in (WEIGHT_LIMIT, 1 << 31, 1 << 64):
        with pytest.raises(VerificationError, match="weight"):
            derive(weight=weight)


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
