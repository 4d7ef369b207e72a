"""The interpreter kernel: one loop that runs micro-operations, and records them where asked to.

All memory is one array of 64-bit words: RAM (whose first words are registers and scratch words), then the
input region, then the ROM. A word's position in it is its *place*.
With `log` None the kernel only runs; with the arrays of a `SegmentLog` it also writes one entry per step.
"""

# Names that only exist with a log are used only in code that Numba compiles for a log.
# pyright: reportPossiblyUnboundVariable=false

from __future__ import annotations

import numpy as np

from zisk.kernels.jit import inline_kernel, kernel
from zisk.vm.interpreter_code import (
    CROSSING_SHIFT,
    DROP_SHIFT,
    FAMILY_SHIFT,
    FIRST_SHIFT,
    K_ADD,
    K_ADDW,
    K_AND,
    K_BEQ,
    K_BGE,
    K_BGEU,
    K_BGTZ,
    K_BLEZ,
    K_BLT,
    K_BLTU,
    K_BNE,
    K_DIVU,
    K_HALT,
    K_JALR,
    K_LOAD,
    K_MUL,
    K_MULHU,
    K_OR,
    K_REMU,
    K_SLL,
    K_SLLW,
    K_SLT,
    K_SLTU,
    K_SRA,
    K_SRAW,
    K_SRL,
    K_SRLW,
    K_STORE,
    K_SUB,
    K_SUBW,
    K_XOR,
    NEXT_SHIFT,
    RD_SHIFT,
    RS1_SHIFT,
    RS2_SHIFT,
    SIGNED_SHIFT,
)
from zisk.vm.interpreter_state import (
    ACCESSES,
    ADVICE,
    AT_FAULT,
    BAD_JUMP,
    BAD_SYSTEM_CALL,
    CUT,
    CYCLES,
    HALTED,
    PAGE_SHIFT,
    PAUSED,
    RAM_WORDS,
    READ_ONLY,
    REGISTER_ZERO,
    REGISTERS,
    ROM_PLACE,
    RUNNING,
    SEGMENT,
    SLOT,
    STEPS,
    STEPS_ALLOWED,
    TOUCHED,
    TRAPPED,
    UART_COUNT,
    UART_FULL,
    UNMAPPED,
)

_FIRST_MEMORY_FAMILY, _MISALIGNED = 14, 18
"""Numbers of the families LD and MISALIGNED, the first and the last of the memory families."""

_U = np.uint64
_ONE, _THREE, _SEVEN, _EIGHT, _LOW6, _LOW5, _LOW32 = (
    _U(1),
    _U(3),
    _U(7),
    _U(8),
    _U(63),
    _U(31),
    _U(0xFFFF_FFFF),
)
_THIRTY_TWO, _ALL_ONES, _SIXTY_FOUR = _U(32), _U(0xFFFF_FFFF_FFFF_FFFF), _U(64)
_ZERO = _U(0)
_RAM_BASE, _RAM_SIZE = _U(0xA000_0000), _U(0x2000_0000)
_INPUT_BASE, _INPUT_SIZE = _U(0x4000_0000), _U(0x0800_0000)
_ROM_BASE = _U(0x8000_0000)
_OUTPUT_PLACE, _CSR_PLACE, _UART_PLACE = 0x2000, 0x1000, 0x40
_PARAMETERS_PLACE, _PARAMETERS_END, _REGISTERS_END = 0x1E0, 0x200, 40
_UART_ADDRESS = _U(0xA000_0200)
_S_RD, _S_RS1, _S_RS2 = _U(RD_SHIFT), _U(RS1_SHIFT), _U(RS2_SHIFT)
_S_FAMILY, _S_CROSSING, _S_FIRST, _S_NEXT = (
    _U(FAMILY_SHIFT),
    _U(CROSSING_SHIFT),
    _U(FIRST_SHIFT),
    _U(NEXT_SHIFT),
)
_S_DROP, _S_SIGNED, _LOW8 = _U(DROP_SHIFT), _U(SIGNED_SHIFT), _U(0xFF)


@inline_kernel
def _locate(address, rom_mapped, storing):
    """Place of the word at an address, or minus the reason why there is none."""
    offset = address - _RAM_BASE
    if offset < _RAM_SIZE:
        place = np.int64(offset >> _THREE)
        if place >= _CSR_PLACE or 0 < place < _REGISTERS_END or place == _UART_PLACE:
            return place
        if _PARAMETERS_PLACE <= place < _PARAMETERS_END:
            return place
        if place == 0 and storing:
            return np.int64(-REGISTER_ZERO)
        return np.int64(-UNMAPPED)
    offset = address - _INPUT_BASE
    if offset < _INPUT_SIZE:
        if offset < _EIGHT:
            return np.int64(-ADVICE)
        if storing:
            return np.int64(-READ_ONLY)
        return np.int64(offset >> _THREE) + RAM_WORDS
    offset = address - _ROM_BASE
    if offset < _U(rom_mapped.size) << _THREE and rom_mapped[offset >> _THREE]:
        if storing:
            return np.int64(-READ_ONLY)
        return np.int64(offset >> _THREE) + ROM_PLACE
    return np.int64(-UNMAPPED)


@inline_kernel
def _multiply_high(a, b):
    """Upper 64 bits of the unsigned product.

    Every partial sum is at most (2^32-1)^2 + 2^32 - 1 < 2^64.
    """
    a0, a1 = a & _LOW32, a >> _THIRTY_TWO
    b0, b1 = b & _LOW32, b >> _THIRTY_TWO
    middle = a1 * b0 + ((a0 * b0) >> _THIRTY_TWO)
    other = a0 * b1 + (middle & _LOW32)
    return a1 * b1 + (middle >> _THIRTY_TWO) + (other >> _THIRTY_TWO)


@inline_kernel
def _narrow(value):
    """The low 32 bits, sign-extended to 64."""
    return _U(np.int64(np.int32(np.uint32(value & _LOW32))))


@inline_kernel
def _open_boundary(places, previous_segments, initials, state, place, value, last_segment, pages):
    """Open the boundary entry of a word, now worth `value`, that this segment has not touched before."""
    entry = state[TOUCHED]
    places[entry] = place
    previous_segments[entry] = last_segment[place]
    initials[entry] = value
    state[TOUCHED] = entry + 1
    last_segment[place] = state[SEGMENT]
    pages[place >> PAGE_SHIFT] = 1


@kernel
def interpret(code, slot_of_index, words, rom_mapped, last_segment, pages, state, counts, maxima, uart, log):
    """Run micro-operations until a segment's end, the halt, a fault or the allowed number of steps.

    `counts` and `maxima` are rows per family of this segment, so far and at most; two more entries hold
    steps and touched memory words. Returns the reason for stopping; `state` and `counts` are updated.
    A step that faults leaves memory as it was.
    """
    slot = state[SLOT]
    steps = state[STEPS]
    cycles = state[CYCLES]
    segment = np.uint32(state[SEGMENT])
    allowed = state[STEPS_ALLOWED]
    touched_registers = _U(state[REGISTERS])
    status = RUNNING
    families = counts.size - 2
    if log is not None:
        # Local names: an access through the tuple would count references at every step.
        log_slot, log_family, log_a, log_a_prev, log_b, log_b_prev, log_d, log_d_old, log_d_prev = log[:9]
        log_address, log_m_old, log_m_new, log_m_prev = log[9:13]
        places, previous_segments, initials, last_ts = log[13:]
    while status == RUNNING:
        # As many steps as can break no limit, whatever they are.
        accesses = np.int64(0)
        for family in range(_FIRST_MEMORY_FAMILY, _MISALIGNED):
            accesses += counts[family]
        accesses += 2 * counts[_MISALIGNED]
        safe = min(maxima[families] - steps, (maxima[families + 1] - accesses) >> 1)
        for family in range(families - 1):
            safe = min(safe, maxima[family] - counts[family])
        if safe <= 0:
            word = code[slot, 0]
            family = np.int64(word >> _S_FAMILY & _LOW5)
            misaligned = np.int64(word >> _S_CROSSING & _LOW5)
            cost = np.int64(0)
            if misaligned != family:
                cost = 1
                address = words[np.int64(word >> _S_RS1 & _LOW6)] + code[slot, 1]
                if address & ((code[slot, 3] & _LOW8) - _ONE):
                    family = misaligned
                    cost = 2
            if (
                steps >= maxima[families]
                or accesses + cost > maxima[families + 1]
                or counts[family] >= maxima[family]
            ):
                status = CUT
                break
            safe = 1
        if allowed <= 0:
            status = PAUSED
            break
        if state[UART_COUNT] == uart.size:
            status = UART_FULL
            break
        safe = min(safe, allowed, uart.size - state[UART_COUNT])
        done = np.int64(0)
        while done < safe:
            word = code[slot, 0]
            immediate = code[slot, 1]
            rs1 = np.int64(word >> _S_RS1 & _LOW6)
            rs2 = np.int64(word >> _S_RS2 & _LOW6)
            rd = np.int64(word >> _S_RD & _LOW6)
            family = np.int64(word >> _S_FAMILY & _LOW5)
            following = np.int64(word >> _S_NEXT)
            a = words[rs1]
            b = words[rs2]
            if log is not None:
                ts = np.uint32(1 + 4 * steps)
                log_slot[steps] = slot
                log_a[steps] = a
                log_b[steps] = b
                if rs1:
                    previous = last_ts[rs1]
                    last_ts[rs1] = ts
                    log_a_prev[steps] = previous
                    if previous == 0:
                        _open_boundary(
                            places, previous_segments, initials, state, rs1, a, last_segment, pages
                        )
                else:
                    log_a_prev[steps] = 0
                if rs2:
                    previous = last_ts[rs2]
                    last_ts[rs2] = ts + np.uint32(1)
                    log_b_prev[steps] = previous
                    if previous == 0:
                        _open_boundary(
                            places, previous_segments, initials, state, rs2, b, last_segment, pages
                        )
                else:
                    log_b_prev[steps] = 0
            operation = np.int64(word & _LOW5)
            second = b + immediate
            d = _ZERO
            if operation == K_ADD:
                d = a + second
            elif K_LOAD <= operation <= K_STORE:
                address = a + immediate
                access = code[slot, 3]
                width = access & _LOW8
                storing = operation == K_STORE
                place = _locate(address, rom_mapped, storing)
                if place < 0:
                    status = -place
                    state[AT_FAULT] = np.int64(address)
                    break
                shift = (address & _SEVEN) << _THREE
                low = words[place]
                crossing = address & (width - _ONE) != _ZERO
                upper = place
                high = _ZERO
                if crossing:
                    next_word = (address | _SEVEN) + _ONE
                    upper = _locate(next_word, rom_mapped, storing)
                    if upper < 0:
                        status = -upper
                        state[AT_FAULT] = np.int64(next_word)
                        break
                    family = np.int64(word >> _S_CROSSING & _LOW5)
                    high = words[upper]
                drop = access >> _S_DROP & _LOW8
                new_low = low
                new_high = high
                if storing:
                    mask = _ALL_ONES >> drop
                    new_low = (low & ~(mask << shift)) | ((b & mask) << shift)
                    if crossing and shift:
                        rest = _SIXTY_FOUR - shift
                        new_high = (high & ~(mask >> rest)) | ((b & mask) >> rest)
                    if address == _UART_ADDRESS and width == _ONE:
                        uart[state[UART_COUNT]] = np.uint8(b & _LOW8)
                        state[UART_COUNT] += 1
                else:
                    value = low >> shift
                    if crossing and shift:
                        value |= high << (_SIXTY_FOUR - shift)
                    value <<= drop
                    d = _U(np.int64(value) >> np.int64(drop)) if access >> _S_SIGNED else value >> drop
                if log is not None:
                    entry = state[ACCESSES]
                    log_address[entry] = address
                    at = ts + np.uint32(2 if storing else 1)
                    previous = last_ts[place]
                    last_ts[place] = at
                    log_m_prev[entry, 0] = previous
                    if previous == 0:
                        _open_boundary(
                            places, previous_segments, initials, state, place, low, last_segment, pages
                        )
                    log_m_prev[entry, 1] = 0
                    if crossing:
                        at += np.uint32(1)
                        previous = last_ts[upper]
                        last_ts[upper] = at
                        log_m_prev[entry, 1] = previous
                        if previous == 0:
                            _open_boundary(
                                places, previous_segments, initials, state, upper, high, last_segment, pages
                            )
                    log_m_old[entry, 0] = low
                    log_m_old[entry, 1] = high
                    log_m_new[entry, 0] = new_low
                    log_m_new[entry, 1] = new_high
                    state[ACCESSES] = entry + 1
                else:
                    last_segment[place] = segment
                    pages[place >> PAGE_SHIFT] = 1
                    if crossing:
                        last_segment[upper] = segment
                        pages[upper >> PAGE_SHIFT] = 1
                if storing:
                    words[place] = new_low
                    if crossing:
                        words[upper] = new_high
            elif operation == K_BNE:
                if a != b:
                    following = np.int64(immediate)
            elif operation == K_BEQ:
                if a == b:
                    following = np.int64(immediate)
            elif operation == K_BLT:
                if np.int64(a) < np.int64(b):
                    following = np.int64(immediate)
            elif operation == K_BGE:
                if np.int64(a) >= np.int64(b):
                    following = np.int64(immediate)
            elif operation == K_BLTU:
                if a < b:
                    following = np.int64(immediate)
            elif operation == K_BGEU:
                if a >= b:
                    following = np.int64(immediate)
            elif operation == K_BGTZ:
                if np.int64(a) > 0:
                    following = np.int64(immediate)
            elif operation == K_BLEZ:
                if np.int64(a) <= 0:
                    following = np.int64(immediate)
            elif operation == K_JALR:
                address = (a + immediate) & ~_ONE
                index = (address - _ROM_BASE) >> _ONE
                following = np.int64(-1)
                if index < _U(slot_of_index.size):
                    following = np.int64(slot_of_index[index])
                if following < 0:
                    status = BAD_JUMP
                    state[AT_FAULT] = np.int64(address)
                    break
                d = code[slot, 3]
            elif operation == K_ADDW:
                d = _narrow(a + second)
            elif operation == K_SUB:
                d = a - second
            elif operation == K_SUBW:
                d = _narrow(a - second)
            elif operation == K_XOR:
                d = a ^ second
            elif operation == K_OR:
                d = a | second
            elif operation == K_AND:
                d = a & second
            elif operation == K_SLT:
                d = _U(np.int64(a) < np.int64(second))
            elif operation == K_SLTU:
                d = _U(a < second)
            elif operation == K_SLL:
                d = a << (second & _LOW6)
            elif operation == K_SRL:
                d = a >> (second & _LOW6)
            elif operation == K_SRA:
                d = _U(np.int64(a) >> np.int64(second & _LOW6))
            elif operation == K_SLLW:
                d = _narrow(a << (second & _LOW5))
            elif operation == K_SRLW:
                d = _narrow((a & _LOW32) >> (second & _LOW5))
            elif operation == K_SRAW:
                d = _U(np.int64(_narrow(a)) >> np.int64(second & _LOW5))
            elif operation == K_MUL:
                d = a * b
            elif operation == K_MULHU:
                d = _multiply_high(a, b)
            elif operation == K_DIVU:
                d = a // b if b != _ZERO else _ALL_ONES
            elif operation == K_REMU:
                d = a % b if b != _ZERO else a
            elif operation == K_HALT:
                if a != _U(93):
                    status = BAD_SYSTEM_CALL
                    state[AT_FAULT] = np.int64(a)
                    break
                status = HALTED
            else:
                status = TRAPPED
                break
            if log is not None:
                log_family[steps] = family
                log_d[steps] = d
                old = words[rd]
                log_d_old[steps] = old
                if rd:
                    previous = last_ts[rd]
                    last_ts[rd] = ts + np.uint32(3)
                    log_d_prev[steps] = previous
                    if previous == 0:
                        _open_boundary(
                            places, previous_segments, initials, state, rd, old, last_segment, pages
                        )
                else:
                    log_d_prev[steps] = 0
            else:
                touched_registers |= code[slot, 2]
            words[rd] = d
            counts[family] += 1
            cycles += np.int64(word >> _S_FIRST & _ONE)
            steps += 1
            done += 1
            slot = following
            if status == HALTED:
                break
        allowed -= done
    state[SLOT] = slot
    state[STEPS] = steps
    state[CYCLES] = cycles
    state[STEPS_ALLOWED] = allowed
    state[REGISTERS] = np.int64(touched_registers)
    return status
