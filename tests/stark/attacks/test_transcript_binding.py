"""Each item of a segment's transcript changes every challenge after it and none before."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from tests.stark.attacks.items import Item, LenientTranscript
from tests.stark.attacks.kinds import PLAIN
from tests.stark.toy import BACKEND, JOB, toy_fixed, toy_kind
from zisk.field.quintic import Element
from zisk.stark import key as key_module
from zisk.stark import transcript_order
from zisk.stark.key import VerifyingKey
from zisk.stark.transcript_order import JobChallenge, SearchedWork, SegmentTranscript, Work

KIND = toy_kind()
KEY = toy_fixed(KIND, PLAIN).key
DRAWS = ["leaf", "local", "beta", "zeta", "gamma", "fold 0", "fold 1", "indices"]

FIRST_CHANGED = {
    Item.VERSION: "leaf",
    Item.KEY: "leaf",
    Item.PROGRAM: "leaf",
    Item.LEVEL: "leaf",
    Item.SIZE: "leaf",
    Item.HEIGHTS: "leaf",
    Item.PUBLICS: "leaf",
    Item.MAIN: "leaf",
    Item.JOB: "local",
    Item.STAGE2: "beta",
    Item.SUMS: "beta",
    Item.QUOTIENT: "zeta",
    Item.OPENINGS: "gamma",
    Item.LAYER: "fold 0",
    Item.FINAL: "indices",
}
"""The first challenge after each item."""

OTHER_KEYS: dict[Item, VerifyingKey] = {
    Item.KEY: dataclasses.replace(KEY, fixed_log_heights=(-1, -1, 4)),
    Item.LEVEL: dataclasses.replace(KEY, parameters=dataclasses.replace(PLAIN, level=100)),
    Item.SIZE: dataclasses.replace(KEY, kind=dataclasses.replace(KIND, log_size=9)),
}

MakeTranscript = Callable[[VerifyingKey, Work], SegmentTranscript]


def draws(make: MakeTranscript = SegmentTranscript, changed: Item | None = None) -> dict[str, object]:
    """Every challenge of a run over fixed items; the last element of `changed` is another one."""
    transcript = make(OTHER_KEYS.get(changed, KEY) if changed else KEY, SearchedWork(BACKEND))

    def numbers(item: Item, count: int) -> tuple[int, ...]:
        return (*range(1, count), 99 if item is changed else count)

    def element(item: Item) -> Element:
        a, b, c, d, e = numbers(item, 5)
        return (a, b, c, d, e)

    found: dict[str, object] = {}
    found["leaf"] = transcript.commit_main(
        numbers(Item.PROGRAM, 9), numbers(Item.HEIGHTS, 3), numbers(Item.PUBLICS, 4), [numbers(Item.MAIN, 9)]
    )
    found["local"] = transcript.local_challenge(JobChallenge(numbers(Item.JOB, 9), JOB.bus))
    found["beta"] = transcript.constraint_challenge([numbers(Item.STAGE2, 9)], [element(Item.SUMS)])
    found["zeta"] = transcript.point([numbers(Item.QUOTIENT, 9)])
    found["gamma"] = transcript.batching_challenge([element(Item.OPENINGS)])
    found["fold 0"] = transcript.fold_challenge(0, [numbers(Item.LAYER, 9)])
    found["fold 1"] = transcript.fold_challenge(1, [(1,) * 9])
    found["indices"] = transcript.query_indices([element(Item.FINAL)])
    return found


@pytest.mark.parametrize("item", list(Item))
def test_an_item_changes_every_challenge_after_it(item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    real = draws()
    if item is Item.VERSION:
        monkeypatch.setattr(transcript_order, "FORMAT_VERSION", 2)
    other = draws(changed=item)
    same = DRAWS[: DRAWS.index(FIRST_CHANGED[item])]
    assert [name for name in DRAWS if real[name] == other[name]] == same


@pytest.mark.parametrize("item", list(Item))
def test_the_item_itself_does_it(item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    """Left out of the transcript, an item changes nothing; the key digest holds level and size too."""
    omitted = {item, Item.KEY} if item in (Item.LEVEL, Item.SIZE) else {item}

    def make(key: VerifyingKey, work: Work) -> SegmentTranscript:
        return LenientTranscript(key, work, omitted)

    real = draws(make)
    if item is Item.VERSION:
        monkeypatch.setattr(transcript_order, "FORMAT_VERSION", 2)
    other = draws(make, changed=item)
    if item is Item.SIZE:
        del real["indices"], other["indices"]  # Another size asks for longer indices.
    assert real == other


def test_nothing_left_out_is_the_real_transcript() -> None:
    assert draws(LenientTranscript) == draws()


def test_the_order_of_items_matters() -> None:
    """A value moved from one item into the next gives other challenges: lengths are fixed by the key."""
    transcripts = [SegmentTranscript(KEY, SearchedWork(BACKEND)) for _ in range(2)]
    leaves = [
        transcripts[0].commit_main((1,) * 9, (2, 3, 4), (5, 6, 7, 8), [(9,) * 9]),
        transcripts[1].commit_main((1,) * 9, (2, 3, 5), (4, 6, 7, 8), [(9,) * 9]),
    ]
    assert leaves[0] != leaves[1]


def test_the_key_digest_binds_version_kind_size_level_heights_and_cap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cap = ((0, *KEY.cap[0][1:]), *KEY.cap[1:])
    others = [
        *OTHER_KEYS.values(),
        dataclasses.replace(KEY, kind=dataclasses.replace(KIND, number=2)),
        dataclasses.replace(KEY, cap=cap),
        dataclasses.replace(KEY, fixed_log_heights=(-1, 0, 5)),
        dataclasses.replace(KEY, fixed_log_heights=(-1, 5, -1)),
    ]
    digests = {KEY.digest, *(other.digest for other in others)}
    monkeypatch.setattr(key_module, "FORMAT_VERSION", 2)
    digests.add(dataclasses.replace(KEY).digest)
    assert len(digests) == len(others) + 2
