"""A program of the toy machine, with chunks, and leaves over its segments.

The segments are those of `tests.stark.attacks.toy_job`; both kinds have a preprocessed table here, so that
their keys are data of a leaf. Each of the program's edges keys orders the output words in its own way.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache

import numpy as np

from tests.recursion.laboratory import listed
from tests.stark.attacks import toy_job
from tests.stark.attacks.kinds import PLAIN
from tests.stark.toy import BACKEND, JOB, LOG_SIZE
from zisk.field.koalabear import to_montgomery
from zisk.hash.sponge import Digest
from zisk.recursion.circuit import Circuit
from zisk.recursion.interface import Interface
from zisk.recursion.leaf import leaf_hints, record_leaf
from zisk.recursion.program_parts import LOG_CHUNKS, KeyDigests, ProgramParts
from zisk.recursion.segment_hints import SegmentHints
from zisk.stark.commitment import FixedTables, fix_tables
from zisk.stark.key import VerifyingKey
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proof import SegmentProof
from zisk.stark.prove import CommittedSegment, commit_segment, prove_segment
from zisk.stark.transcript_order import JobChallenge
from zisk.stark.verify import global_sum
from zisk.vm.kinds import CORE_NUMBER, CORE_PUBLICS, CORE_TERMS, EDGES_NUMBER, KINDS, core_requirements
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.kinds.edges import KIND as EDGES

CHUNKS = 2
EMPTY = CHUNKS
"""The number that the edges key without a chunk has here."""

_OTHER_ROTATION = 40
"""Of the preprocessed table of a core key that is not the program's."""


@cache
def core_kind(log_size: int = LOG_SIZE) -> Kind:
    """The toy's counting table, with a sponge of its own, and that of the output words, unused."""
    count, put_out = toy_job.core_fixed().key.kind.tables[0], toy_job.edges_fixed().key.kind.tables[0]
    tables = (dataclasses.replace(count, max_log_height=LOG_SIZE), put_out)
    return Kind(
        "toy core",
        CORE_NUMBER,
        log_size,
        tables,
        CORE_PUBLICS,
        CORE_TERMS,
        core_requirements(log_size),
        sponges=(1,),
    )


@cache
def edges_kind() -> Kind:
    """The toy's edges."""
    return dataclasses.replace(toy_job.edges_fixed().key.kind, number=EDGES_NUMBER)


def places(rotation: int, rows: int = 64) -> np.ndarray:
    """The preprocessed column: the places of the output words from `rotation` on."""
    return to_montgomery(np.roll(np.arange(64, dtype=np.uint64), -rotation)[None, :rows])


@cache
def core_fixed(
    rotation: int = 0, parameters: SecurityParameters = PLAIN, log_size: int = LOG_SIZE
) -> FixedTables:
    """Set-up of core segments; with a rotation, that of another program."""
    return fix_tables(core_kind(log_size), parameters, [None, places(rotation)], BACKEND)


@cache
def edges_fixed(chunk: int) -> FixedTables:
    """Set-up of edges segments with a chunk, or `EMPTY`."""
    return fix_tables(edges_kind(), PLAIN, [places(chunk)], BACKEND)


@cache
def program() -> ProgramParts:
    """The program: two chunks."""
    empty = edges_fixed(EMPTY).key.digest
    chunks = tuple(edges_fixed(chunk).key.digest for chunk in range(CHUNKS))
    filled = (*chunks, *[empty] * ((1 << LOG_CHUNKS) - CHUNKS))
    keys = {CORE_NUMBER: KeyDigests(core_fixed().key.digest), EDGES_NUMBER: KeyDigests(empty, filled)}
    return ProgramParts(PLAIN.level, LOG_SIZE, 0, CHUNKS, keys)


def with_core_key(digest: Digest) -> ProgramParts:
    """The program with another core key."""
    parts = program()
    return dataclasses.replace(parts, keys={**parts.keys, CORE_NUMBER: KeyDigests(digest)})


def core_segment(
    index: int,
    pc_in: int,
    steps: int,
    *,
    padding: int = 0,
    fixed: FixedTables | None = None,
    digest: Digest | None = None,
) -> CommittedSegment:
    """A core segment that counts from `pc_in`; `padding` fills a number that no constraint reads."""
    honest = toy_job.core_segment(index, pc_in, steps)
    trace = honest.traces[0].copy()
    if padding:
        trace[4, -1] = to_montgomery(np.array(padding, np.uint64))
    traces = [trace, np.zeros((1, 64), np.uint32)]
    return commit_segment(fixed or core_fixed(), traces, honest.publics, digest or program().digest, BACKEND)


def edges_segment(
    index: int, previous: int, last: int, *, used: int = 0, chunk: int | None = None
) -> CommittedSegment:
    """An edges segment under the key of its index, or of another chunk."""
    trace = to_montgomery(np.full((1, 64), used, dtype=np.uint64))
    known = min(index - 1, EMPTY) if chunk is None else chunk
    return commit_segment(edges_fixed(known), [trace], (index, previous, last), program().digest, BACKEND)


@dataclass(frozen=True)
class ProvedSegment:
    """A segment with its proof under a job's challenge."""

    key: VerifyingKey
    proof: SegmentProof
    leaf: Digest
    job: JobChallenge

    def interface(self, parts: ProgramParts | None = None) -> Interface[int]:
        """What a leaf over it says."""
        return Interface(
            program=(parts or program()).digest,
            binding=self.job.binding,
            alpha=self.job.bus.alpha,
            beta=self.job.bus.beta,
            keys=tuple(range(21, 30)),
            digest=self.leaf,
            count=1,
            weight=self.key.kind.weight(self.proof.log_heights),
            total=global_sum(self.proof, self.key.kind, self.job),
        )

    def core_hints(self, parts: ProgramParts | None = None) -> SegmentHints:
        """What a core leaf over it takes."""
        known = parts or program()
        return listed(leaf_hints(CORE, self.proof, self.key, known, self.job, known.digest))

    def edges_hints(self, parts: ProgramParts | None = None) -> SegmentHints:
        """What an edges leaf over it takes."""
        known = parts or program()
        return listed(leaf_hints(EDGES, self.proof, self.key, known, self.job, known.digest))


def proved(segment: CommittedSegment, job: JobChallenge = JOB) -> ProvedSegment:
    """Prove a segment."""
    return ProvedSegment(segment.fixed.key, prove_segment(segment, job, BACKEND), segment.leaf, job)


def core_leaf(kind: Kind | None = None, parameters: SecurityParameters = PLAIN) -> Circuit:
    """The leaf of the toy's core segments, or of those of another shape."""
    return record_leaf(CORE, KINDS, kind or core_kind(), parameters)


def edges_leaf() -> Circuit:
    """The leaf of the toy's edges segments."""
    return record_leaf(EDGES, KINDS, edges_kind(), PLAIN)
