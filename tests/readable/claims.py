"""What a job claims, and the global challenge (docs/format.md, "Claims and global challenge")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.readable.allowed_keys import allowed_keys_root
from tests.readable.expressions import parse
from tests.readable.field import K
from tests.readable.parameters import GLOBAL_WORK
from tests.readable.poseidon2 import TAG_JOB, Digest
from tests.readable.program_key import ProgramKey
from tests.readable.reader import Reader, RefusedError
from tests.readable.segment import FORMAT_VERSION, JobChallenge, term_value
from tests.readable.tables import Message
from tests.readable.transcript import Transcript

HALTED = 1 << 27
WEIGHT_LIMIT = 1 << 29
MAXIMAL_UNITS = 1 << 12
MAXIMAL_SEGMENTS = 1 << 20
OUTPUTS = 64
LIMB = 1 << 16

STATE_EDGE, EXIT, OUTPUT, CHAIN = 16, 18, 19, 20
"""Numbers of the global buses on which the job's own terms are."""


@dataclass(frozen=True)
class Statement:
    """What a verified job says."""

    program: Digest
    exit_code: int
    outputs: Sequence[int]
    core_segments: int


@dataclass(frozen=True)
class Claims:
    """What a job claims, and the terms that this puts on global buses."""

    exit_code: int
    outputs: Sequence[int]
    core_segments: int
    edges_segments: int
    last_key: int

    @property
    def segments(self) -> int:
        """Segments in all."""
        return self.core_segments + self.edges_segments

    def terms(self, entry: int) -> list[Message]:
        """Both ends of the state, the exit code, the outputs, both ends of the edges chain."""
        return [
            _term(1, STATE_EDGE, 1, entry),
            _term(-1, STATE_EDGE, self.core_segments + 1, HALTED),
            _term(-1, EXIT, *limbs(self.exit_code, 4)),
            *(_term(-1, OUTPUT, place, *limbs(word, 2)) for place, word in enumerate(self.outputs)),
            _term(1, CHAIN, 1, 0),
            _term(-1, CHAIN, self.edges_segments + 1, self.last_key),
        ]


@dataclass(frozen=True)
class Job:
    """What a job's proof says beside what proves it, under the program key that it is for."""

    program: ProgramKey
    units: int
    claims: Claims
    nonces: Sequence[int]

    @property
    def statement(self) -> Statement:
        """What is proved, if everything is."""
        claims = self.claims
        return Statement(self.program.digest, claims.exit_code, claims.outputs, claims.core_segments)

    def challenge(self, root: Digest, leaves: int, weight: int) -> JobChallenge:
        """Alpha and beta of the job, after everything that they bind."""
        claims, program = self.claims, self.program
        if leaves != claims.segments:
            raise RefusedError(f"{leaves} segments where {claims.segments} are claimed")
        if weight >= WEIGHT_LIMIT:
            raise RefusedError("the job is too heavy for its global buses")
        level = program.parameters.level
        transcript = Transcript(TAG_JOB)
        transcript.absorb(FORMAT_VERSION, root, leaves, weight)
        transcript.absorb(program.digest, level, program.log_size)
        transcript.absorb(allowed_keys_root(level), self.units)
        transcript.absorb(0, claims.core_segments, claims.edges_segments, claims.last_key)
        transcript.absorb(limbs(claims.exit_code, 4))
        for word in claims.outputs:
            transcript.absorb(limbs(word, 2))
        transcript.check_work(GLOBAL_WORK[level], list(self.nonces), "the global challenge")
        alpha, beta = transcript.challenge(), transcript.challenge()
        return JobChallenge(transcript.digest(), alpha, beta)

    def check_total(self, total: K, alpha: K, beta: K) -> None:
        """Check that what all segments leave on the global buses is what the claims say."""
        for term in self.claims.terms(self.program.entry):
            total = total + term_value(term, {}, (alpha, beta))
        if total != 0:
            raise RefusedError("the global buses of the job are out of balance")


def read_job(reader: Reader, program: ProgramKey) -> Job:
    """Read program, units, claims and nonces, and check that they are possible under a key."""
    head = [*program.digest, program.parameters.level, program.log_size]
    if reader.elements(len(head)) != head:
        raise RefusedError("the proof is of another program, level or size than the key")
    units = reader.word()
    if not 1 <= units <= MAXIMAL_UNITS:
        raise RefusedError(f"a job cannot have {units} units")
    low, high, *outputs = reader.words(2 + OUTPUTS)
    core, edges, last_key = reader.elements(3)
    claims = Claims(low + (high << 32), outputs, core, edges, last_key)
    if core < 1 or edges < max(1, len(program.chunks)) or claims.segments > MAXIMAL_SEGMENTS:
        raise RefusedError("the numbers of segments do not belong to a run of the program")
    nonces = reader.elements(reader.word())
    if len(nonces) != (1 if GLOBAL_WORK[program.parameters.level] else 0):
        raise RefusedError("the number of nonces of the global challenge is wrong")
    return Job(program, units, claims, nonces)


def limbs(value: int, count: int) -> list[int]:
    """The lowest limbs of 16 bits, lowest first."""
    return [value // LIMB**place % LIMB for place in range(count)]


def _term(sign: int, bus: int, *elements: int) -> Message:
    return Message("global", bus, [parse(str(element)) for element in elements], sign, parse("1"))
