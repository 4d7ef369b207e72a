"""Hostile bytes: containers that are changed, cut, swapped or made of nothing."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from unittest.mock import patch

import numpy as np
import pytest

from tests.attacks.forging import tell
from tests.attacks.hostile import flipped, regions
from tests.attacks.proving import (
    accepted,
    accepted_in_both_forms,
    assert_composite_refused,
    assert_refused,
    prove_told,
    set_up,
)
from tests.claims import claims_with
from tests.vm.jobs import INPUT, OUTPUT
from tests.vm.micro_programs import HALT, Line, micro_program
from zisk.field.koalabear import P
from zisk.proof_format.job_proof import JobProof, decode_job_proof, encode_job_proof
from zisk.proof_format.program_key import ProgramKey, decode_key
from zisk.proof_format.statement import MAXIMAL_SEGMENTS
from zisk.prover import Program, VerificationError, verify
from zisk.stark.errors import Rejection
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.kinds.edges import KIND as EDGES
from zisk.vm.operations import Operation as Op

LINES = [Line(Op.LD, 6, 24), Line(Op.SD, 0, 25, 6), HALT]
GUEST = micro_program(LINES, {10: 3, 24: INPUT, 25: OUTPUT})
OTHER_GUEST = micro_program(LINES, {10: 4, 24: INPUT, 25: OUTPUT})


@dataclass(frozen=True)
class Jobs:
    """Proofs of one program for two inputs, and of another program."""

    program: Program
    proof: bytes
    other_input: bytes
    other_program: Program
    of_other_program: bytes


@pytest.fixture(scope="module")
def jobs() -> Jobs:
    program, other = set_up(GUEST), set_up(OTHER_GUEST)
    return Jobs(
        program,
        prove_told(program, tell(GUEST, data=b"\x05", steps=2)),
        prove_told(program, tell(GUEST, data=b"\x06", steps=2)),
        other,
        prove_told(other, tell(OTHER_GUEST, data=b"\x05")),
    )


def test_the_proofs_are_accepted(jobs: Jobs) -> None:
    assert accepted_in_both_forms(jobs.proof, jobs.program.key).outputs[:2] == (5, 0)
    assert accepted_in_both_forms(jobs.other_input, jobs.program.key).outputs[:2] == (6, 0)
    assert accepted_in_both_forms(jobs.of_other_program, jobs.other_program.key).exit_code == 4


STATEMENT, FORMAT, KEY, WORK = Rejection.STATEMENT, Rejection.FORMAT, Rejection.KEY, Rejection.PROOF_OF_WORK


@pytest.mark.parametrize(
    ("places", "reason", "text"),
    [
        ((0, 1), STATEMENT, "2 segments where 3 are claimed"),
        ((0, 2), STATEMENT, "2 segments where 3 are claimed"),
        ((0, 1, 1, 2), STATEMENT, "4 segments where 3 are claimed"),
        ((), STATEMENT, "0 segments where 3 are claimed"),
        ((1, 0, 2), WORK, "a nonce does not show 8 zero bits"),
        ((0, 0, 2), WORK, "a nonce does not show 8 zero bits"),
        ((0, 2, 1), FORMAT, "."),
        ((0, 1, 0), FORMAT, "."),
    ],
)
def test_segments_dropped_repeated_or_moved(
    jobs: Jobs, places: Sequence[int], reason: Rejection, text: str
) -> None:
    proof = decode_job_proof(jobs.proof)
    changed = replace(proof, segments=tuple(proof.segments[place] for place in places))
    assert_refused(changed, jobs.program.key, reason, text=text)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_segment_proof_of_another_job(jobs: Jobs, place: int) -> None:
    """Of the same program for another input."""
    proof, other = decode_job_proof(jobs.proof), decode_job_proof(jobs.other_input)
    segments = list(proof.segments)
    segments[place] = other.segments[place]
    assert_refused(replace(proof, segments=tuple(segments)), jobs.program.key, *WRONG_TRANSCRIPT)


WRONG_TRANSCRIPT = (WORK, Rejection.BUS, Rejection.CONSTRAINTS, Rejection.DEGREE, Rejection.OPENING)
"""What a segment may fail at first when its transcript is not the one that it was made with."""


def test_claims_of_another_job(jobs: Jobs) -> None:
    proof, other = decode_job_proof(jobs.proof), decode_job_proof(jobs.other_input)
    assert_refused(replace(proof, claims=other.claims), jobs.program.key, *WRONG_TRANSCRIPT)
    assert_refused(
        replace(proof, claims=other.claims, nonces=other.nonces), jobs.program.key, *WRONG_TRANSCRIPT
    )


def test_the_key_of_another_elf(jobs: Jobs) -> None:
    assert_refused(jobs.proof, jobs.other_program.key, KEY, text="the proof is for program")
    other = decode_job_proof(jobs.of_other_program)
    labelled = replace(other, program=jobs.program.program_key.digest)
    assert_refused(labelled, jobs.program.key, *WRONG_TRANSCRIPT)


def test_another_number_of_units(jobs: Jobs) -> None:
    proof = decode_job_proof(jobs.proof)
    assert proof.units == 1
    for units in (2, 3, 1 << 12):
        assert_refused(replace(proof, units=units), jobs.program.key, *WRONG_TRANSCRIPT)
    for units in (0, (1 << 12) + 1):
        assert_refused(
            replace(proof, units=units), jobs.program.key, FORMAT, text="numbers of nonces or units"
        )


@pytest.mark.parametrize("change", [{"log_size": 18}, {"log_size": 20}, {"log_size": 0}, {"level": 100}])
def test_another_size_or_level_in_the_header(jobs: Jobs, change: dict[str, int]) -> None:
    proof = replace(decode_job_proof(jobs.proof), **change)
    assert_refused(proof, jobs.program.key, KEY, text="the key 16 and 128")


def test_a_proof_of_100_bits_under_a_key_of_128() -> None:
    """Under its own label, and under that of 128 bits."""
    weak, strong = set_up(GUEST, security=100), set_up(GUEST)
    data = prove_told(weak, tell(GUEST, data=b"\x05"))
    assert accepted(data, weak.key).security == 100
    assert_refused(data, strong.key, KEY, text="size 16 and security 100, the key 16 and 128")
    proof = replace(decode_job_proof(data), level=128)
    assert_refused(proof, strong.key, KEY, text="the proof is for program")
    proof = replace(proof, program=strong.program_key.digest)
    assert_refused(proof, strong.key, FORMAT, *WRONG_TRANSCRIPT)


def test_every_word_of_the_header_matters(jobs: Jobs) -> None:
    """Everything before the first segment: magic, version, program, level, size, units, claims, nonce."""
    proof = decode_job_proof(jobs.proof)
    length = len(jobs.proof) - sum(4 + len(one) for one in proof.segments)
    assert length % 4 == 0
    for place in range(0, length, 4):
        for bit in (0, 31):
            with pytest.raises(VerificationError):
                verify(flipped(jobs.proof, place, bit), jobs.program.key)


def test_every_word_of_the_key_matters(jobs: Jobs) -> None:
    """Each bit is part of the program digest, which the proof names."""
    key = jobs.program.key
    draw = np.random.default_rng(5)
    places = [*range(0, 24, 4), *draw.choice(np.arange(24, len(key), 4), 40, replace=False)]
    for place in places:
        assert_refused(jobs.proof, flipped(key, int(place), int(draw.integers(32))), KEY)
        for cut in (key[:place], key[:place] + key[place + 4 :]):
            assert_refused(jobs.proof, cut, KEY, text="the verifying key is malformed")


def test_a_key_changed_with_its_name(jobs: Jobs) -> None:
    """A proof that names the changed key is refused all the same: its segments know the true one."""
    key, proof = jobs.program.key, decode_job_proof(jobs.proof)
    draw = np.random.default_rng(6)
    for place in draw.choice(np.arange(24, len(key), 4), 12, replace=False):
        changed = flipped(key, int(place), 0)
        try:
            program = decode_key(changed).digest
        except VerificationError:
            continue
        assert_refused(replace(proof, program=program), changed, Rejection.SHAPE, *WRONG_TRANSCRIPT)


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 2])
def test_every_region_of_a_segment_proof_matters(jobs: Jobs, place: int) -> None:
    """First, last and a random word of each region, then words of the openings."""
    proof = decode_job_proof(jobs.proof)
    key = jobs.program.program_key
    data = proof.segments[place]
    draw = np.random.default_rng(7)
    known = regions(key.key_of(CORE if place == 0 else EDGES, 0))
    words = {
        word for start, end in known.values() for word in (start, end - 1, int(draw.integers(start, end)))
    }
    last = max(end for _, end in known.values())
    words |= {int(word) for word in draw.integers(last, len(data) // 4 - 1, 16)}
    for word in sorted(words):
        segments = list(proof.segments)
        segments[place] = flipped(data, 4 + 4 * word, int(draw.integers(0, 31)))
        assert_refused(replace(proof, segments=tuple(segments)), jobs.program.key, *Rejection)


def test_a_proof_cut_short_or_continued(jobs: Jobs) -> None:
    draw = np.random.default_rng(8)
    lengths = [0, 1, 4, 100, len(jobs.proof) - 1, *draw.integers(1, len(jobs.proof), 12)]
    for length in lengths:
        assert_refused(jobs.proof[: int(length)], jobs.program.key, FORMAT)
    for more in (b"\0", bytes(4), jobs.proof):
        assert_refused(jobs.proof + more, jobs.program.key, FORMAT, text="bytes after its end")


def test_a_segment_proof_cut_short_or_continued(jobs: Jobs) -> None:
    proof = decode_job_proof(jobs.proof)
    for changed in (
        b"",
        b"pzS1",
        proof.segments[0][:-4],
        proof.segments[0][:-1],
        proof.segments[0] + bytes(4),
    ):
        assert_refused(replace(proof, segments=(changed, *proof.segments[1:])), jobs.program.key, FORMAT)


@pytest.mark.parametrize("seed", range(4))
def test_garbage(jobs: Jobs, seed: int) -> None:
    """Also behind a true beginning."""
    garbage = np.random.default_rng(seed).bytes(10_000)
    for data in (garbage, jobs.proof[:4] + garbage, jobs.proof[:400] + garbage):
        assert_refused(data, jobs.program.key, FORMAT, KEY, STATEMENT)


def test_a_gigabyte_of_zeros(jobs: Jobs) -> None:
    """As a proof, and as a key: refused before anything is made of it."""
    zeros = bytes(1 << 30)
    tracemalloc.start()
    assert_refused(zeros, jobs.program.key, FORMAT, text="does not start like one")
    assert_refused(jobs.proof, zeros, KEY, text="does not start like a key")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 25


@pytest.mark.slow
def test_a_long_segment_of_zeros(jobs: Jobs) -> None:
    """Memory grows with the bytes that came, not with what they say."""
    proof = decode_job_proof(jobs.proof)
    long = b"pzS1" + bytes(1 << 28)
    data = encode_job_proof(replace(proof, segments=(long, *proof.segments[1:])))
    tracemalloc.start()
    assert_composite_refused(data, jobs.program.key, FORMAT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 29


@pytest.mark.parametrize("edges", [1, MAXIMAL_SEGMENTS - 1])
def test_as_many_empty_segments_as_a_job_may_have(jobs: Jobs, edges: int) -> None:
    """So few bytes cannot hold them: they are refused before anything is made of any."""
    proof = decode_job_proof(jobs.proof)
    claims = claims_with(proof.claims, core=MAXIMAL_SEGMENTS - edges, edges=edges)
    empty: JobProof = replace(proof, claims=claims, segments=(b"",) * MAXIMAL_SEGMENTS)
    with patch.object(ProgramKey, "key_of", side_effect=AssertionError):
        assert_composite_refused(empty, jobs.program.key, FORMAT, text="it ends too early")


@pytest.mark.parametrize("count", [MAXIMAL_SEGMENTS + 1, (1 << 32) - 1])
def test_more_segments_than_bytes(jobs: Jobs, count: int) -> None:
    proof = decode_job_proof(jobs.proof)
    place = len(jobs.proof) - sum(4 + len(one) for one in proof.segments) - 4
    data = jobs.proof[:place] + struct.pack("<I", count) + jobs.proof[place + 4 :]
    assert_refused(data, jobs.program.key, FORMAT)


def test_a_number_that_is_no_element(jobs: Jobs) -> None:
    """The same element written as x + p."""
    proof = decode_job_proof(jobs.proof)
    words = np.frombuffer(proof.segments[0], dtype="<u4").copy()
    place = 1 + int(np.flatnonzero(words[1:] < (1 << 32) - P)[0])
    words[place] += P
    changed = replace(proof, segments=(words.tobytes(), *proof.segments[1:]))
    assert_refused(changed, jobs.program.key, FORMAT, text="a field element is not canonical")
