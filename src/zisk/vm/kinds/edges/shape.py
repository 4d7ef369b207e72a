"""The shape of edges segments: their tables, their public values, and the messages that these stand for."""

from __future__ import annotations

from functools import cache

from zisk.stark.expression import public
from zisk.stark.kind import Kind, TableShape
from zisk.stark.public_values import PublicTerm, Term, receive, send
from zisk.vm.limits import EDGES_LOG_SIZE
from zisk.vm.segment_kind import JobValues
from zisk.vm.tables.buses import CHAIN, OUTPUT
from zisk.vm.tables.image import CHUNK_LOG_HEIGHT, image
from zisk.vm.tables.lookup_tables import range_table
from zisk.vm.tables.memory import memory
from zisk.vm.tables.region import region

EDGES_NUMBER = 2
"""What keys and transcripts call the kind."""

EDGES_PUBLICS = ("index", "previous_key", "last_key")
"""Number of the segment from 1, last key of the segment before it, and its own."""

LOWEST_KEY = 0
"""The key that the chain of edges segments starts from, below every region."""

_RANGE_LOG_HEIGHT = 16


def _edges_terms() -> tuple[PublicTerm, ...]:
    index, previous_key, last_key = (public(place) for place in range(len(EDGES_PUBLICS)))
    return receive(CHAIN, index, previous_key), send(CHAIN, index + 1, last_key)


EDGES_TERMS = _edges_terms()
"""An edges segment's link in the chain.

The chain makes the numbers of m segments 1 to m without a range: a message leads from number i to i + 1, so
what is not on the way from 1 to m + 1 would have to lead round all of F, and a job has fewer segments than p.
"""


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


def edges_job_terms(job: JobValues) -> list[Term]:
    """The output words that a job's edges segments leave, and both ends of their chain."""
    (last_key,) = job.claims
    return [
        *(Term(OUTPUT, (place, word & 0xFFFF, word >> 16), -1) for place, word in enumerate(job.outputs)),
        Term(CHAIN, (1, LOWEST_KEY), 1),
        Term(CHAIN, (job.count + 1, last_key), -1),
    ]
