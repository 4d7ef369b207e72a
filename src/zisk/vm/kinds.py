"""The kinds of segments: which tables each has, its public values, and the messages that they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from zisk.field.koalabear import inverse
from zisk.stark.expression import public
from zisk.stark.kind import Kind, TableShape
from zisk.stark.public_values import Below, NotZero, PublicTerm, Requirement, Term, receive, send
from zisk.vm.limits import EDGES_LOG_SIZE, maximal_log_heights
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

SEGMENT_BITS = 24
SEGMENT_LIMIT = 1 << SEGMENT_BITS
"""Segment numbers are below this, so that differences of two fit the boundary's range checks."""

FIRST_TIMESTAMP = 1
"""Timestamp of a segment's first step; 0 is before it."""

LOWEST_KEY = 0
"""The key that the chain of edges segments starts from, below every region."""


def _core_terms() -> tuple[PublicTerm, ...]:
    index, pc_in, pc_out, end_ts = (public(place) for place in range(len(CORE_PUBLICS)))
    return (
        send(STATE, pc_in, FIRST_TIMESTAMP),
        receive(STATE, pc_out, end_ts),
        receive(STATE_EDGE, index, pc_in),
        send(STATE_EDGE, index + 1, pc_out),
    )


def _edges_terms() -> tuple[PublicTerm, ...]:
    index, previous_key, last_key = (public(place) for place in range(len(EDGES_PUBLICS)))
    return receive(CHAIN, index, previous_key), send(CHAIN, index + 1, last_key)


CORE_TERMS = _core_terms()
"""Both ends of a core segment's steps, inside the segment and in the job."""

EDGES_TERMS = _edges_terms()
"""An edges segment's link in the chain.

The chain makes the numbers of m segments 1 to m without a range: a message leads from number i to i + 1, so
what is not on the way from 1 to m + 1 would have to lead round all of F, and a job has fewer segments than p.
"""

CORE_SPONGES: tuple[tuple[str, ...], ...] = (
    ("shift", "jalr", "shift_powers", "program", "muldiv", "boundary", "sd", "ld"),
    ("misaligned", "nop", "store", "load", "blt", "shifti", "beq", "add"),
    ("halt", "slt", "logici", "addw", "shiftiw", "addiw", "logic", "bytes"),
)
"""The tables of a core segment that share a sponge of their own, in the order in which it absorbs them."""

CORE_LEAF = ("range", "addi", "tuple")
"""Those that the leaf's sponge absorbs after what the others give: what every program fills."""

_RANGE_LOG_HEIGHT = 16
_SHIFT_LOG_HEIGHT = 6


@cache
def core_kind(log_size: int) -> Kind:
    """Core segments of 2^log_size steps: instruction tables, boundary, and what answers lookups.

    A sponge absorbs a table at the height of the tallest before it. So tables that are tall in the same
    programs share one, those that are seldom tall first: memory in whole words, branches and narrow memory,
    32-bit arithmetic and logic.
    """
    heights = maximal_log_heights(log_size)
    shapes = [TableShape(FAMILY_TABLES[one].air(log_size), heights[one]) for one in Family]
    shapes += [TableShape(boundary(), log_size), TableShape(shift_table(), _SHIFT_LOG_HEIGHT)]
    triples = tuple_log_height(log_size)
    if triples is not None:
        shapes.append(TableShape(tuple_table(), triples))
    shapes += [
        TableShape(range_table(), _RANGE_LOG_HEIGHT),
        TableShape(bytes_table(), _RANGE_LOG_HEIGHT),
        TableShape(program_table(), log_size),
    ]
    by_name = {shape.air.name: shape for shape in shapes}
    order = [name for names in (*CORE_SPONGES, CORE_LEAF) for name in names if name in by_name]
    return Kind(
        "core",
        CORE_NUMBER,
        log_size,
        tuple(by_name[name] for name in order),
        CORE_PUBLICS,
        CORE_TERMS,
        core_requirements(log_size),
        tuple(len(names) for names in CORE_SPONGES),
    )


@cache
def core_families(log_size: int) -> tuple[Family | None, ...]:
    """For each table of a core segment the family whose instructions it has, None if it has none."""
    families = {FAMILY_TABLES[one].air(log_size).name: one for one in Family}
    return tuple(families.get(air.name) for air in core_kind(log_size).airs)


@cache
def edges_kind() -> Kind:
    """Edges segments: touched words outside the image, the memory map, one chunk of the image, and ranges."""
    tables = (
        TableShape(memory(), EDGES_LOG_SIZE),
        TableShape(region(), EDGES_LOG_SIZE),
        TableShape(image(), CHUNK_LOG_HEIGHT),
        TableShape(range_table(), _RANGE_LOG_HEIGHT),
    )
    return Kind("edges", EDGES_NUMBER, EDGES_LOG_SIZE, tables, EDGES_PUBLICS, EDGES_TERMS)


def core_requirements(log_size: int) -> tuple[Requirement, ...]:
    """What the public values of a core segment of 2^log_size steps must be.

    A segment of no steps, or one after the halt, would fit between others although nothing is executed.
    The number of steps is the quotient of the ticks by four in F. Where it is k <= 2^log_size, the ticks are
    4 k in F, and since 4 k < p also as an integer: so the division leaves no rest.
    """
    index, pc_in, _, end_ts = (public(place) for place in range(len(CORE_PUBLICS)))
    steps = (end_ts - FIRST_TIMESTAMP) * inverse(TICKS_PER_STEP)
    return (
        Below(index, SEGMENT_BITS, f"core segments have numbers below {SEGMENT_LIMIT}"),
        NotZero(index, "core segments are numbered from 1"),
        NotZero(pc_in - HALTED, "no core segment starts after the halt"),
        Below(steps - 1, log_size, f"a core segment ends after 1 to {1 << log_size} steps"),
    )


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
