"""The machine's memory as the interpreter holds it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zisk.vm.errors import InputTooLargeError
from zisk.vm.interpreter_state import PAGE_SHIFT, RAM_WORDS, ROM_PLACE
from zisk.vm.memory_map import INPUT_BASE, INPUT_CAPACITY, INPUT_DATA, ROM_BASE, ROM_SIZE
from zisk.vm.program import Program
from zisk.vm.record import key_of_place, place_of_key


@dataclass(frozen=True, eq=False, slots=True)
class Memory:
    """All words of the machine and what is known about them.

    `words`: values by place; untouched pages cost no memory.
    `last_segment`: last segment that touched each word, 0 if none.
    `pages`: 1 for each page of words that has a touched one.
    `rom_mapped`: per word of the ROM, whether the program put something there.
    """

    words: npt.NDArray[np.uint64]
    last_segment: npt.NDArray[np.uint32]
    pages: npt.NDArray[np.uint8]
    rom_mapped: npt.NDArray[np.bool_]


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
    words = np.zeros(places, np.uint64)
    words[place_of_key(keys)] = program.image_values
    padded = np.frombuffer(data + bytes(-len(data) % 8), "<u8")
    first = RAM_WORDS + (INPUT_DATA - INPUT_BASE) // 8
    words[first : first + len(padded)] = padded
    pages = np.zeros((places >> PAGE_SHIFT) + 1, np.uint8)
    return Memory(words, np.zeros(places, np.uint32), pages, rom_mapped)


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
    page_size = 1 << PAGE_SHIFT
    found: list[npt.NDArray[np.int64]] = []
    for page in np.flatnonzero(memory.pages):
        start = int(page) * page_size
        found.append(start + np.flatnonzero(memory.last_segment[start : start + page_size]))
    place = np.concatenate(found) if found else np.zeros(0, np.int64)
    key = key_of_place(place)
    order = np.argsort(key, kind="stable")
    place, key = place[order], key[order]
    initial = np.zeros(len(key), np.uint64)
    if len(program.image_keys):
        at = np.minimum(np.searchsorted(program.image_keys, key), len(program.image_keys) - 1)
        is_image = program.image_keys[at] == key
        initial[is_image] = program.image_values[at[is_image]]
    padded = np.frombuffer(data + bytes(-len(data) % 8), "<u8")
    position = key.astype(np.int64) - INPUT_DATA // 8
    is_input = (position >= 0) & (position < len(padded))
    initial[is_input] = padded[position[is_input]]
    return TouchedWords(key, initial, memory.words[place], memory.last_segment[place])
