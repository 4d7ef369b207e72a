"""The shape of core segments: their tables, their public values, and the messages that these stand for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from zisk.field.koalabear import inverse
from zisk.stark.expression import public
from zisk.stark.kind import Kind, TableShape
from zisk.stark.public_values import Below, NotZero, PublicTerm, Requirement, Term, receive, send
from zisk.vm.limits import maximal_log_heights
from zisk.vm.memory_map import HALTED
from zisk.vm.operations import Family
from zisk.vm.segment_kind import JobValues
from zisk.vm.tables.boundary import boundary
from zisk.vm.tables.buses import EXIT, STATE, STATE_EDGE
from zisk.vm.tables.families import FAMILY_TABLES
from zisk.vm.tables.frame import TICKS_PER_STEP
from zisk.vm.tables.lookup_tables import bytes_table, range_table, shift_table, tuple_log_height, tuple_table
from zisk.vm.tables.program import program_table

CORE_NUMBER = 1
"""What keys and transcripts call the kind."""

CORE_PUBLICS = ("index", "pc_in", "pc_out", "end_ts")
"""Number of the segment from 1, where it starts and ends, and the timestamp after its last step."""

SEGMENT_BITS = 24
SEGMENT_LIMIT = 1 << SEGMENT_BITS
"""Segment numbers are below this, so that differences of two fit the boundary's range checks."""

FIRST_TIMESTAMP = 1
"""Timestamp of a segment's first step; 0 is before it."""


def _core_terms() -> tuple[PublicTerm, ...]:
    index, pc_in, pc_out, end_ts = (public(place) for place in range(len(CORE_PUBLICS)))
    return (
        send(STATE, pc_in, FIRST_TIMESTAMP),
        receive(STATE, pc_out, end_ts),
        receive(STATE_EDGE, index, pc_in),
        send(STATE_EDGE, index + 1, pc_out),
    )


CORE_TERMS = _core_terms()
"""Both ends of a core segment's steps, inside the segment and in the job."""

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


def core_job_terms(job: JobValues) -> list[Term]:
    """Start and end of a job's core segments, and the exit code that they leave."""
    limbs = tuple(job.exit_code >> (16 * index) & 0xFFFF for index in range(4))
    return [
        Term(STATE_EDGE, (1, job.entry), 1),
        Term(STATE_EDGE, (job.count + 1, HALTED), -1),
        Term(EXIT, limbs, -1),
    ]


def core_steps(publics: Mapping[str, int]) -> int:
    """The steps that a core segment executed; none if it starts after the halt."""
    ticks = publics["end_ts"] - FIRST_TIMESTAMP
    return 0 if publics["pc_in"] == HALTED else ticks // TICKS_PER_STEP
