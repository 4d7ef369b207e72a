"""What the interpreter kernel and its callers share: reasons to stop, counters, memory layout, the log."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

RUNNING, CUT, PAUSED, HALTED, UART_FULL, TRAPPED, BAD_JUMP, BAD_SYSTEM_CALL = range(8)
UNMAPPED, READ_ONLY, REGISTER_ZERO, ADVICE = range(8, 12)
"""Why the kernel stopped. From `TRAPPED` on the guest is at fault; `AT_FAULT` holds the address or value."""

SLOT, STEPS, CYCLES, STEPS_ALLOWED, UART_COUNT, AT_FAULT, TOUCHED, ACCESSES, SEGMENT, REGISTERS = range(10)
STATE_LENGTH = 10
"""Places in the state array (int64).

`STEPS` and `TOUCHED` (boundary entries) count within the segment, `CYCLES` over the run.
`ACCESSES` is the number of entries of the memory log; `REGISTERS` the set of register words touched.
"""

RAM_WORDS = 1 << 26
INPUT_WORDS = 1 << 24
ROM_PLACE = RAM_WORDS + INPUT_WORDS
"""Places of memory: words of the RAM, then of the input region, then of the ROM from its start."""

PAGE_SHIFT = 9
"""Logarithm of the words of one page in the map of touched pages."""


class SegmentLog(NamedTuple):
    """Arrays that record mode fills: one entry per step, per memory access and per touched word.

    `slot`, `family`, `a`, `a_prev`, `b`, `b_prev`, `d`, `d_old`, `d_prev`: per step.
    `address`, `m_old`, `m_new`, `m_prev`: per load or store, two words each.
    `place`, `previous_segment`, `initial`: per touched word, in order of first touch.
    `last_ts`: per place of memory, the timestamp of the last touch in this segment, 0 before.
    """

    slot: npt.NDArray[np.uint32]
    family: npt.NDArray[np.uint8]
    a: npt.NDArray[np.uint64]
    a_prev: npt.NDArray[np.uint32]
    b: npt.NDArray[np.uint64]
    b_prev: npt.NDArray[np.uint32]
    d: npt.NDArray[np.uint64]
    d_old: npt.NDArray[np.uint64]
    d_prev: npt.NDArray[np.uint32]
    address: npt.NDArray[np.uint64]
    m_old: npt.NDArray[np.uint64]
    m_new: npt.NDArray[np.uint64]
    m_prev: npt.NDArray[np.uint32]
    place: npt.NDArray[np.uint32]
    previous_segment: npt.NDArray[np.uint32]
    initial: npt.NDArray[np.uint64]
    last_ts: npt.NDArray[np.uint32]
