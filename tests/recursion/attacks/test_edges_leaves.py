"""Leaves over edges segments: chunks of the image skipped, repeated, exchanged, or left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cache

import pytest

from tests.recursion.attacks.machine import (
    CHUNKS,
    EMPTY,
    edges_fixed,
    edges_leaf,
    edges_segment,
    program,
    proved,
)
from tests.recursion.attacks.weak import accepted, refused, without
from tests.stark.toy import BACKEND
from zisk.field.koalabear import P
from zisk.hash.sponge import DIGEST_LENGTH
from zisk.recursion.circuit import Circuit
from zisk.recursion.keys import key_hints
from zisk.recursion.leaf import LOG_SEGMENTS
from zisk.recursion.paths import path_hints
from zisk.recursion.program_parts import LOG_CHUNKS
from zisk.recursion.segment_hints import SegmentHints
from zisk.stark.prove import CommittedSegment, commit_segment
from zisk.vm.kinds import EDGES_NUMBER

TREE = 1 << LOG_CHUNKS
RECORD = "record_chunk_leaf"
BOOLEAN, KEY, PLACE, GAP, EXCESS = range(5)
"""What the function states, in order."""


@pytest.fixture(scope="module")
def circuit() -> Circuit:
    return edges_leaf()


@cache
def trusting(statement: int) -> Circuit:
    """The leaf without one of its statements."""
    with without(RECORD, statement):
        return edges_leaf()


def claim(
    index: int,
    chunk: int,
    *,
    is_beyond: int = 0,
    opened: int | None = None,
    place: int | None = None,
    said: Sequence[int] | None = None,
) -> tuple[tuple[int, ...], SegmentHints]:
    """What a prover gives for segment `index` proved under the key of a chunk.

    The hints: the chunk's digest, which is `said`; whether the segment is beyond the tree; the place that it
    is said to have; and the path of the place that is `opened`. By default all are those of the number.
    """
    parts = program()
    segment = proved(edges_segment(index, 0, 77, chunk=chunk))
    where = index - 1 if opened is None else opened
    edges = parts.keys[EDGES_NUMBER]
    digest = edges.chunks[where] if said is None else said
    forged = [*digest, is_beyond % P, where if place is None else place, *path_hints(edges.tree, where)]
    honest = proved(edges_segment(1, 0, 77)).edges_hints().values
    before = len(key_hints(segment.key, segment.proof.log_heights))
    parameters = honest[before : before + 3 + 2 * DIGEST_LENGTH]
    own = segment.edges_hints()
    rest = own.values[before + len(parameters) + len(forged) :]
    hints = [*own.values[:before], *parameters, *forged, *rest]
    return segment.interface().values, dataclasses.replace(own, values=hints)


@pytest.mark.parametrize("index", [1, CHUNKS, CHUNKS + 1, TREE])
def test_a_segment_within_the_tree_has_the_key_of_its_chunk(circuit: Circuit, index: int) -> None:
    accepted(circuit, *claim(index, min(index - 1, EMPTY)))


@pytest.mark.parametrize("index", [TREE + 1, TREE + 2, TREE + (1 << LOG_SEGMENTS)])
def test_a_segment_beyond_the_tree_has_the_key_without_a_chunk(circuit: Circuit, index: int) -> None:
    accepted(circuit, *claim(index, EMPTY, is_beyond=1, opened=5))


@pytest.mark.parametrize(
    ("index", "chunk"),
    [
        pytest.param(1, 1, id="skipped"),
        pytest.param(2, 0, id="repeated"),
        pytest.param(3, 1, id="under a number without a chunk"),
        pytest.param(1, EMPTY, id="left out"),
    ],
)
def test_a_chunk_under_another_number_is_refused(circuit: Circuit, index: int, chunk: int) -> None:
    """The tree is opened where the chunk stands, and the segment has another number."""
    publics, hints = claim(index, chunk, opened=chunk)
    refused(circuit, publics, hints)
    accepted(trusting(GAP), publics, hints)


@pytest.mark.parametrize(
    ("index", "chunk"), [pytest.param(1, EMPTY, id="empty for filled"), pytest.param(3, 1, id="the reverse")]
)
def test_a_key_other_than_the_opened_chunks_is_refused(circuit: Circuit, index: int, chunk: int) -> None:
    """The tree is opened where the number says."""
    publics, hints = claim(index, chunk)
    refused(circuit, publics, hints)
    accepted(trusting(KEY), publics, hints)


def test_a_chunk_said_to_stand_elsewhere_is_refused(circuit: Circuit) -> None:
    """The chunk has its own path; its place, which the leaf of the tree hashes, is said to be another."""
    first, second = program().keys[EDGES_NUMBER].chunks[:2]
    for said in (second, first):
        publics, hints = claim(1, 1, opened=1, place=0, said=said)
        refused(circuit, publics, hints)
    publics, hints = claim(1, 1, opened=0, said=second)
    refused(circuit, publics, hints)
    accepted(trusting_of_programs(), publics, hints)


@pytest.mark.parametrize("index", [0, TREE + 1, TREE + 44])
def test_a_place_beyond_the_tree_is_refused(circuit: Circuit, index: int) -> None:
    """Its low bits are a place of the tree, and the path leads there."""
    place = (index - 1) % P
    publics, hints = claim(index, EMPTY, opened=(index - 1) % TREE, place=place)
    refused(circuit, publics, hints)
    refused(trusting(PLACE), publics, hints)
    refused(trusting_of_programs(), publics, hints)


@pytest.mark.parametrize(
    "index",
    [
        pytest.param(1, id="instead of the first chunk"),
        pytest.param(CHUNKS, id="instead of the last chunk"),
        pytest.param(CHUNKS + 1, id="where there is no chunk"),
        pytest.param(TREE, id="the last of the tree"),
        pytest.param(0, id="number 0"),
        pytest.param(P - 1, id="number -1"),
        pytest.param(TREE + (1 << LOG_SEGMENTS) + 1, id="too many"),
    ],
)
def test_a_number_that_is_not_beyond_the_tree_is_refused_as_beyond(circuit: Circuit, index: int) -> None:
    publics, hints = claim(index, EMPTY, is_beyond=1, opened=5)
    refused(circuit, publics, hints)
    accepted(trusting(EXCESS), publics, hints)


def test_a_chunk_beyond_the_tree_is_refused(circuit: Circuit) -> None:
    """A filled chunk's key under a number beyond, opened at that chunk."""
    publics, hints = claim(TREE + 1, 1, is_beyond=1, opened=1)
    refused(circuit, publics, hints)
    accepted(trusting(KEY), publics, hints)


def test_a_flag_that_is_no_bit_is_refused(circuit: Circuit) -> None:
    """Where chunk and empty key agree any flag selects them; -1 then counts backwards from the tree's end."""
    publics, hints = claim(CHUNKS + 1, EMPTY, is_beyond=-1)
    refused(circuit, publics, hints)
    accepted(trusting(BOOLEAN), publics, hints)
    refused(circuit, *claim(CHUNKS + 1, EMPTY, is_beyond=2))


def test_another_part_of_the_program_is_refused(circuit: Circuit) -> None:
    """Size, entry, number of chunks, the core key and the key without a chunk, one element after another."""
    segment = proved(edges_segment(1, 0, 77))
    publics, hints = segment.interface().values, segment.edges_hints()
    first = len(key_hints(segment.key, segment.proof.log_heights))
    for place in range(first, first + 3 + 2 * DIGEST_LENGTH):
        changed = list(hints.values)
        changed[place] = (changed[place] + 1) % P
        forged = dataclasses.replace(hints, values=changed)
        refused(circuit, publics, forged)
        accepted(trusting_of_programs(), publics, forged)


@pytest.mark.parametrize("change", [{"level": 100}, {"entry": 4}, {"chunks": CHUNKS + 1}, {"log_size": 9}])
def test_another_program_than_the_segments_is_refused(circuit: Circuit, change: dict[str, int]) -> None:
    """The segment absorbs the digest of the one that the leaf names, the hints are the other's."""
    parts = dataclasses.replace(program(), **change)
    honest = edges_segment(1, 0, 77)
    segment = proved(commit_segment(edges_fixed(0), honest.traces, honest.publics, parts.digest, BACKEND))
    hints = dataclasses.replace(
        segment.edges_hints(parts),
        values=[*unchanged(honest), *segment.edges_hints(parts).values[len(unchanged(honest)) :]],
    )
    publics = segment.interface(parts).values
    refused(circuit, publics, hints)
    accepted(trusting_of_programs(), publics, hints)


def unchanged(segment: CommittedSegment) -> list[int]:
    """The hints of an honest segment up to its public values."""
    one = proved(segment)
    first = len(key_hints(one.key, one.proof.log_heights))
    length = 3 + 3 * DIGEST_LENGTH + 2 + LOG_CHUNKS * (1 + DIGEST_LENGTH)
    return list(one.edges_hints().values[: first + length])


@cache
def trusting_of_programs() -> Circuit:
    """The leaf that does not state the program's digest."""
    with without("_state_program"):
        return edges_leaf()
