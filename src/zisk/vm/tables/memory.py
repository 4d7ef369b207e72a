"""The touched words outside the image: opened and closed for the job, each exactly once.

A row holds one word: its key, the region it lies in, its value when the job starts and when it ends. Row 0
holds none: it carries the last key of the edges segment before. Keys ascend, so no word has two rows, in
one segment or in two; rows without a word keep the key of the row above.

Why a row cannot lie:
- Its region is a row of the map by lookup. key - start and end - 1 - key are each a 16-bit limb plus 2^16
  times a 13-bit limb by range checks. Both keys of a region are at most 2^29, so neither difference can
  wrap modulo p, and start <= key < end: a mapped key below 2^29, or none.
- key' - key is 1 + a 16-bit limb + 2^16 times a 13-bit limb on a row with a word and 0 on others. Keys are
  below 2^29, so the sum is below 2^30 and no step wraps: keys ascend as integers.
- Row 0's key is the public `previous_key`, the last row's is `last_key`; the job's chain bus joins the
  segments.
- A word starts as zero in regions of kind zero and output. In the input region it starts as any four range-
  checked limbs.
- Last segment and final limbs are those of a message that a core segment left, or the row's own if none
  did.
- Output words send their two halves to the verifier's public values, which ask for each of the 64 once. So
  the 32 output words have a row, touched or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.stark.errors import TraceError
from zisk.vm.memory_map import OUTPUT_BASE, Region, RegionKind
from zisk.vm.tables.buses import MEMORY_EDGE, OUTPUT, REGION
from zisk.vm.tables.frame import range_check
from zisk.vm.tables.trace import Trace, limb

if TYPE_CHECKING:
    from zisk.vm.memory import TouchedWords

KEY_HIGH_BITS = 13
"""Keys have 16 low bits and these."""

OUTPUT_KEY = OUTPUT_BASE // 8
FLAGS = {RegionKind.ZERO: "zero", RegionKind.INPUT: "input", RegionKind.OUTPUT: "output"}
"""The flag of each kind of region that this table opens."""

WORDS_PER_SEGMENT = (1 << 16) - 1
"""Row 0 holds no word."""


def memory() -> Air:
    """The AIR; the public values are the last key of the segment before and of this one."""

    def define(b: Builder) -> None:
        flags = {kind: b.flag(f"is_{name}") for kind, name in FLAGS.items()}
        zero, takes_input, output = flags.values()
        active = zero + takes_input + output
        b.boolean("active", active)
        key, gap_low, gap_high = b.column("key"), b.column("gap_low"), b.column("gap_high")
        start, end = b.column("start"), b.column("end")
        above_high, below_high = b.column("above_high"), b.column("below_high")
        last, initial, final = b.column("last_segment"), b.columns("initial", 4), b.columns("final", 4)

        b.zero("row 0 holds no word", b.first * active)
        b.zero("row 0 has the key before", b.first * (key - b.public("previous_key")))
        b.zero("the last row has the last key", b.last * (key - b.public("last_key")))
        gap = 1 + gap_low.next + gap_high.next * (1 << 16)
        following = zero.next + takes_input.next + output.next
        b.zero_on_transition("keys ascend", key.next - key - following * gap)

        kind = takes_input * RegionKind.INPUT + output * RegionKind.OUTPUT
        b.send(REGION, [start, end, kind], active)
        above_low = key - start - above_high * (1 << 16)
        below_low = end - 1 - key - below_high * (1 << 16)
        range_check(b, (gap_low, above_low, below_low), active)
        range_check(b, (gap_high, above_high, below_high), active, KEY_HIGH_BITS)
        for index, start_limb in enumerate(initial):
            b.zero(f"initial limb {index} is zero", (zero + output) * start_limb)
        range_check(b, initial, takes_input)
        b.send(MEMORY_EDGE, [key, 0, *initial], active)
        b.receive(MEMORY_EDGE, [key, last, *final], active)
        word = (key - OUTPUT_KEY) * 2
        b.send(OUTPUT, [word, final[0], final[1]], output)
        b.send(OUTPUT, [word + 1, final[2], final[3]], output)

    return build_air("memory", define)


def fill(air: Air, words: TouchedWords, regions: Sequence[Region], previous_key: int) -> np.ndarray:
    """The columns of row 0 and of an edges segment's words: uint32[width, 1 + words], canonical.

    Rows that fill up the height are `padding_row` each.

    Raises:
        TraceError: a word lies in no region of this table, or is not above the one before.
    """
    trace = Trace(air, words.key.size + 1)
    key = np.concatenate([[previous_key], words.key]).astype(np.int64)
    trace["key"] = key
    gap = np.diff(key) - 1
    place, ok = _regions_of(words.key, regions)
    if not ok.all() or (gap < 0).any():
        bad = int(words.key[np.flatnonzero(~ok | (gap < 0))[0]])
        raise TraceError(
            f"word {bad:#x} is in no region of the memory map or out of order: record the run again"
        )
    bounds = np.array(regions, dtype=np.int64)[place]
    for kind, name in FLAGS.items():
        trace[f"is_{name}"][1:] = bounds[:, 2] == kind
    _set(trace, "gap_low", gap & 0xFFFF)
    _set(trace, "gap_high", gap >> 16)
    _set(trace, "start", bounds[:, 0])
    _set(trace, "end", bounds[:, 1])
    _set(trace, "above_high", (words.key - bounds[:, 0]) >> 16)
    _set(trace, "below_high", (bounds[:, 1] - 1 - words.key) >> 16)
    _set(trace, "last_segment", words.last_segment)
    for index in range(4):
        for name, values in (("initial", words.initial), ("final", words.final)):
            _set(trace, f"{name}[{index}]", limb(values, index))
    return trace.matrix()


def padding_row(air: Air, last_key: int) -> np.ndarray:
    """A row without a word, below the last one: uint32[width], canonical."""
    row = np.zeros(air.main_width, dtype=np.uint32)
    row[air.main_names.index("key")] = last_key
    return row


def _set(trace: Trace, name: str, values: np.ndarray) -> None:
    trace[name][1:] = values


def _regions_of(keys: np.ndarray, regions: Sequence[Region]) -> tuple[np.ndarray, np.ndarray]:
    """Which region each key lies in, and whether it is one that the memory table opens."""
    table = np.array(regions, dtype=np.int64)
    place = np.maximum(np.searchsorted(table[:, 0], keys, side="right") - 1, 0)
    inside = (keys >= table[place, 0]) & (keys < table[place, 1]) & (table[place, 2] != RegionKind.IMAGE)
    return place, inside
