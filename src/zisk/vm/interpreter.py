"""The interpreter kernel: one loop that runs micro-operations, and records them where asked to.

With `log` None the kernel only runs; with the arrays of a `SegmentLog` it also writes one row per step.
Memory is as `interpreter_memory` says.
"""

# Names that only exist with a log are used only in code that Numba compiles for a log.
# pyright: reportPossiblyUnboundVariable=false

from __future__ import annotations

import numpy as np

from zisk.kernels.jit import borrowing_kernel, kernel
from zisk.vm.interpreter_code import (
    DROP_SHIFT,
    FAMILY_SHIFT,
    FIRST_SHIFT,
    K_ADD,
    K_BEQ,
    K_BLEZ,
    K_HALT,
    K_JALR,
    K_LOAD,
    K_STORE,
    K_TRAP,
    NEXT_SHIFT,
    RD_SHIFT,
    RS1_SHIFT,
    RS2_SHIFT,
    SIGNED_SHIFT,
    WORDS_PER_SLOT,
)
from zisk.vm.interpreter_log import flush, touch, write_access, write_high, write_row
from zisk.vm.interpreter_memory import loaded, locate, mark, stored
from zisk.vm.interpreter_operations import compute, is_taken
from zisk.vm.interpreter_state import (
    ACCESS,
    AT_FAULT,
    BAD_JUMP,
    BAD_SYSTEM_CALL,
    CUT,
    CYCLES,
    HALTED,
    LAST_IN_BUFFER,
    PAUSED,
    REGISTERS,
    RUNNING,
    SEGMENT,
    SLOT,
    STAMP_SHIFT,
    STEPS,
    STEPS_ALLOWED,
    TRAPPED,
    UART_COUNT,
    UART_FULL,
)

_FIRST_MEMORY_FAMILY, _MISALIGNED = 14, 18
"""Numbers of the families LD and MISALIGNED, the first and the last of the memory families."""

_U = np.uint64
_ZERO, _ONE, _TWO, _THREE, _SEVEN, _LOW5, _LOW7, _LOW8 = (_U(n) for n in (0, 1, 2, 3, 7, 31, 127, 255))
_ROM_BASE, _UART_ADDRESS = _U(0x8000_0000), _U(0xA000_0200)
_S_RD, _S_RS1, _S_RS2 = _U(RD_SHIFT), _U(RS1_SHIFT), _U(RS2_SHIFT)
_S_FAMILY, _S_FIRST, _S_NEXT = _U(FAMILY_SHIFT), _U(FIRST_SHIFT), _U(NEXT_SHIFT)
_S_DROP, _S_SIGNED, _S_STAMP = _U(DROP_SHIFT), _U(SIGNED_SHIFT), _U(STAMP_SHIFT)
_SLOT_WORDS = _U(WORDS_PER_SLOT)
_EXIT_CALL = _U(93)


@borrowing_kernel
def _accesses(counts):
    """Memory words that loads and stores touched, counted with repetition."""
    accesses = 2 * counts[_MISALIGNED]
    for family in range(_FIRST_MEMORY_FAMILY, _MISALIGNED):
        accesses += counts[family]
    return accesses


@borrowing_kernel
def _safe_steps(counts, maxima, steps):
    """A number of steps that can break no limit of a segment, whatever they are; 0 where none is."""
    families = counts.size
    safe = min(maxima[families] - steps, (maxima[families + 1] - _accesses(counts)) >> 1)
    for family in range(families - 1):
        safe = min(safe, maxima[family] - counts[family])
    return safe


@borrowing_kernel
def _fits(code, position, words, counts, maxima, steps):
    """Whether the next step breaks no limit of the segment."""
    families = counts.size
    word = code[position]
    family = np.int64(word >> _S_FAMILY & _LOW5)
    operation = np.int64(word & _LOW5)
    cost = np.int64(0)
    if K_LOAD <= operation <= K_STORE:
        cost = 1
        address = words[word >> _S_RS1 & _LOW7] + code[position + _ONE]
        if address & ((code[position + _THREE] & _LOW8) - _ONE):
            family = _MISALIGNED
            cost = 2
    return (
        steps < maxima[families]
        and _accesses(counts) + cost <= maxima[families + 1]
        and counts[family] < maxima[family]
    )


@kernel
def interpret(code, slot_of_index, words, rom_mapped, pages, state, counts, maxima, uart, log):
    """Run micro-operations until a segment's end, the halt, a fault or the allowed number of steps.

    `counts` are the segment's rows per family so far; `maxima` are the most there may be, and two more
    entries limit steps and touched memory words. Returns the reason for stopping; `state` and `counts` are
    updated. A step that faults leaves memory as it was.
    """
    position = _U(state[SLOT]) * _SLOT_WORDS
    steps = state[STEPS]
    cycles = state[CYCLES]
    base = _U(state[SEGMENT]) << _S_STAMP
    allowed = state[STEPS_ALLOWED]
    touched_registers = _U(state[REGISTERS])
    status = RUNNING
    if log is not None:
        # Local names: an access through the tuple would count references at every step.
        wide_buffers, narrow_buffers, columns, starts, places, previous_segments, initials = log
        # Register zero is touched at time 0 for ever, so that reading it needs no branch.
        words[_ONE] = base
    while status == RUNNING:
        safe = _safe_steps(counts, maxima, steps)
        if safe <= 0:
            if not _fits(code, position, words, counts, maxima, steps):
                status = CUT
                break
            safe = 1
        if allowed <= 0:
            status = PAUSED
            break
        if state[UART_COUNT] == uart.size:
            status = UART_FULL
            break
        before = steps
        end = steps + min(safe, allowed, uart.size - state[UART_COUNT])
        while steps < end:
            word = code[position]
            immediate = code[position + _ONE]
            operation = np.int64(word & _LOW5)
            rs1 = word >> _S_RS1 & _LOW7
            rs2 = word >> _S_RS2 & _LOW7
            rd = word >> _S_RD & _LOW7
            family = np.int64(word >> _S_FAMILY & _LOW5)
            following = word >> _S_NEXT
            a = words[rs1]
            b = words[rs2]
            second = b + immediate
            d = _ZERO
            if log is not None:
                ts = _U(1 + 4 * steps)
                time = ts if rs1 else _ZERO
                a_prev = touch(words, pages, rs1, base, time, state, places, previous_segments, initials)
                time = ts + _ONE if rs2 else _ZERO
                b_prev = touch(words, pages, rs2, base, time, state, places, previous_segments, initials)
            if operation == K_ADD:
                d = a + second
            elif K_LOAD <= operation <= K_STORE:
                address = a + immediate
                access = code[position + _THREE]
                width = access & _LOW8
                storing = operation == K_STORE
                found = locate(address, rom_mapped, storing)
                if found < 0:
                    status = -found
                    state[AT_FAULT] = np.int64(address)
                    state[ACCESS] = np.int64(address)
                    break
                at = _U(found)
                low = words[at]
                crossing = address & (width - _ONE) != _ZERO
                upper = at
                high = _ZERO
                if crossing:
                    next_word = (address | _SEVEN) + _ONE
                    found = locate(next_word, rom_mapped, storing)
                    if found < 0:
                        status = -found
                        state[AT_FAULT] = np.int64(next_word)
                        state[ACCESS] = np.int64(address)
                        break
                    family = np.int64(_MISALIGNED)
                    upper = _U(found)
                    high = words[upper]
                shift = (address & _SEVEN) << _THREE
                drop = access >> _S_DROP & _LOW8
                new_low, new_high = low, high
                if storing:
                    new_low, new_high = stored(low, high, b, crossing, shift, drop)
                    if address == _UART_ADDRESS and width == _ONE:
                        uart[state[UART_COUNT]] = np.uint8(b & _LOW8)
                        state[UART_COUNT] += 1
                else:
                    d = loaded(low, high, crossing, shift, drop, access >> _S_SIGNED)
                if log is not None:
                    row = counts[family]
                    time = ts + _TWO if storing else ts + _ONE
                    previous = touch(words, pages, at, base, time, state, places, previous_segments, initials)
                    write_access(wide_buffers, narrow_buffers, family, row, address, low, new_low, previous)
                    if crossing:
                        time += _ONE
                        previous = touch(
                            words, pages, upper, base, time, state, places, previous_segments, initials
                        )
                        write_high(wide_buffers, narrow_buffers, family, row, high, new_high, previous)
                else:
                    mark(words, pages, at, base)
                    if crossing:
                        mark(words, pages, upper, base)
                if storing:
                    words[at] = new_low
                    if crossing:
                        words[upper] = new_high
            elif K_BEQ <= operation <= K_BLEZ:
                if is_taken(operation, a, b):
                    following = immediate
            elif operation == K_JALR:
                address = (a + immediate) & ~_ONE
                index = (address - _ROM_BASE) >> _ONE
                target = np.int64(0)
                if index < _U(slot_of_index.size):
                    target = np.int64(slot_of_index[index])
                if target == 0:
                    status = BAD_JUMP
                    state[AT_FAULT] = np.int64(address)
                    break
                following = _U(target - 1) * _SLOT_WORDS
                d = code[position + _THREE]
            elif operation == K_HALT:
                if a != _EXIT_CALL:
                    status = BAD_SYSTEM_CALL
                    state[AT_FAULT] = np.int64(a)
                    break
                status = HALTED
                end = steps
            elif operation == K_TRAP:
                status = TRAPPED
                break
            else:
                d = compute(operation, a, b, second)
            if log is not None:
                old = words[rd]
                time = ts + _THREE if rd else _ZERO
                d_prev = touch(words, pages, rd, base, time, state, places, previous_segments, initials)
                row = counts[family]
                slot = position // _SLOT_WORDS
                write_row(
                    wide_buffers,
                    narrow_buffers,
                    family,
                    row,
                    slot,
                    ts,
                    a,
                    a_prev,
                    b,
                    b_prev,
                    d,
                    old,
                    d_prev,
                )
                if row & LAST_IN_BUFFER == LAST_IN_BUFFER:
                    flush(wide_buffers, columns, starts, family, row + 1)
            else:
                touched_registers |= code[position + _TWO]
            words[rd] = d
            counts[family] += 1
            cycles += np.int64(word >> _S_FIRST & _ONE)
            steps += 1
            position = following
        allowed -= steps - before
    if log is not None:
        words[_ONE] = _ZERO
    state[SLOT] = np.int64(position // _SLOT_WORDS)
    state[STEPS] = steps
    state[CYCLES] = cycles
    state[STEPS_ALLOWED] = allowed
    state[REGISTERS] = np.int64(touched_registers)
    return status
