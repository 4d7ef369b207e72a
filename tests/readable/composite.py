"""The composite proof of a job: the proofs of all its segments (docs/format.md, "Composite proof")."""

from __future__ import annotations

from tests.readable.claims import Job, Statement, read_job
from tests.readable.contribution import contribution_root
from tests.readable.poseidon2 import Digest
from tests.readable.program_key import ProgramKey
from tests.readable.proof import SegmentProof
from tests.readable.reader import Reader, RefusedError
from tests.readable.segment import FORMAT_VERSION, Key, begin, check_segment

MAGIC = b"pzJ1"


def verify_composite(data: bytes, program: ProgramKey) -> Statement:
    """What a composite proof proves: derive the challenge from the segments, check each under it.

    Raises:
        RefusedError: the proof shows nothing under this key; the text says why.
    """
    reader = Reader(data, MAGIC, "the composite proof")
    if reader.word() != FORMAT_VERSION:
        raise RefusedError("the composite proof is of another version")
    job = read_job(reader, program)
    segments = [reader.bytes(reader.word()) for _ in range(reader.word())]
    reader.end()
    if len(segments) != job.claims.segments:
        raise RefusedError(f"the composite proof has {len(segments)} segments, claimed are others")
    proofs: list[tuple[SegmentProof, Key]] = []
    leaves: list[Digest] = []
    for place, one in enumerate(segments):
        proof, key = _read_segment(one, job, place)
        leaves.append(begin(proof, key, program.digest).digest())
        proofs.append((proof, key))
    weight = sum(proof.weight for proof, _ in proofs)
    challenge = job.challenge(contribution_root(leaves, job.units), len(leaves), weight)
    first, *others = (check_segment(proof, key, program.digest, challenge) for proof, key in proofs)
    job.check_total(sum(others, first), challenge.alpha, challenge.beta)
    return job.statement


def _read_segment(data: bytes, job: Job, place: int) -> tuple[SegmentProof, Key]:
    """The segment at a place of the job, which must carry the number that belongs there."""
    core = job.claims.core_segments
    kind, key = job.program.of_segment(place, core)
    proof = SegmentProof(data, kind, job.program.parameters)
    number = place + 1 if place < core else place + 1 - core
    if proof.publics["index"] != number:
        raise RefusedError(f"segment {place} calls itself number {proof.publics['index']}, not {number}")
    return proof, key
