"""A segment's transcript has one order; each item changes every challenge after it and none before."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from tests.readable.transcript import Transcript as PlainTranscript
from tests.stark.attacks.items import Item, LenientTranscript
from tests.stark.attacks.kinds import PLAIN
from tests.stark.toy import BACKEND, JOB, PROGRAM, toy_fixed, toy_kind
from zisk.field.koalabear import P
from zisk.field.quintic import Element
from zisk.hash.tags import TAG_SEGMENT
from zisk.hash.transcript import Transcript
from zisk.stark import transcript_order
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION, Digest, VerifyingKey
from zisk.stark.transcript_order import (
    LEAVES_AT_ONCE,
    CheckedWork,
    JobChallenge,
    SearchedWork,
    SegmentTranscript,
    Work,
    leaf_digests,
)

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


WORKING = dataclasses.replace(
    PLAIN,
    query_grinding_bits=1,
    local_grinding_bits=2,
    constraint_grinding_bits=3,
    deep_grinding_bits=4,
    batching_grinding_bits=5,
    fold_grinding_bits=(6, 7),
)
"""A proof-of-work before every challenge, each with bits of its own."""

ORDER = [
    "format version", "key digest", "program digest", "security level", "size", "heights", "segment publics",
    "main cap", "-> leaf",
    "global binding", "global alpha", "global beta", "work 2", "-> local alpha", "-> local beta",
    "stage-2 cap", "exposed sums", "work 3", "-> constraints' beta",
    "quotient cap", "work 4", "-> zeta",
    "openings", "work 5", "-> gamma",
    "cap of layer 0", "work 6", "-> fold 0",
    "cap of layer 1", "work 7", "-> fold 1",
    "cap of layer 2", "-> fold 2",
    "final polynomial", "work 1", "-> indices",
]  # fmt: skip
"""Everything that is absorbed, shown and drawn."""


def items_of(key: VerifyingKey) -> dict[str, tuple[int, ...]]:
    """Elements for all that is absorbed, those of each item unlike those of any other."""
    lengths = {
        "heights": 3, "segment publics": 4, "main cap": 18, "global binding": 9, "global alpha": 5,
        "global beta": 5, "stage-2 cap": 9, "exposed sums": 10, "quotient cap": 9, "openings": 15,
        "cap of layer 0": 9, "cap of layer 1": 9, "cap of layer 2": 9, "final polynomial": 20,
    }  # fmt: skip
    of_key = {
        "format version": (FORMAT_VERSION,), "key digest": key.digest, "program digest": PROGRAM,
        "security level": (key.parameters.level,), "size": (key.kind.log_size,),
    }  # fmt: skip
    said = {
        name: tuple(range(100 * number, 100 * number + length))
        for number, (name, length) in enumerate(lengths.items(), 1)
    }
    return of_key | said


def fives(elements: tuple[int, ...]) -> list[Element]:
    """Elements of F as elements of K, five each."""
    return [
        (a, b, c, d, e) for a, b, c, d, e in zip(*(elements[start::5] for start in range(5)), strict=True)
    ]


def nines(elements: tuple[int, ...]) -> list[Digest]:
    """Elements as digests."""
    return [elements[start : start + 9] for start in range(0, len(elements), 9)]


def drawn(key: VerifyingKey, work: Work) -> list[object]:
    """What the transcript of a segment hands out, from first to last."""
    items, transcript = items_of(key), SegmentTranscript(key, work)
    leaf = transcript.commit_main(
        PROGRAM, items["heights"], items["segment publics"], nines(items["main cap"])
    )
    [alpha], [beta] = fives(items["global alpha"]), fives(items["global beta"])
    local = transcript.local_challenge(
        JobChallenge(items["global binding"], dataclasses.replace(JOB.bus, alpha=alpha, beta=beta))
    )
    return [
        leaf,
        local.alpha,
        local.beta,
        transcript.constraint_challenge(nines(items["stage-2 cap"]), fives(items["exposed sums"])),
        transcript.point(nines(items["quotient cap"])),
        transcript.batching_challenge(fives(items["openings"])),
        *(transcript.fold_challenge(fold, nines(items[f"cap of layer {fold}"])) for fold in range(3)),
        transcript.query_indices(fives(items["final polynomial"])),
    ]


def drawn_in(order: list[str], key: VerifyingKey, nonces: list[int]) -> list[object]:
    """What a plain transcript hands out where this is the order."""
    items, plain, found = items_of(key), PlainTranscript(TAG_SEGMENT), []
    bits = key.kind.log_size + key.parameters.log_blowup
    for name in order:
        if name in items:
            plain.absorb(items[name])
        elif name.startswith("work "):
            plain.check_work(int(name.removeprefix("work ")), nonces, name)
        elif name == "-> leaf":
            found.append(plain.digest())
        elif name == "-> indices":
            found.append([plain.index(bits) for _ in range(key.parameters.queries)])
        else:
            found.append(plain.challenge().coefficients)
    return found


def test_the_order_is_this_one() -> None:
    key = toy_fixed(KIND, WORKING).key
    work = SearchedWork(BACKEND)
    found = drawn(key, work)
    assert len(work.nonces) == 7
    assert drawn_in(ORDER, key, [*work.nonces]) == found
    assert drawn(key, CheckedWork(work.nonces)) == found


def test_without_work_the_order_has_none() -> None:
    work = SearchedWork(BACKEND)
    plain = [name for name in ORDER if not name.startswith("work ")]
    assert drawn(KEY, work) == drawn_in(plain, KEY, []) == drawn(KEY, CheckedWork(()))
    assert work.nonces == []


def test_a_nonce_is_the_smallest_and_both_sides_go_on_alike() -> None:
    searching, checking = Transcript(TAG_SEGMENT), Transcript(TAG_SEGMENT)
    work = SearchedWork(BACKEND)
    work.passed(searching, 6)
    [nonce] = work.nonces
    smaller = [Transcript(TAG_SEGMENT).check_nonce(other, 6) for other in range(nonce + 1)]
    assert smaller == [False] * nonce + [True]
    CheckedWork([nonce]).passed(checking, 6)
    assert checking.sample() == searching.sample()


@pytest.mark.parametrize("nonces", [(), (0,), (P,), (-1,)], ids=["none", "wrong", "p", "negative"])
def test_only_a_nonce_with_its_bits_passes(nonces: tuple[int, ...]) -> None:
    with pytest.raises(VerificationError) as refused:
        CheckedWork(nonces).passed(Transcript(TAG_SEGMENT), 6)
    found = refused.value.reason, refused.value.detail
    assert found == (Rejection.PROOF_OF_WORK, "a nonce does not show 6 zero bits")


def test_work_of_no_bits_takes_no_nonce() -> None:
    untouched, transcript = Transcript(TAG_SEGMENT), Transcript(TAG_SEGMENT)
    work = CheckedWork(iter([]))
    work.passed(transcript, 0)
    assert transcript.sample() == untouched.sample()


@pytest.mark.parametrize("count", [0, 1, LEAVES_AT_ONCE, LEAVES_AT_ONCE + 1])
def test_leaves_of_many_segments_are_those_of_each(count: int) -> None:
    committed = np.random.default_rng(count).integers(0, P, (count, 3 + 4 + 18)).astype(np.uint32)
    keys = [(KEY, OTHER_KEYS[Item.KEY])[number % 2] for number in range(count)]
    found = leaf_digests(keys, PROGRAM, list(committed))
    expected = []
    for key, words in zip(keys, committed.tolist(), strict=True):
        transcript = SegmentTranscript(key, CheckedWork(()))
        expected.append(transcript.commit_main(PROGRAM, words[:3], words[3:7], nines(tuple(words[7:]))))
    assert found == expected
