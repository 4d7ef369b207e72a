"""What the interpreter kernel and its callers share: reasons to stop, counters, memory layout, the log."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

RUNNING, CUT, PAUSED, HALTED, UART_FULL, TRAPPED, BAD_JUMP, BAD_SYSTEM_CALL = range(8)
UNMAPPED, READ_ONLY, REGISTER_ZERO, ADVICE = range(8, 12)
"""Why the kernel stopped. From `TRAPPED` on the guest is at fault; `AT_FAULT` holds the address or value."""

SLOT, STEPS, CYCLES, STEPS_ALLOWED, UART_COUNT, AT_FAULT, ACCESS, TOUCHED, SEGMENT, REGISTERS = range(10)
STATE_LENGTH = 10
"""Places in the state array (int64).

`STEPS` and `TOUCHED` (boundary entries) count within the segment, `CYCLES` over the run.
`ACCESS` is the address of the load or store that `AT_FAULT` stopped: another one if its second word did.
`REGISTERS` is the set of register words touched in a segment that is not recorded.
"""

RAM_WORDS = 1 << 26
INPUT_WORDS = 1 << 24
ROM_PLACE = RAM_WORDS + INPUT_WORDS
"""Places of memory: words of the RAM, then of the input region, then of the ROM from its start."""

STAMP_SHIFT = 32
"""A word's stamp is the number of the segment that touched it last, shifted by this, and the timestamp of
that touch; 0 stands for never, and the timestamp is 0 where the segment was not recorded."""

PAGE_SHIFT = 9
"""Logarithm of the words of one page in the map of touched pages."""

AT_A, AT_B, AT_D, AT_D_OLD, AT_ADDRESS, AT_M_OLD, AT_M_NEW, AT_HIGH_OLD, AT_HIGH_NEW = range(9)
WIDE_COLUMNS = 9
AT_SLOT, AT_TS, AT_A_PREV, AT_B_PREV, AT_D_PREV, AT_M_PREV, AT_HIGH_PREV = range(7)
NARROW_COLUMNS = 7
"""Numbers of a family's columns of 64 and of 32 bits; `HIGH` is the second word of an access."""

COLUMNS = WIDE_COLUMNS + NARROW_COLUMNS

BUFFER_ROWS = 128
"""Rows of a family that are gathered before they go to its columns."""

LAST_IN_BUFFER = BUFFER_ROWS - 1
"""A row's number in its buffer is its number and this; a row with this number fills the buffer."""

BUFFER_WORDS = BUFFER_ROWS * WIDE_COLUMNS + BUFFER_ROWS * NARROW_COLUMNS // 2
"""Words of 64 bits of a buffer: its wide columns one after another, then its narrow ones."""


class SegmentLog(NamedTuple):
    """Arrays that record mode fills: columns of rows by family, and one entry per touched word.

    `wide_buffers`, `narrow_buffers`: one memory as 64-bit and as 32-bit items, with a buffer per family.
    `columns`: where full buffers go, in words of 64 bits; `starts`: the word where each column of each
    family starts there, 0 for those that a family lacks.
    `place`, `previous_segment`, `initial`: per touched word, in order of first touch.
    """

    wide_buffers: npt.NDArray[np.uint64]
    narrow_buffers: npt.NDArray[np.uint32]
    columns: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    place: npt.NDArray[np.uint32]
    previous_segment: npt.NDArray[np.uint32]
    initial: npt.NDArray[np.uint64]
