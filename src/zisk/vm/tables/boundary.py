"""The words that a core segment touches: the ends of its own memory bus, joined to the job's.

On the segment's bus a row opens its word at timestamp 0 and takes the word's last message. On the job's bus
it takes the word as the previous segment left it and leaves it as this one does.

Why a row cannot lie:
- The previous segment is index - 1 - gap with a gap below 2^24 by range checks, so it is an earlier
  segment. It cannot wrap: the index is a public value that the verifier bounds.
- Initial limbs are those of a message that some earlier segment or the edges left, final limbs those of a
  message of this segment's bus; both were range-checked where they were written.
- A word has one live message on the job's bus: the edges send one for each word, and each row takes one of
  an earlier segment and leaves one of its own. So a segment has at most one row that takes a word's live
  message, and a second row for the word would take a message that nobody leaves.
- `last_ts` is free, but the message with it must be there: every access takes an earlier message of its
  word, so the only one left over is the last.
A row that nobody touches must have equal limbs, and passes the word on unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.tables.buses import MEMORY, MEMORY_EDGE, RANGE
from zisk.vm.tables.trace import Trace

if TYPE_CHECKING:
    from zisk.vm.record import Boundary

GAP_HIGH_BITS = 8
"""A job has fewer than 2^24 segments: the gap has 16 low bits and these."""


def boundary() -> Air:
    """The AIR; the public value `index` is the segment's own number, from 1."""

    def define(b: Builder) -> None:
        active, key = b.flag("active"), b.column("key")
        initial, final, last_ts = b.columns("initial", 4), b.columns("final", 4), b.column("last_ts")
        low, high = b.column("gap_low"), b.column("gap_high")
        index = b.public("index")
        b.send(MEMORY, [key, 0, *initial], active)
        b.receive(MEMORY, [key, last_ts, *final], active)
        b.send(RANGE, [16, low], active)
        b.send(RANGE, [GAP_HIGH_BITS, high], active)
        b.receive(MEMORY_EDGE, [key, index - 1 - low - high * (1 << 16), *initial], active)
        b.send(MEMORY_EDGE, [key, index, *final], active)

    return build_air("boundary", define)


def fill(air: Air, words: Boundary, index: int) -> np.ndarray:
    """The columns of the words that segment `index` touches: uint32[width, words], canonical."""
    trace = Trace(air, words.key.size)
    trace["active"] = 1
    trace["key"] = words.key
    trace.limbs("initial", words.initial)
    trace.limbs("final", words.final)
    trace["last_ts"] = words.last_ts
    gap = index - 1 - words.previous_segment.astype(np.int64)
    trace["gap_low"] = gap & 0xFFFF
    trace["gap_high"] = gap >> 16
    return trace.matrix()
