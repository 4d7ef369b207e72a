"""The program's initial words: each opened once, by its own chunk, with the value in the key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from unittest.mock import patch

import pytest

from tests.attacks.forging import put, row_of, tell
from tests.attacks.proving import (
    Check,
    accepted,
    accepted_in_both_forms,
    assert_composite_refused,
    assert_not_joined,
    assert_refused,
    assert_unprovable,
    challenge_of,
    claims_of,
    commit_job,
    proof_under,
    prove_told,
    set_up,
    without,
)
from tests.attacks.witnessed import NoLeafError, judged
from tests.vm.jobs import DATA, OUTPUT, Job
from tests.vm.micro_programs import HALT, Line, micro_program
from zisk.proof_format.job_proof import JobProof
from zisk.proof_format.program_key import FixedPart, ProgramKey
from zisk.prover import Program as Prepared
from zisk.stark.commitment import FixedTables
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import VerifyingKey
from zisk.verifier.verify import verify_job
from zisk.vm.memory_map import RegionKind
from zisk.vm.operations import Operation as Op
from zisk.vm.program import Program
from zisk.vm.tables import image

KEY = DATA // 8
LINES = [Line(Op.LD, 6, 23), Line(Op.SD, 0, 25, 6), HALT]
REGISTERS = {10: 0, 23: DATA, 25: OUTPUT}


@cache
def guest() -> Program:
    """Puts out an initial word, 77."""
    return micro_program(LINES, REGISTERS, {DATA: 77, DATA + 64: 78})


@cache
def without_word() -> Program:
    """The same, but the word starts as zero."""
    return micro_program(LINES, REGISTERS, {DATA + 64: 78})


@cache
def with_another() -> Program:
    """The same, but the word starts as 99."""
    return micro_program(LINES, REGISTERS, {DATA: 99, DATA + 64: 78})


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return set_up(guest())


def test_an_image_word_as_zero(prepared: Prepared) -> None:
    """The image table opens and closes the word by itself, the memory table opens it again."""
    job = tell(guest(), without_word(), as_memory=[KEY])
    assert job.complaints() == ["memory: nothing answers REGION"]
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="edges: messages inside the segment")
    with without(Check.LOCAL_SUM):
        assert accepted(proof, prepared.key).outputs[0] == 0


def test_an_image_word_as_input(prepared: Prepared) -> None:
    job = tell(guest(), with_another(), as_memory=[KEY], kind=RegionKind.INPUT)
    assert job.complaints() == ["memory: nothing answers REGION"]
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="edges: messages inside the segment")
    with without(Check.LOCAL_SUM):
        assert accepted(proof, prepared.key).outputs[0] == 99


def test_a_zero_word_as_input() -> None:
    """An ordinary word whose value the host would choose."""
    job = tell(without_word(), with_another(), as_memory=[KEY], kind=RegionKind.INPUT)
    row = row_of(job.edges[0], "memory", key=KEY, is_zero=1)
    put(job.edges[0], "memory", row, is_zero=0, is_input=1)
    assert job.complaints() == ["memory: nothing answers REGION"]
    assert_unprovable(job)


def test_an_image_word_in_its_own_region() -> None:
    """The region's kind is 3, which flags of 3 and -2 add up to and no flags of 0 and 1."""
    job = tell(guest(), without_word(), as_memory=[KEY])
    (region,) = (one for one in guest().regions if one.start <= KEY < one.end)
    assert region.kind is RegionKind.IMAGE
    row = row_of(job.edges[0], "memory", key=KEY, is_zero=1)
    put(job.edges[0], "memory", row, is_zero=-2, is_input=3, start=region.start, end=region.end)
    assert job.complaints() == [
        "memory: constraint 'is_input is boolean' is not zero",
        "memory: constraint 'is_zero is boolean' is not zero",
    ]
    assert_unprovable(job)


def test_an_image_word_with_another_value(prepared: Prepared) -> None:
    """What the image sends is in the key; the run has taken something else."""
    job = tell(guest(), with_another())
    assert job.complaints() == ["G_MEMORY is left over"]
    proof = prove_told(prepared, job)
    assert_refused(proof, prepared.key, Rejection.BUS, text="do not join up")
    with without(Check.GLOBAL_SUM):
        assert accepted(proof, prepared.key).outputs[0] == 99


def test_an_image_of_another_program(prepared: Prepared) -> None:
    """Proved with the tables of another key, and labelled with this one."""
    other = set_up(with_another())
    job = tell(with_another())
    proof = prove_told(other, job)
    assert accepted(proof, other.key).outputs[0] == 99
    assert_refused(proof, prepared.key, Rejection.KEY)


@pytest.fixture
def small_chunks() -> Iterator[None]:
    """Chunks of two words: registers 10 and 17, registers 23 and 25, and the two data words."""
    with patch.object(image, "CHUNK_LOG_HEIGHT", 1):
        yield


IDLE = [Line(Op.NOP), HALT]


def idle_guest() -> Program:
    """Touches none of its data words."""
    return micro_program(IDLE, REGISTERS, {DATA: 77, DATA + 64: 78})


def test_an_image_in_several_chunks_is_accepted(small_chunks: None) -> None:
    prepared = set_up(guest())
    assert len(prepared.fixed[1].chunks) == 3
    job = tell(guest())
    assert job.complaints() == []
    assert accepted_in_both_forms(prove_told(prepared, job), prepared.key).outputs[0] == 77


def weak_key(key: ProgramKey, chunks: tuple[FixedPart, ...]) -> ProgramKey:
    """A key that keeps its digest although it has other chunks."""
    core, edges = key.fixed
    changed = replace(key, chunks=len(chunks), fixed=(core, replace(edges, chunks=chunks)))
    changed.__dict__["parts"] = key.parts
    return changed


def test_a_chunk_left_out(small_chunks: None) -> None:
    """Nobody misses words that nobody touches; but the number of chunks is in the key."""
    prepared = set_up(idle_guest())
    job = tell(idle_guest())
    job.edges.pop()
    assert job.complaints() == []
    segments = commit_job(prepared, job)
    proof = proof_under(prepared, challenge_of(prepared, claims_of(job), segments), segments)
    key = prepared.program_key
    assert_refused(proof, prepared.key, Rejection.STATEMENT, text="a chunk of the program's initial words")
    assert verify_job(proof, weak_key(key, key.fixed[1].chunks[:2])).segments == 1


def with_chunks(prepared: Prepared, chunks: Sequence[FixedTables]) -> Prepared:
    """A program whose edges have the tables of these chunks."""
    core, edges = prepared.fixed
    return replace(prepared, fixed=(core, replace(edges, chunks=tuple(chunks))))


def chunks_at(prepared: Prepared, job: Job, order: tuple[int, ...]) -> tuple[JobProof, list[VerifyingKey]]:
    """Prove the edges with the tables of these chunks in the place of their own; with each segment's key."""
    lying = with_chunks(prepared, [prepared.fixed[1].chunks[place] for place in order])
    segments = commit_job(lying, job)
    proof = proof_under(prepared, challenge_of(prepared, claims_of(job), segments), segments)
    return proof, [one.fixed.key for one in segments]


@pytest.mark.parametrize("order", [(0, 1, 1), (0, 2, 1)])
def test_a_chunk_in_the_place_of_another(small_chunks: None, order: tuple[int, ...]) -> None:
    """Repeated for one that nobody touches, or under another index: every place has a key of its own."""
    prepared = set_up(idle_guest())
    job = tell(idle_guest())
    moved = [job.edges[place] for place in order]
    for number, (edges, at) in enumerate(zip(moved, job.edges, strict=True), start=1):
        if edges is not at:
            twin = replace(edges, publics=[number, *at.publics[1:]])
            twin.traces = [at.traces[0], *edges.traces[1:]]
            job.edges[number - 1] = twin
    if order == (0, 1, 1):
        put(job.edges[2], "image", 0, last_segment=0, final__0=DATA & 0xFFFF)
    proof, keys = chunks_at(prepared, job, order)
    with pytest.raises(VerificationError) as caught:
        verify_job(proof, prepared.program_key)
    assert caught.value.reason in (Rejection.PROOF_OF_WORK, Rejection.OPENING, Rejection.CONSTRAINTS)
    key = prepared.program_key
    weak = weak_key(key, tuple(key.fixed[1].chunks[place] for place in order))
    assert verify_job(proof, weak).segments == 1
    with pytest.raises(NoLeafError):
        judged(proof, weak, keys=keys)


def test_more_edges_than_chunks_open_no_chunk_again(prepared: Prepared) -> None:
    """An edges segment beyond the chunks has the empty chunk's key."""
    key = prepared.program_key
    edges = key.fixed[1]
    assert edges.at(key.chunks) == edges.rest
    job = tell(guest())
    again = tell(guest()).edges[0]
    job.edges.append(again)
    assert "G_CHAIN is left over" in job.complaints()
    segments = commit_job(with_chunks(prepared, prepared.fixed[1].chunks * 2), job)
    proof = proof_under(prepared, challenge_of(prepared, claims_of(job), segments), segments)
    assert_composite_refused(
        proof,
        prepared.key,
        Rejection.PROOF_OF_WORK,
        Rejection.OPENING,
        Rejection.CONSTRAINTS,
        Rejection.SHAPE,
    )
    assert_not_joined(proof, prepared.key, keys=[one.fixed.key for one in segments])
