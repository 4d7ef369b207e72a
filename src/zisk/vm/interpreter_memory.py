"""How the interpreter finds and changes words of memory; all but the last kernel are copied into its own.

All memory is one array of 64-bit words: RAM (whose first words are registers and scratch words), then the
input region, then the ROM. A word's number in it is its *place*. The array holds two items per place, so
that one cache line has both: the word at *position* 2 * place, and behind it the word's stamp.
"""

from __future__ import annotations

import numpy as np

from zisk.kernels.jit import borrowing_kernel, inline_kernel, kernel
from zisk.vm.interpreter_state import (
    ADVICE,
    PAGE_SHIFT,
    RAM_WORDS,
    READ_ONLY,
    REGISTER_ZERO,
    ROM_PLACE,
    STAMP_SHIFT,
    UNMAPPED,
)

_U = np.uint64
_ONE, _THREE, _EIGHT, _SIXTY_FOUR = _U(1), _U(3), _U(8), _U(64)
_ALL_ONES = _U(0xFFFF_FFFF_FFFF_FFFF)
_RAM_BASE, _RAM_SIZE = _U(0xA000_0000), _U(0x2000_0000)
_INPUT_BASE, _INPUT_SIZE = _U(0x4000_0000), _U(0x0800_0000)
_ROM_BASE = _U(0x8000_0000)
_CSR_PLACE, _UART_PLACE = 0x1000, 0x40
_PARAMETERS_PLACE, _PARAMETERS_END, _REGISTERS_END = 0x1E0, 0x200, 40
_RAM_KEY, _INPUT_KEY, _ROM_KEY = 0xA000_0000 // 8, 0x4000_0000 // 8, 0x8000_0000 // 8
_S_STAMP, _S_PAGE = _U(STAMP_SHIFT), _U(PAGE_SHIFT + 1)
_PAGE_WORDS = 1 << PAGE_SHIFT


@borrowing_kernel
def locate(address, rom_mapped, storing):
    """Position of the word at an address, or minus the reason why there is none."""
    offset = address - _RAM_BASE
    if offset < _RAM_SIZE:
        place = np.int64(offset >> _THREE)
        if place >= _CSR_PLACE or 0 < place < _REGISTERS_END or place == _UART_PLACE:
            return 2 * place
        if _PARAMETERS_PLACE <= place < _PARAMETERS_END:
            return 2 * place
        if place == 0 and storing:
            return np.int64(-REGISTER_ZERO)
        return np.int64(-UNMAPPED)
    offset = address - _INPUT_BASE
    if offset < _INPUT_SIZE:
        if offset < _EIGHT:
            return np.int64(-ADVICE)
        if storing:
            return np.int64(-READ_ONLY)
        return 2 * (np.int64(offset >> _THREE) + RAM_WORDS)
    offset = address - _ROM_BASE
    if offset < _U(rom_mapped.size) << _THREE and rom_mapped[offset >> _THREE]:
        if storing:
            return np.int64(-READ_ONLY)
        return 2 * (np.int64(offset >> _THREE) + ROM_PLACE)
    return np.int64(-UNMAPPED)


@inline_kernel
def key_of(place):
    """Key of a place."""
    if place < RAM_WORDS:
        return place + _RAM_KEY
    if place < ROM_PLACE:
        return place - RAM_WORDS + _INPUT_KEY
    return place - ROM_PLACE + _ROM_KEY


@inline_kernel
def loaded(low, high, crossing, shift, drop, signed):
    """The value at a bit of a word, or of two words; `drop` is the number of bits that it lacks to 64."""
    value = low >> shift
    if crossing and shift:
        value |= high << (_SIXTY_FOUR - shift)
    value <<= drop
    return _U(np.int64(value) >> np.int64(drop)) if signed else value >> drop


@inline_kernel
def stored(low, high, value, crossing, shift, drop):
    """Both words with a value of 64 - `drop` bits put at a bit of the first."""
    mask = _ALL_ONES >> drop
    new_low = (low & ~(mask << shift)) | ((value & mask) << shift)
    new_high = high
    if crossing and shift:
        rest = _SIXTY_FOUR - shift
        new_high = (high & ~(mask >> rest)) | ((value & mask) >> rest)
    return new_low, new_high


@borrowing_kernel
def mark(words, pages, position, stamp):
    """Note that a word was touched, in a segment that is not recorded."""
    words[position + _ONE] = stamp
    pages[position >> _S_PAGE] = 1


@kernel
def list_touched(words, pages, key, final, last_segment):
    """List the words with a stamp, ascending by key: their keys, values and segments.

    Returns their number; the lists have room for all words of the touched pages.
    """
    found = 0
    # Regions in the order of their keys: input, ROM, RAM.
    for start, end in ((RAM_WORDS, ROM_PLACE), (ROM_PLACE, words.size >> 1), (0, RAM_WORDS)):
        for first in range(start, end, _PAGE_WORDS):
            if not pages[first >> PAGE_SHIFT]:
                continue
            for place in range(first, min(first + _PAGE_WORDS, end)):
                segment = words[2 * place + 1] >> _S_STAMP
                if segment:
                    key[found] = key_of(place)
                    final[found] = words[2 * place]
                    last_segment[found] = segment
                    found += 1
    return found
