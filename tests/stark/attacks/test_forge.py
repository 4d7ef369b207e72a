"""The forging prover without a deviation is the real prover, and its transcript the real one."""

import numpy as np
import pytest

from tests.stark.attacks.items import Item, LenientTranscript
from tests.stark.attacks.weak import accepted_by_weak, refused
from tests.stark.forge import Forger, solve
from tests.stark.toy import BACKEND, JOB, PROGRAM, toy_fixed, toy_kind, toy_traces
from zisk.field import quintic
from zisk.field.koalabear import to_montgomery
from zisk.field.quintic import Element
from zisk.stark.errors import Rejection
from zisk.stark.proof import encode
from zisk.stark.prove import commit_segment, prove_segment
from zisk.stark.transcript_order import SearchedWork, SegmentTranscript

FIXED = toy_fixed(toy_kind())


@pytest.mark.parametrize(("steps", "ladder"), [(20, 4), (1, 1), (32, 16)])
def test_without_a_deviation_it_makes_the_same_bytes(steps: int, ladder: int) -> None:
    traces, publics = toy_traces(steps, ladder, 7)
    matrices = [to_montgomery(trace) for trace in traces]
    real = prove_segment(commit_segment(FIXED, matrices, publics, PROGRAM, BACKEND), JOB, BACKEND)
    assert encode(Forger(FIXED, traces, publics).prove()) == encode(real)


def test_a_false_trace_is_refused_by_the_verifier_and_not_by_the_forger() -> None:
    traces, publics = toy_traces(20, 4, 100)
    traces[0][0, 2] += 1
    refused(Forger(FIXED, traces, publics).prove(), FIXED.key, Rejection.CONSTRAINTS)


def test_a_verifier_with_nothing_left_out_accepts_what_is_true() -> None:
    proof = Forger(FIXED, *toy_traces(20, 4, 100)).prove()
    assert accepted_by_weak(proof, FIXED.key).log_heights == proof.log_heights


@pytest.mark.parametrize("lenient", [False, True])
def test_the_lenient_transcript_with_every_item_is_the_real_one(lenient: bool) -> None:
    assert challenges(lenient, {}) == challenges(not lenient, {})


def challenges(lenient: bool, changed: dict[Item, int]) -> list[object]:
    """All challenges of a run over fixed items, one of which may be changed."""
    transcript = (LenientTranscript if lenient else SegmentTranscript)(FIXED.key, SearchedWork(BACKEND))

    def numbers(item: Item, count: int) -> list[int]:
        return [changed.get(item, 0) + k + 1 for k in range(count)]

    leaf = transcript.commit_main(
        tuple(numbers(Item.PROGRAM, 9)),
        numbers(Item.HEIGHTS, 3),
        numbers(Item.PUBLICS, 4),
        [tuple(numbers(Item.MAIN, 9))],
    )
    return [leaf, transcript.local_challenge(JOB), transcript.query_indices([])]


def test_solving_over_the_base_field() -> None:
    random = np.random.default_rng(5)
    vectors = [_element(random) for _ in range(5)]
    target = _element(random)
    total = quintic.ZERO
    for factor, vector in zip(solve(vectors, target), vectors, strict=True):
        total = quintic.add(total, quintic.scale(vector, factor))
    assert total == target


def _element(random: np.random.Generator) -> Element:
    a, b, c, d, e = (int(value) for value in random.integers(0, 2**31 - 2**24, 5))
    return (a, b, c, d, e)
