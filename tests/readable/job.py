"""The proof of a job under a program key (docs/format.md; docs/soundness.md, section 9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.readable.allowed_keys import allowed_keys_root
from tests.readable.expressions import parse
from tests.readable.field import K, bit_reverse
from tests.readable.poseidon2 import TAG_CONTRIBUTION, TAG_JOB, Digest, sponge
from tests.readable.program_key import ProgramKey, read_key
from tests.readable.proof import SegmentProof
from tests.readable.reader import Reader, RefusedError
from tests.readable.segment import FORMAT_VERSION, JobChallenge, Key, begin, check_segment, term_value
from tests.readable.tables import Message
from tests.readable.transcript import Transcript

HALTED = 1 << 27
WEIGHT_LIMIT = 1 << 29
MAXIMAL_UNITS = 1 << 16
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


def limbs(value: int, count: int) -> list[int]:
    """The lowest limbs of 16 bits, lowest first."""
    return [value // LIMB**place % LIMB for place in range(count)]


def _term(sign: int, bus: int, *elements: int) -> Message:
    return Message("global", bus, [parse(str(element)) for element in elements], sign, parse("1"))


def verify(proof: bytes, key: bytes) -> Statement:
    """What a job's proof proves under a program key.

    Raises:
        RefusedError: the proof shows nothing under this key; the text says why.
    """
    program = read_key(key)
    reader = Reader(proof, b"pzJ1", "the job proof")
    head = [FORMAT_VERSION, *program.digest, program.parameters.level, program.log_size]
    if reader.elements(len(head)) != head:
        raise RefusedError("the proof is of another version, program, level or size than the key")
    units = reader.word()
    if not 1 <= units <= MAXIMAL_UNITS:
        raise RefusedError(f"a job cannot have {units} units")
    low, high, *outputs = reader.words(2 + OUTPUTS)
    core, edges, last_key = reader.elements(3)
    claims = Claims(low + (high << 32), outputs, core, edges, last_key)
    nonces = reader.elements(reader.word())
    if len(nonces) != (1 if program.parameters.global_work else 0):
        raise RefusedError("the number of nonces of the global challenge is wrong")
    segments = [reader.bytes(reader.word()) for _ in range(reader.word())]
    reader.end()
    if (
        core < 1
        or edges < max(1, len(program.chunks))
        or not len(segments) == core + edges <= MAXIMAL_SEGMENTS
    ):
        raise RefusedError("the numbers of segments do not belong to a run of the program")
    return _check(program, units, claims, nonces, segments)


def _check(
    program: ProgramKey, units: int, claims: Claims, nonces: list[int], segments: Sequence[bytes]
) -> Statement:
    """Derive the global challenge from the segments, check each under it, and the global buses."""
    proofs: list[tuple[SegmentProof, Key]] = []
    leaves: list[Digest] = []
    for place, data in enumerate(segments):
        kind, key = program.of_segment(place, claims.core_segments)
        one = SegmentProof(data, kind, program.parameters)
        number = place + 1 if kind is program.core else place + 1 - claims.core_segments
        if one.publics["index"] != number:
            raise RefusedError(f"segment {place} calls itself number {one.publics['index']}, not {number}")
        leaves.append(begin(one, key, program.digest).digest())
        proofs.append((one, key))
    weight = sum(one.weight for one, _ in proofs)
    if weight >= WEIGHT_LIMIT:
        raise RefusedError("the job is too heavy for its global buses")
    job = _challenge(program, units, claims, nonces, leaves, weight)
    challenge = (job.alpha, job.beta)
    total = sum((term_value(term, {}, challenge) for term in claims.terms(program.entry)), K.of(0))
    for one, key in proofs:
        total = total + check_segment(one, key, program.digest, job)
    if total != 0:
        raise RefusedError("the global buses of the job are out of balance")
    return Statement(program.digest, claims.exit_code, claims.outputs, claims.core_segments)


def _challenge(
    program: ProgramKey, units: int, claims: Claims, nonces: list[int], leaves: Sequence[Digest], weight: int
) -> JobChallenge:
    """Alpha and beta of the job, after everything that they bind."""
    transcript = Transcript(TAG_JOB)
    transcript.absorb(FORMAT_VERSION, contribution_root(leaves, units), len(leaves), weight)
    transcript.absorb(program.digest, program.parameters.level, program.log_size)
    transcript.absorb(allowed_keys_root(program.parameters.level), units)
    transcript.absorb(0, claims.core_segments, claims.edges_segments, claims.last_key)
    transcript.absorb(limbs(claims.exit_code, 4))
    for word in claims.outputs:
        transcript.absorb(limbs(word, 2))
    transcript.check_work(program.parameters.global_work, nonces, "the global challenge")
    alpha, beta = transcript.challenge(), transcript.challenge()
    return JobChallenge(transcript.digest(), alpha, beta)


def contribution_root(leaves: Sequence[Digest], units: int) -> Digest:
    """The root over the non-empty units, each the root over its segments."""
    places = unit_places(units, min(units, len(leaves)))
    shares: dict[int, list[Digest]] = {unit: [] for unit in places}
    for segment, leaf in enumerate(leaves):
        shares[places[segment % units]].append(leaf)
    return tree_root([tree_root(shares[unit]) for unit in sorted(shares)])


def unit_places(units: int, count: int) -> list[int]:
    """The units of the first `count` segments of a round: bit reversals, those of U and above left out."""
    bits = (units - 1).bit_length()
    places: list[int] = []
    number = 0
    while len(places) < count:
        place = bit_reverse(number, bits)
        if place < units:
            places.append(place)
        number += 1
    return places


def tree_root(nodes: Sequence[Digest]) -> Digest:
    """The root of RFC 6962: the left child holds the largest power of two below the number of leaves."""
    if len(nodes) == 1:
        return nodes[0]
    half = 1 << ((len(nodes) - 1).bit_length() - 1)
    return sponge(TAG_CONTRIBUTION, [*tree_root(nodes[:half]), *tree_root(nodes[half:])])
