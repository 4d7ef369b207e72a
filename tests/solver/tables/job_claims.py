"""What a job's public values ask of its edges segments: every output once, and one chain of keys from 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.solver.claim import Claim, Method
from tests.solver.tables.messages import demand
from zisk.stark.air import Air, Bus
from zisk.vm.kinds import EDGES_LOG_SIZE, LOWEST_KEY, edges_kind, job_terms
from zisk.vm.memory_map import OUTPUT_WORDS
from zisk.vm.tables.buses import CHAIN, OUTPUT
from zisk.vm.tables.memory import memory

Publics = tuple[int, int, int]
"""Number, previous key and last key of an edges segment."""

OUTPUTS = tuple(0x1_0002 * (place + 1) for place in range(2 * OUTPUT_WORDS))

CHAINED: tuple[Publics, ...] = ((1, LOWEST_KEY, 5), (2, 5, 5), (3, 5, 900))
"""Segments of a job whose last key is 900."""

BROKEN: tuple[tuple[Publics, ...], ...] = (
    ((1, 4, 5), (2, 5, 5), (3, 5, 900)),
    ((1, LOWEST_KEY, 5), (2, 4, 5), (3, 5, 900)),
    ((1, LOWEST_KEY, 5), (2, 5, 5), (3, 5, 899)),
    ((1, LOWEST_KEY, 5), (2, 5, 5), (2, 5, 5), (3, 5, 900)),
    ((1, LOWEST_KEY, 5), (3, 5, 5), (4, 5, 900)),
    ((1, LOWEST_KEY, 5), (2, 5, 900)),
)
"""Segments that start elsewhere, leave a gap, end elsewhere, are there twice, or of which one is not."""


def job_claims() -> list[Claim]:
    """The claims of the memory table's public values."""
    return [
        Claim(
            "memory",
            "job",
            "a job takes each output place from 0 to 63 once, low half first; its segments hand the last key"
            " on to the next one, from key 0 to the job's last",
            Method.ENUMERATION,
            memory,
            _job,
            (EDGES_LOG_SIZE,),
        )
    ]


def _job(_: Air) -> None:
    outputs = {(place, word & 0xFFFF, word >> 16): -1 for place, word in enumerate(OUTPUTS)}
    demand(_unmatched(OUTPUT, CHAINED) == outputs, "a job does not take each output once")
    demand(_unmatched(CHAIN, CHAINED) == {}, "segments are no chain that hand their last key on")
    for segments in BROKEN:
        demand(_unmatched(CHAIN, segments) != {}, f"segments {segments} pass for a chain")


def _unmatched(bus: Bus, segments: Sequence[Publics]) -> dict[tuple[int, ...], int]:
    """Messages on a bus of public terms of a job of three edges segments, without those that cancel."""
    terms = job_terms(
        entry=0, core_segments=1, edges_segments=3, last_key=900, exit_code=0, outputs=list(OUTPUTS)
    )
    terms += [term for publics in segments for term in edges_kind().public_terms(publics)]
    counts: Counter[tuple[int, ...]] = Counter()
    for term in terms:
        if term.bus == bus:
            counts[term.message] += term.multiplicity
    return {message: count for message, count in counts.items() if count}
