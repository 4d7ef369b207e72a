"""The final proof of a job, compressed or not: the proof of one circuit (docs/format.md, "Final proof")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tests.readable.allowed_keys import allowed_keys_root, final_key
from tests.readable.claims import Statement, read_job
from tests.readable.field import DEGREE, K
from tests.readable.parameters import COMPRESSED, FINAL
from tests.readable.poseidon2 import DIGEST, Digest
from tests.readable.program_key import ProgramKey
from tests.readable.proof import SegmentProof
from tests.readable.reader import Reader, RefusedError
from tests.readable.segment import FORMAT_VERSION, JobChallenge, check_heights, check_segment
from tests.readable.tables import read_kind

MAGIC = b"pzF1"

CHALLENGES = 2
"""How many elements of K stand before the interface among the public values."""

NO_DIGEST: Digest = (0,) * DIGEST
NO_JOB = JobChallenge(NO_DIGEST, K.of(0), K.of(0))


@dataclass(frozen=True)
class Interface:
    """What a circuit says of the segments under it."""

    program: Digest
    job: JobChallenge
    keys: Digest
    digest: Digest
    count: int
    weight: int
    total: K


def read_interface(publics: Sequence[int]) -> Interface:
    """The interface from all public values of a circuit."""
    values = iter(publics[CHALLENGES * DEGREE :])
    program, binding = _digest(values), _digest(values)
    job = JobChallenge(binding, _extension(values), _extension(values))
    keys, digest = _digest(values), _digest(values)
    return Interface(program, job, keys, digest, next(values), next(values), _extension(values))


def verify_final(data: bytes, program: ProgramKey) -> Statement:
    """What a final or compressed proof proves.

    Raises:
        RefusedError: the proof shows nothing under this key; the text says why.
    """
    reader = Reader(data, MAGIC, "the final proof")
    version, form = reader.words(2)
    if version != FORMAT_VERSION or form > 1:
        raise RefusedError("the final proof is of another version or form")
    job = read_job(reader, program)
    content = reader.bytes(reader.word())
    reader.end()

    level = program.parameters.level
    key = final_key(level, "compressed" if form else "final")
    parameters = (COMPRESSED if form else FINAL)[level]
    proof = SegmentProof(content, read_kind("circuit.md"), parameters)
    check_heights(proof, key)
    said = read_interface(list(proof.publics.values()))
    if said.program != program.digest:
        raise RefusedError("the segments were verified for another program")
    if said.keys != allowed_keys_root(level):
        raise RefusedError("the segments were verified by circuits that are not allowed")
    if said.job != job.challenge(said.digest, said.count, said.weight):
        raise RefusedError("the segments were verified under another global challenge")
    job.check_total(said.total, said.job.alpha, said.job.beta)
    check_segment(proof, key, NO_DIGEST, NO_JOB)
    return job.statement


def _digest(values: Iterator[int]) -> Digest:
    return tuple(islice(values, DIGEST))


def _extension(values: Iterator[int]) -> K:
    return K(islice(values, DEGREE))
