"""The proof of a job under a program key (docs/format.md; docs/soundness.md, section 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tests.readable.expressions import Point, parse
from tests.readable.field import K, bit_reverse
from tests.readable.merkle import CAP
from tests.readable.parameters import LEVELS, Parameters
from tests.readable.poseidon2 import (
    TAG_CONTRIBUTION,
    TAG_JOB,
    TAG_NODE,
    TAG_PART,
    TAG_PROGRAM,
    Digest,
    sponge,
)
from tests.readable.reader import Reader, Refused
from tests.readable.segment import (
    FORMAT_VERSION,
    JobChallenge,
    Key,
    SegmentProof,
    begin,
    check_segment,
    read_segment,
)
from tests.readable.tables import Kind, Message, read_kind
from tests.readable.transcript import Transcript

SIZES = (16, 18, 20, 22)
HALTED = 1 << 27
CHUNK_LEAVES = 256
WEIGHT_LIMIT = 1 << 29
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
class ProgramKey:
    """A program key: one part for core segments, one for edges without a chunk, one for each chunk."""

    parameters: Parameters
    log_size: int
    entry: int
    core_part: Key
    empty_part: Key
    chunks: Sequence[Key]

    @cached_property
    def core(self) -> Kind:
        """The kind of core segments."""
        return read_kind(f"core-{self.log_size}.md")

    @cached_property
    def edges(self) -> Kind:
        """The kind of edges segments."""
        return read_kind("edges.md")

    @cached_property
    def digest(self) -> Digest:
        """The program digest."""
        chunks = [*self.chunks, *[self.empty_part] * (CHUNK_LEAVES - len(self.chunks))]
        parts = {id(part): sponge(TAG_PART, part.words()) for part in (self.core_part, *chunks)}
        level = [sponge(TAG_PART, [place, *parts[id(part)]]) for place, part in enumerate(chunks)]
        while len(level) > 1:
            level = [sponge(TAG_NODE, [*a, *b]) for a, b in zip(level[::2], level[1::2], strict=True)]
        head = [FORMAT_VERSION, self.parameters.level, self.log_size, self.entry, len(self.chunks)]
        return sponge(TAG_PROGRAM, [*head, *parts[id(self.core_part)], *level[0]])

    def of_segment(self, place: int, core_segments: int) -> tuple[Kind, Key]:
        """Kind and key of the segment at a place of the job, from 0."""
        if place < core_segments:
            return self.core, self.core_part
        chunk = place - core_segments
        return self.edges, self.chunks[chunk] if chunk < len(self.chunks) else self.empty_part


def read_key(data: bytes) -> ProgramKey:
    """Read a program key."""
    reader = Reader(data, b"pzK1", "the program key")
    version, level, log_size, entry, chunks = reader.elements(5)
    if version != FORMAT_VERSION or level not in LEVELS or log_size not in SIZES or chunks > CHUNK_LEAVES:
        raise Refused("the program key has an unknown version, level, size or number of chunks")
    core, edges = (len(read_kind(page).tables) for page in (f"core-{log_size}.md", "edges.md"))
    parts = [Key(reader.elements(tables), reader.digests(CAP)) for tables in [core, edges, *[edges] * chunks]]
    reader.end()
    return ProgramKey(LEVELS[level], log_size, entry, parts[0], parts[1], parts[2:])


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
        Refused: nothing.
    """
    program = read_key(key)
    reader = Reader(proof, b"pzJ1", "the job proof")
    head = [FORMAT_VERSION, *program.digest, program.parameters.level, program.log_size]
    if reader.elements(len(head)) != head:
        raise Refused("the proof is of another version, program, level or size than the key")
    units = reader.word()
    if units == 0:
        raise Refused("a job has at least one unit")
    low, high, *outputs = reader.words(2 + OUTPUTS)
    core, edges, last_key = reader.elements(3)
    claims = Claims(low + (high << 32), outputs, core, edges, last_key)
    nonces = reader.elements(reader.word())
    if len(nonces) != (1 if program.parameters.global_work else 0):
        raise Refused("the number of nonces of the global challenge is wrong")
    segments = [reader.bytes(reader.word()) for _ in range(reader.word())]
    reader.end()
    if core < 1 or edges < max(1, len(program.chunks)) or len(segments) != core + edges:
        raise Refused("the numbers of segments do not belong to a run of the program")
    return _check(program, units, claims, nonces, segments)


def _check(
    program: ProgramKey, units: int, claims: Claims, nonces: list[int], segments: Sequence[bytes]
) -> Statement:
    """Derive the global challenge from the segments, check each under it, and the global buses."""
    proofs: list[tuple[SegmentProof, Key]] = []
    leaves: list[Digest] = []
    for place, data in enumerate(segments):
        kind, key = program.of_segment(place, claims.core_segments)
        one = read_segment(data, kind, program.parameters)
        number = place + 1 if kind is program.core else place + 1 - claims.core_segments
        if one.by_name["index"] != number:
            raise Refused(f"segment {place} calls itself number {one.by_name['index']}, not {number}")
        leaves.append(begin(one, key, program.digest).digest())
        proofs.append((one, key))
    weight = sum(one.weight() for one, _ in proofs)
    if weight >= WEIGHT_LIMIT:
        raise Refused("the job is too heavy for its global buses")
    job = _challenge(program, units, claims, nonces, leaves, weight)
    total = K.of(0)
    for term in claims.terms(program.entry):
        numerator, denominator = term.fraction(Point(), job.alpha, job.beta)
        if denominator == 0:
            raise Refused("a public term has the denominator zero")
        total = total + numerator * denominator.inverse()
    for one, key in proofs:
        total = total + check_segment(one, key, program.digest, job)
    if total != 0:
        raise Refused("the global buses of the job are out of balance")
    return Statement(program.digest, claims.exit_code, claims.outputs, claims.core_segments)


def _challenge(
    program: ProgramKey, units: int, claims: Claims, nonces: list[int], leaves: Sequence[Digest], weight: int
) -> JobChallenge:
    """Alpha and beta of the job, after everything that they bind."""
    transcript = Transcript(TAG_JOB)
    transcript.absorb(FORMAT_VERSION, contribution_root(leaves, units), len(leaves), weight)
    transcript.absorb(program.digest, program.parameters.level, program.log_size, units)
    transcript.absorb(0, claims.core_segments, claims.edges_segments, claims.last_key)
    transcript.absorb(limbs(claims.exit_code, 4))
    for word in claims.outputs:
        transcript.absorb(limbs(word, 2))
    transcript.check_work(program.parameters.global_work, nonces, "the global challenge")
    alpha, beta = transcript.challenge(), transcript.challenge()
    return JobChallenge(transcript.digest(), alpha, beta)


def contribution_root(leaves: Sequence[Digest], units: int) -> Digest:
    """The root over the non-empty units, each the root over its segments."""
    shares: Mapping[int, list[Digest]] = {}
    places = unit_places(units, min(units, len(leaves)))
    shares = {unit: [] for unit in places}
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
