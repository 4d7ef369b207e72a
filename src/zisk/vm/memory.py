"""The machine's memory as the interpreter holds it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zisk.vm.errors import InputTooLargeError
from zisk.vm.interpreter_memory import list_touched
from zisk.vm.interpreter_state import INPUT_WORDS, PAGE_SHIFT, RAM_WORDS, ROM_PLACE, STAMP_SHIFT
from zisk.vm.memory_map import INPUT_BASE, INPUT_CAPACITY, INPUT_DATA, RAM_BASE, ROM_BASE, ROM_SIZE
from zisk.vm.program import Program


@dataclass(frozen=True, eq=False, slots=True)
class Memory:
    """All words of the machine and what is known about them.

    `words`: value and stamp of each place in turn; untouched pages cost no memory.
    `pages`: 1 for each page of places that has a touched one.
    `rom_mapped`: per word of the ROM, whether the program put something there.
    """

    words: npt.NDArray[np.uint64]
    pages: npt.NDArray[np.uint8]
    rom_mapped: npt.NDArray[np.bool_]

    @property
    def values(self) -> npt.NDArray[np.uint64]:
        """Values by place."""
        return self.words[::2]

    def mark(self, place: int, segment: int) -> None:
        """Note that a segment touched a word."""
        self.words[2 * place + 1] = segment << STAMP_SHIFT
        self.pages[place >> PAGE_SHIFT] = 1


def boot_memory(program: Program, data: bytes) -> Memory:
    """Memory at the start of a run with the input `data`, which is padded with zeros to whole words.

    Raises `InputTooLargeError`.
    """
    if len(data) > INPUT_CAPACITY:
        raise InputTooLargeError(len(data), INPUT_CAPACITY)
    keys = program.image_keys.astype(np.int64)
    rom_keys = keys[(keys >= ROM_BASE // 8) & (keys < (ROM_BASE + ROM_SIZE) // 8)] - ROM_BASE // 8
    rom_words = int(rom_keys[-1]) + 1 if len(rom_keys) else 0
    rom_mapped = np.zeros(rom_words, np.bool_)
    rom_mapped[rom_keys] = True
    places = ROM_PLACE + rom_words
    words = np.zeros(2 * places, np.uint64)
    memory = Memory(words, np.zeros((places >> PAGE_SHIFT) + 1, np.uint8), rom_mapped)
    memory.values[_place_of_key(keys)] = program.image_values
    padded = np.frombuffer(data + bytes(-len(data) % 8), "<u8")
    first = RAM_WORDS + (INPUT_DATA - INPUT_BASE) // 8
    memory.values[first : first + len(padded)] = padded
    return memory


def _place_of_key(key: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Memory places of mapped keys."""
    place = np.where(key >= RAM_BASE // 8, key - RAM_BASE // 8, key - ROM_BASE // 8 + ROM_PLACE)
    return np.where(key < INPUT_BASE // 8 + INPUT_WORDS, key - INPUT_BASE // 8 + RAM_WORDS, place)


@dataclass(frozen=True, eq=False, slots=True)
class TouchedWords:
    """Words that a whole run touched, ascending by key.

    `initial` and `final` are their values at start and end, `last_segment` the last segment to touch each.
    """

    key: npt.NDArray[np.uint32]
    initial: npt.NDArray[np.uint64]
    final: npt.NDArray[np.uint64]
    last_segment: npt.NDArray[np.uint32]


def touched_words(memory: Memory, program: Program, data: bytes) -> TouchedWords:
    """Collect the words that were touched since `boot_memory` with the same program and input."""
    room = int(np.count_nonzero(memory.pages)) << PAGE_SHIFT
    key, last_segment = np.empty(room, np.uint32), np.empty(room, np.uint32)
    final = np.empty(room, np.uint64)
    found = list_touched(memory.words, memory.pages, key, final, last_segment)
    key, final, last_segment = key[:found], final[:found], last_segment[:found]
    initial = np.zeros(found, np.uint64)
    if found:
        at = np.minimum(np.searchsorted(key, program.image_keys), found - 1)
        is_touched = key[at] == program.image_keys
        initial[at[is_touched]] = program.image_values[is_touched]
    padded = np.frombuffer(data + bytes(-len(data) % 8), "<u8")
    first, last = np.searchsorted(key, np.array([0, len(padded)]) + INPUT_DATA // 8)
    initial[first:last] = padded[key[first:last] - INPUT_DATA // 8]
    return TouchedWords(key, initial, final, last_segment)
