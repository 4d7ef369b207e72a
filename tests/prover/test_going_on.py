"""A session goes on from what others kept: nothing changes but what is made again."""

from __future__ import annotations

import dataclasses
from contextlib import suppress

import pytest

from tests.prover.jobs import DATA, UNITS, Job, Phases
from tests.prover.kept import Kept, Killed
from zisk.field.koalabear import P
from zisk.kernels.default import new_backend
from zisk.kernels.pool import Pool
from zisk.prover import (
    Aggregation,
    ContributionError,
    GlobalChallenge,
    Program,
    ProofForm,
    ProvingSession,
    global_challenge,
)
from zisk.prover.fold_tree import Span
from zisk.prover.segment_commitment import SegmentCommitment, decode_commitment, encode_commitment
from zisk.prover.unit_proof import decode_unit_proof
from zisk.stark.kind import WEIGHT_LIMIT

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("short_segments")]

ALL = range(UNITS)
SEGMENTS = 4


def segment_proofs(job: Job) -> dict[Span, bytes]:
    """The segment proofs of a job of three units by their places: unit 0 has two."""
    proofs = [proof for unit in ALL for proof in decode_unit_proof(job.units[unit])[1]]
    return {(place, place + 1): proof for place, proof in enumerate(proofs)}


@pytest.mark.parametrize("loses", [False, True])
def test_killed_at_every_commitment(program: Program, job: Job, loses: bool) -> None:
    """Each session commits to two segments and is killed; what is lost is committed to again, and no more."""
    kept, contribution, kills = Kept(loses=loses), b"", 0
    while not contribution:
        kept.lives = 2 if loses else 1
        with suppress(Killed):
            contribution = kept.session(program, ALL, ProofForm.COMPOSITE).contributions()
            break
        kills += 1
    assert contribution == job.contribution
    assert kills == (SEGMENTS - 1 if loses else SEGMENTS)
    assert len(kept.committed) == SEGMENTS + loses * kills


@pytest.mark.slow
@pytest.mark.parametrize("loses", [False, True])
def test_killed_at_every_segment_proof(program: Program, job: Job, loses: bool) -> None:
    """Each successor executes, and proves no more than what its predecessors did not keep."""
    kept, payloads, kills = Kept(loses=loses), list[bytes](), 0
    while not payloads:
        kept.lives = None
        session = kept.session(program, ALL, ProofForm.COMPOSITE)
        assert session.contributions() == job.contribution
        kept.lives = 2 if loses else 1
        with suppress(Killed):
            payloads = session.prove(job.challenge, stored=kept.pieces, keep=kept.keep)
            break
        kills += 1
    assert payloads == list(job.units.values())
    assert kept.pieces == segment_proofs(job)
    assert kills == (SEGMENTS - 1 if loses else SEGMENTS)
    assert len(kept.leaves) == SEGMENTS + loses * kills
    assert kept.committed == list(range(SEGMENTS))


def test_progress_counts_what_is_left(program: Program, job: Job) -> None:
    kept, phases = Kept(), Phases()
    kept.pieces = segment_proofs(job)
    del kept.pieces[1, 2]
    session = ProvingSession(
        program, DATA, units=UNITS, allocation=ALL, form=ProofForm.COMPOSITE, progress=phases
    )
    session.contributions()
    assert session.prove(job.challenge, stored=kept.pieces, keep=kept.keep) == list(job.units.values())
    assert (phases.of("check"), phases.of("prove")) == ([(3, 3)], [(1, 1)])
    assert kept.made == [(1, 2)]


@pytest.mark.slow
def test_units_end_one_after_another(program: Program, job: Job) -> None:
    """Unit 0 has the first and the last segment of the job; nothing is kept whole."""
    kept = Kept()
    session = ProvingSession(
        program,
        DATA,
        units=UNITS,
        allocation=ALL,
        form=ProofForm.COMPOSITE,
        cache_bytes=0,
        backend=new_backend(Pool(1)),
    )
    session.contributions()
    assert session.prove(job.challenge, keep=kept.keep) == list(job.units.values())
    assert kept.made == [(place, place + 1) for place in range(SEGMENTS)]


def test_a_piece_that_does_not_hold_is_made_again(program: Program, job: Job) -> None:
    """A word changed; the proof of another segment; a node; what is no span of the job."""
    kept, proofs = Kept(), segment_proofs(job)
    changed = bytearray(proofs[0, 1])
    changed[len(changed) // 2] ^= 1
    stored = proofs | {
        (0, 1): bytes(changed),
        (2, 3): proofs[3, 4],
        (0, 2): proofs[0, 1],
        (1, 3): proofs[1, 2],
        (5, 9): b"",
    }
    aggregation = Aggregation(
        program, job.challenge, form=ProofForm.COMPOSITE, stored=stored, on_refusal=kept.refuse
    )
    assert sorted(kept.refused) == [(0, 1), (0, 2), (1, 3), (2, 3), (5, 9)]
    assert "the proof of segment 0 does not hold" in kept.refused[0, 1]
    assert "the proof of segment 2 is of another segment" in kept.refused[2, 3]
    assert "segments 0 to 2 of the tree are folded" in kept.refused[0, 2]
    assert "segments 5 to 9 of the tree are no subtree" in kept.refused[5, 9]
    assert aggregation.missing == [0, 1]
    session = kept.session(program, ALL, ProofForm.COMPOSITE)
    session.contributions()
    payloads = session.prove(job.challenge, stored=stored, keep=kept.keep, on_refusal=kept.refuse)
    assert payloads == list(job.units.values())
    assert kept.made == [(0, 1), (2, 3)]
    for unit in aggregation.missing:
        aggregation.add(unit, payloads[unit])
    assert aggregation.finish() == job.proof


def test_pieces_alone_make_the_proof(program: Program, job: Job) -> None:
    aggregation = Aggregation(program, job.challenge, form=ProofForm.COMPOSITE, stored=segment_proofs(job))
    assert aggregation.missing == []
    assert aggregation.finish() == job.proof


def refusals(program: Program, challenge: GlobalChallenge, stored: dict[Span, bytes]) -> dict[Span, str]:
    """What an aggregation leaves out of these, and why."""
    kept = Kept()
    Aggregation(program, challenge, form=ProofForm.COMPOSITE, stored=stored, on_refusal=kept.refuse)
    return kept.refused


def test_pieces_of_another_job_or_challenge_are_left_out(program: Program, job: Job) -> None:
    """The same run in two units; another run."""
    proofs = segment_proofs(job)
    for data, units in ((DATA, 2), (DATA[:8] + (89).to_bytes(8, "little"), UNITS)):
        other = ProvingSession(program, data, units=units, allocation=range(units))
        refused = refusals(program, global_challenge(program, [other.contributions()]), proofs)
        assert set(refused) == set(proofs)
        assert all("does not hold" in why for why in refused.values()), refused


def test_a_wrong_commitment_of_another_is_found_where_its_segment_is_proved(
    program: Program, job: Job
) -> None:
    kept = Kept()
    kept.session(program, ALL, ProofForm.COMPOSITE).contributions()
    said = decode_commitment(kept.commitments[0])
    for wrong in (
        dataclasses.replace(said, weight=said.weight + 1),
        dataclasses.replace(said, leaf=(*said.leaf[:-1], 5)),
    ):
        kept.commitments[0] = encode_commitment(wrong)
        session = kept.session(program, ALL, ProofForm.COMPOSITE)
        challenge = global_challenge(program, [session.contributions()])
        with pytest.raises(ContributionError, match="committed to something else for segment 0"):
            session.prove(challenge)
    with pytest.raises(ContributionError, match="does not bind"):
        session.prove(job.challenge)


def test_commitments_of_others_are_for_their_own_segments(program: Program, job: Job) -> None:
    """Those of other units are not looked at; one of a segment that the run does not have is refused."""
    kept = Kept()
    kept.session(program, ALL, ProofForm.COMPOSITE).contributions()
    assert kept.session(program, [1], ProofForm.COMPOSITE).contributions() != job.contribution
    assert kept.committed == list(range(SEGMENTS))
    kept.commitments[5] = kept.commitments[0]
    assert kept.session(program, [0], ProofForm.COMPOSITE).contributions()
    with pytest.raises(ContributionError, match="segment 5 is said to be committed already"):
        kept.session(program, ALL, ProofForm.COMPOSITE).contributions()


def test_commitments_survive_their_bytes_and_nothing_else_does() -> None:
    commitment = SegmentCommitment(tuple(range(9)), WEIGHT_LIMIT - 1)
    data = encode_commitment(commitment)
    assert decode_commitment(data) == commitment
    for changed, why in (
        (b"", "does not start"),
        (data[:-1], "ends too early"),
        (data + b"\0", "bytes after its end"),
        (data[:4] + P.to_bytes(4, "little") + data[8:], "not canonical"),
        (data[:-4] + WEIGHT_LIMIT.to_bytes(4, "little"), "no segment has weight"),
    ):
        with pytest.raises(ContributionError, match=why):
            decode_commitment(changed)
