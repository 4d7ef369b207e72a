"""The kinds of segments: which tables each has, its public values, and the messages that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.kind import Kind, TableShape, Term
from zisk.vm.limits import maximal_log_heights
from zisk.vm.memory_map import HALTED, OUTPUT_WORDS
from zisk.vm.operations import Family
from zisk.vm.tables.boundary import boundary
from zisk.vm.tables.buses import CHAIN, EXIT, OUTPUT, STATE, STATE_EDGE
from zisk.vm.tables.families import FAMILY_TABLES
from zisk.vm.tables.frame import TICKS_PER_STEP
from zisk.vm.tables.image import CHUNK_LOG_HEIGHT, image
from zisk.vm.tables.lookup_tables import bytes_table, range_table, shift_table, tuple_log_height, tuple_table
from zisk.vm.tables.memory import memory
from zisk.vm.tables.program import program_table
from zisk.vm.tables.region import region

CORE_NUMBER, EDGES_NUMBER = 1, 2
"""What keys and transcripts call the kinds."""

CORE_PUBLICS = ("index", "pc_in", "pc_out", "end_ts")
"""Number of the segment from 1, where it starts and ends, and the timestamp after its last step."""

EDGES_PUBLICS = ("index", "previous_key", "last_key")
"""Number of the segment from 1, last key of the segment before it, and its own."""

EDGES_LOG_SIZE = 16
"""Edges segments have one size, whatever the core's."""

SEGMENT_LIMIT = 1 << 24
"""Segment numbers are below this, so that differences of two fit the boundary's range checks."""

FIRST_TIMESTAMP = 1
"""Timestamp of a segment's first step; 0 is before it."""

LOWEST_KEY = 0
"""The key that the chain of edges segments starts from, below every region."""

FROM_SELDOM_TO_OFTEN = (
    Family.HALT,
    Family.STOREX,
    Family.LOADX,
    Family.DIVU,
    Family.SHIFT,
    Family.MUL,
    Family.NOP,
    Family.JALR,
    Family.SLTI,
    Family.SLT,
    Family.LOGICI,
    Family.BLT,
    Family.STORE,
    Family.SHIFTI,
    Family.LOAD,
    Family.SD,
    Family.BEQ,
    Family.LD,
    Family.SHIFTIW,
    Family.ADDIW,
    Family.ADD,
    Family.ADDW,
    Family.ADDI,
    Family.LOGIC,
)
"""Families by how much of a compiled program they usually are, least first."""

_RANGE_LOG_HEIGHT = 16
_SHIFT_LOG_HEIGHT = 6


def core_families(log_size: int) -> tuple[Family, ...]:
    """The instruction tables of a core segment, in order of their ids: by greatest height, then by use.

    The sponge hashes every table at the height of the tallest before it, so those that programs seldom fill
    come first.
    """
    heights = maximal_log_heights(log_size)
    return tuple(sorted(heights, key=lambda family: (heights[family], FROM_SELDOM_TO_OFTEN.index(family))))


@cache
def core_kind(log_size: int) -> Kind:
    """Core segments of 2^log_size steps: instruction tables, boundary, then what answers lookups."""
    heights = maximal_log_heights(log_size)
    tables = [TableShape(FAMILY_TABLES[one].air(log_size), heights[one]) for one in core_families(log_size)]
    tables += [TableShape(boundary(), log_size), TableShape(shift_table(), _SHIFT_LOG_HEIGHT)]
    triples = tuple_log_height(log_size)
    if triples is not None:
        tables.append(TableShape(tuple_table(), triples))
    tables += [
        TableShape(range_table(), _RANGE_LOG_HEIGHT),
        TableShape(bytes_table(), _RANGE_LOG_HEIGHT),
        TableShape(program_table(), log_size),
    ]

    def terms(publics: Mapping[str, int]) -> Sequence[Term]:
        return _core_terms(log_size, **publics)

    return Kind("core", CORE_NUMBER, log_size, tuple(tables), CORE_PUBLICS, terms)


@cache
def edges_kind() -> Kind:
    """Edges segments: touched words outside the image, the memory map, one chunk of the image, and ranges."""
    tables = (
        TableShape(memory(), EDGES_LOG_SIZE),
        TableShape(region(), EDGES_LOG_SIZE),
        TableShape(image(), CHUNK_LOG_HEIGHT),
        TableShape(range_table(), _RANGE_LOG_HEIGHT),
    )
    return Kind("edges", EDGES_NUMBER, EDGES_LOG_SIZE, tables, EDGES_PUBLICS, _edges_terms)


def _core_terms(log_size: int, *, index: int, pc_in: int, pc_out: int, end_ts: int) -> list[Term]:
    """Both ends of the segment's steps, inside the segment and in the job.

    Raises:
        VerificationError: the public values belong to no segment of a run.
    """
    steps, rest = divmod(end_ts - FIRST_TIMESTAMP, TICKS_PER_STEP)
    if not 1 <= index < SEGMENT_LIMIT:
        raise VerificationError(
            Rejection.STATEMENT, f"core segment number {index} is not 1 to {SEGMENT_LIMIT - 1}"
        )
    if pc_in == HALTED:
        raise VerificationError(Rejection.STATEMENT, f"core segment {index} starts after the halt")
    if rest or not 1 <= steps <= 1 << log_size:
        raise VerificationError(
            Rejection.STATEMENT,
            f"core segment {index} ends at timestamp {end_ts}, not after 1 to {1 << log_size} steps",
        )
    return [
        Term(STATE, (pc_in, FIRST_TIMESTAMP), 1),
        Term(STATE, (pc_out, end_ts), -1),
        Term(STATE_EDGE, (index, pc_in), -1),
        Term(STATE_EDGE, (index + 1, pc_out), 1),
    ]


def _edges_terms(publics: Mapping[str, int]) -> list[Term]:
    """The segment's link in the chain."""
    index = publics["index"]
    return [
        Term(CHAIN, (index, publics["previous_key"]), -1),
        Term(CHAIN, (index + 1, publics["last_key"]), 1),
    ]


def job_terms(
    *,
    entry: int,
    core_segments: int,
    edges_segments: int,
    last_key: int,
    exit_code: int,
    outputs: Sequence[int],
) -> list[Term]:
    """The messages that a job's public values stand for: start, end, exit code, outputs, both chain ends.

    Args:
        entry: pc index where the program starts.
        core_segments: how many there are.
        edges_segments: how many there are.
        last_key: last key of the last edges segment.
        exit_code: a0 at the halt, 64 bits.
        outputs: the 64 public 32-bit words.
    """
    if len(outputs) != 2 * OUTPUT_WORDS:
        raise ValueError(f"a job has {2 * OUTPUT_WORDS} output words, not {len(outputs)}")
    limbs = tuple(exit_code >> (16 * index) & 0xFFFF for index in range(4))
    return [
        Term(STATE_EDGE, (1, entry), 1),
        Term(STATE_EDGE, (core_segments + 1, HALTED), -1),
        Term(EXIT, limbs, -1),
        *(Term(OUTPUT, (place, word & 0xFFFF, word >> 16), -1) for place, word in enumerate(outputs)),
        Term(CHAIN, (1, LOWEST_KEY), 1),
        Term(CHAIN, (edges_segments + 1, last_key), -1),
    ]
