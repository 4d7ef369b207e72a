"""How the interpreter records: rows into columns by family, touched words into the boundary.

A row's number is the count of its family's rows so far, so that every column is filled in order of
execution. Rows are first written to a buffer of their family. Buffers stay in the caches, for which all
columns of all families would be too much; a full one goes to its columns in one piece each.
"""

from __future__ import annotations

import numpy as np

from zisk.kernels.jit import borrowing_kernel, kernel
from zisk.vm.interpreter_memory import key_of
from zisk.vm.interpreter_state import (
    AT_A,
    AT_A_PREV,
    AT_ADDRESS,
    AT_B,
    AT_B_PREV,
    AT_D,
    AT_D_OLD,
    AT_D_PREV,
    AT_HIGH_NEW,
    AT_HIGH_OLD,
    AT_HIGH_PREV,
    AT_M_NEW,
    AT_M_OLD,
    AT_M_PREV,
    AT_SLOT,
    AT_TS,
    BUFFER_ROWS,
    BUFFER_WORDS,
    COLUMNS,
    LAST_IN_BUFFER,
    PAGE_SHIFT,
    STAMP_SHIFT,
    TOUCHED,
    WIDE_COLUMNS,
)
from zisk.vm.interpreter_streaming import stream

_U = np.uint64
_ONE, _LOW32, _S_STAMP, _S_PAGE = _U(1), _U(0xFFFF_FFFF), _U(STAMP_SHIFT), _U(PAGE_SHIFT + 1)
_FIRST_NARROW = 2 * BUFFER_ROWS * WIDE_COLUMNS
"""Where a buffer's narrow columns start, in items of their width."""


@borrowing_kernel
def touch(words, pages, position, base, ts, state, place, previous_segment, initial):
    """Stamp a word with a timestamp and return that of its last touch in this segment, 0 if none.

    `base` is the stamp of this segment's time 0, which no earlier segment's stamp reaches. A word's first
    touch opens its boundary entry.
    """
    stamp = words[position + _ONE]
    words[position + _ONE] = base + ts  # no carry: timestamps are below 2^STAMP_SHIFT
    if stamp >= base:
        return np.uint32(stamp - base)
    entry = state[TOUCHED]
    place[entry] = position >> _ONE
    previous_segment[entry] = stamp >> _S_STAMP
    initial[entry] = words[position]
    state[TOUCHED] = entry + 1
    pages[position >> _S_PAGE] = 1
    return np.uint32(0)


@borrowing_kernel
def write_row(wide, narrow, family, row, slot, ts, a, a_prev, b, b_prev, d, d_old, d_prev):
    """Write what every family has, and all operands; those that the family lacks stay in the buffer."""
    at = _U(family * BUFFER_WORDS + (row & LAST_IN_BUFFER))
    wide[at + _U(AT_A * BUFFER_ROWS)] = a
    wide[at + _U(AT_B * BUFFER_ROWS)] = b
    wide[at + _U(AT_D * BUFFER_ROWS)] = d
    wide[at + _U(AT_D_OLD * BUFFER_ROWS)] = d_old
    at = _U(2 * family * BUFFER_WORDS + _FIRST_NARROW + (row & LAST_IN_BUFFER))
    narrow[at + _U(AT_SLOT * BUFFER_ROWS)] = slot
    narrow[at + _U(AT_TS * BUFFER_ROWS)] = ts
    narrow[at + _U(AT_A_PREV * BUFFER_ROWS)] = a_prev
    narrow[at + _U(AT_B_PREV * BUFFER_ROWS)] = b_prev
    narrow[at + _U(AT_D_PREV * BUFFER_ROWS)] = d_prev


@borrowing_kernel
def write_access(wide, narrow, family, row, address, old, new, previous):
    """Write what memory families have besides; loads have no column for the new word."""
    at = _U(family * BUFFER_WORDS + (row & LAST_IN_BUFFER))
    wide[at + _U(AT_ADDRESS * BUFFER_ROWS)] = address
    wide[at + _U(AT_M_OLD * BUFFER_ROWS)] = old
    wide[at + _U(AT_M_NEW * BUFFER_ROWS)] = new
    at = _U(2 * family * BUFFER_WORDS + _FIRST_NARROW + (row & LAST_IN_BUFFER))
    narrow[at + _U(AT_M_PREV * BUFFER_ROWS)] = previous


@borrowing_kernel
def write_high(wide, narrow, family, row, old, new, previous):
    """Write the second word of an access that is not aligned."""
    at = _U(family * BUFFER_WORDS + (row & LAST_IN_BUFFER))
    wide[at + _U(AT_HIGH_OLD * BUFFER_ROWS)] = old
    wide[at + _U(AT_HIGH_NEW * BUFFER_ROWS)] = new
    at = _U(2 * family * BUFFER_WORDS + _FIRST_NARROW + (row & LAST_IN_BUFFER))
    narrow[at + _U(AT_HIGH_PREV * BUFFER_ROWS)] = previous


@kernel
def flush(buffers, columns, starts, family, rows):
    """Move a family's buffer, with the last of its rows so far, to its columns.

    Of a buffer that is not full the other places are moved too: a column has room for whole buffers.
    """
    buffer = (rows - 1) // BUFFER_ROWS
    at = family * BUFFER_WORDS
    for column in range(COLUMNS):
        words = BUFFER_ROWS if column < WIDE_COLUMNS else BUFFER_ROWS // 2
        start = starts[family * COLUMNS + column]
        if start:
            target = start + buffer * words
            for word in range(words):
                stream(columns, target + word, buffers[at + word])
        at += words


@kernel
def flush_rest(buffers, columns, starts, counts):
    """Move the buffers that are not full at the end of a segment with `counts` rows of each family."""
    for family in range(counts.size):
        if counts[family] % BUFFER_ROWS:
            flush(buffers, columns, starts, family, counts[family])


@kernel
def close_boundary(words, place, key, final, last_ts):
    """Set keys, present values and last timestamps of the places of a boundary."""
    for entry in range(place.size):
        at = np.int64(place[entry])
        key[entry] = key_of(at)
        final[entry] = words[2 * at]
        last_ts[entry] = words[2 * at + 1] & _LOW32
