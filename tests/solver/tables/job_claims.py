"""What a job's public values ask of its segments: one way to the halt, and every output once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from tests.solver.claim import Claim, Method, alike
from tests.solver.polynomial import Polynomial
from tests.solver.tables.messages import demand
from tests.solver.tables.segment_claims import publics, reader_of_publics
from zisk.stark.air import Air, Bus
from zisk.stark.kind import Kind
from zisk.vm.kinds import EDGES_LOG_SIZE, LOWEST_KEY, core_kind, edges_kind, job_terms
from zisk.vm.memory_map import HALTED, OUTPUT_WORDS
from zisk.vm.tables.buses import CHAIN, EXIT, OUTPUT, STATE_EDGE
from zisk.vm.tables.halt import halt
from zisk.vm.tables.memory import memory

Publics = tuple[int, ...]
"""Public values of a segment: number, previous key and last key; or number, start, end, end timestamp."""

Segments = tuple[Publics, ...]

ENTRY, EXIT_CODE = 5, 0x4_0003_0002_0001

STEPPED: Segments = ((1, ENTRY, 7, 9), (2, 7, 7, 5), (3, 7, HALTED, 41))
"""Core segments of a job that starts at the entry."""

ASTRAY: tuple[Segments, ...] = (
    ((1, 4, 7, 9), (2, 7, 7, 5), (3, 7, HALTED, 41)),
    ((1, ENTRY, 7, 9), (2, 6, 7, 5), (3, 7, HALTED, 41)),
    ((1, ENTRY, 7, 9), (2, 7, 7, 5), (3, 7, 8, 41)),
    ((1, ENTRY, 7, 9), (2, 7, 7, 5), (2, 7, 7, 5), (3, 7, HALTED, 41)),
    ((1, ENTRY, 7, 9), (3, 7, 7, 5), (4, 7, HALTED, 41)),
    ((1, ENTRY, 7, 9), (2, 7, HALTED, 41)),
)
"""Core segments that start elsewhere, leave a gap, do not halt, are there twice, or of which one is not."""

OUTPUTS = tuple(0x1_0002 * (place + 1) for place in range(2 * OUTPUT_WORDS))

CHAINED: Segments = ((1, LOWEST_KEY, 5), (2, 5, 5), (3, 5, 900))
"""Segments of a job whose last key is 900."""

BROKEN: tuple[Segments, ...] = (
    ((1, 4, 5), (2, 5, 5), (3, 5, 900)),
    ((1, LOWEST_KEY, 5), (2, 4, 5), (3, 5, 900)),
    ((1, LOWEST_KEY, 5), (2, 5, 5), (3, 5, 899)),
    ((1, LOWEST_KEY, 5), (2, 5, 5), (2, 5, 5), (3, 5, 900)),
    ((1, LOWEST_KEY, 5), (3, 5, 5), (4, 5, 900)),
    ((1, LOWEST_KEY, 5), (2, 5, 900)),
)
"""Segments that start elsewhere, leave a gap, end elsewhere, are there twice, or of which one is not."""


def job_claims() -> list[Claim]:
    """The claims of a job, made of the tables that speak to its public values."""
    halts = [
        Claim(
            "halt",
            "job",
            "a job takes one exit code, lowest limb first, and only this table leaves one; its core segments"
            " hand the pc on to the next number, from the entry to the halt, and no table does",
            Method.ENUMERATION,
            partial(halt, sizes[0]),
            partial(_steps, sizes),
            sizes,
        )
        for sizes in alike(halt)
    ]
    return [
        *halts,
        Claim(
            "memory",
            "job",
            "a job takes each output place from 0 to 63 once, low half first; its segments hand the last key"
            " on to the next one, from key 0 to the job's last",
            Method.ENUMERATION,
            memory,
            _job,
            (EDGES_LOG_SIZE,),
        ),
    ]


def _job(_: Air) -> None:
    outputs = {(place, word & 0xFFFF, word >> 16): -1 for place, word in enumerate(OUTPUTS)}
    kind = edges_kind()
    demand(_unmatched(OUTPUT, kind, CHAINED) == outputs, "a job does not take each output once")
    demand(_unmatched(CHAIN, kind, CHAINED) == {}, "segments are no chain that hand their last key on")
    for segments in BROKEN:
        demand(_unmatched(CHAIN, kind, segments) != {}, f"segments {segments} pass for a chain")


def _steps(sizes: Sequence[int], air: Air) -> None:
    for kind in [*map(core_kind, sizes), edges_kind()]:
        for bus, speakers in ((EXIT, {air.name}), (STATE_EDGE, set())):
            found = {table.name for table in kind.airs if any(one.bus == bus for one in table.interactions)}
            demand(found <= speakers, f"{kind.name}: {', '.join(sorted(found))} speak on {bus.name}")
    exits = [one for one in air.interactions if one.bus == EXIT]
    demand(len(exits) == 1 and exits[0].sent, "a halt does not leave one exit code")
    for kind in map(core_kind, sizes):
        read = reader_of_publics(kind)
        ends = [(one.multiplicity, *map(read, one.message)) for one in kind.terms if one.bus == STATE_EDGE]
        following = publics("index") + Polynomial.constant(1)
        expected = [(-1, publics("index"), publics("pc_in")), (1, following, publics("pc_out"))]
        demand(ends == expected, "a segment does not hand its pc on to the next number")
        demand(
            _unmatched(EXIT, kind, STEPPED) == {(1, 2, 3, 4): -1}, "a job does not take its exit code once"
        )
        demand(_unmatched(STATE_EDGE, kind, STEPPED) == {}, "segments do not lead from the entry to the halt")
        for segments in ASTRAY:
            demand(_unmatched(STATE_EDGE, kind, segments) != {}, f"segments {segments} pass for a run")


def _unmatched(bus: Bus, kind: Kind, segments: Segments) -> dict[tuple[int, ...], int]:
    """Messages on a bus of public terms of a job with three segments of each kind that do not cancel."""
    terms = job_terms(
        entry=ENTRY,
        core_segments=3,
        edges_segments=3,
        last_key=900,
        exit_code=EXIT_CODE,
        outputs=list(OUTPUTS),
    )
    terms += [term for values in segments for term in kind.public_terms(values)]
    counts: Counter[tuple[int, ...]] = Counter()
    for term in terms:
        if term.bus == bus:
            counts[term.message] += term.multiplicity
    return {message: count for message, count in counts.items() if count}
