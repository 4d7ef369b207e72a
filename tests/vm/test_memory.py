"""The words that a run touched are listed by key, with what they were at its start."""

from __future__ import annotations

import random

import pytest

from tests.vm.micro_programs import HALT, Line, micro_program
from zisk.vm.interpreter_state import INPUT_WORDS, RAM_WORDS, ROM_PLACE
from zisk.vm.memory import boot_memory, touched_words
from zisk.vm.memory_map import INPUT_BASE, RAM_BASE, ROM_BASE
from zisk.vm.operations import Operation
from zisk.vm.program import Program

IMAGE = {0x8000_0010: 11, 0x8000_8018: 12, 0xA001_0000: 13, 0xA001_0008: 14}
DATA = bytes(range(40))


@pytest.fixture
def program() -> Program:
    return micro_program([Line(Operation.NOP, 0, 0, 0, 0), HALT], {10: 1}, IMAGE)


def key_of(place: int) -> int:
    """The key of a place, from the order of the regions in memory."""
    if place < RAM_WORDS:
        return place + RAM_BASE // 8
    if place < RAM_WORDS + INPUT_WORDS:
        return place - RAM_WORDS + INPUT_BASE // 8
    return place - ROM_PLACE + ROM_BASE // 8


def test_nothing_is_touched_at_the_start(program: Program) -> None:
    assert touched_words(boot_memory(program, DATA), program, DATA).key.tolist() == []


def test_touched_words_are_those_with_a_stamp(program: Program) -> None:
    """Against a search of the places one by one, which include the ends of regions and pages."""
    memory = boot_memory(program, DATA)
    generator = random.Random(3)
    rom = [ROM_PLACE + offset for offset in (0, 2, 3, memory.rom_mapped.size - 1)]
    inputs = [RAM_WORDS + offset for offset in (1, 2, 5, 6, 7, INPUT_WORDS - 1)]
    ram = [1, 39, 511, 512, 0x2000, 0x2001, RAM_WORDS - 1, *generator.sample(range(4096, RAM_WORDS), 50)]
    initial = {place: int(memory.values[place]) for place in (*rom, *inputs, *ram)}
    segments = {place: generator.randrange(1, 1 << 24) for place in initial}
    for place, segment in segments.items():
        memory.mark(place, segment)
        memory.values[place] += 5
    found = touched_words(memory, program, DATA)
    rows = zip(
        *(c.tolist() for c in (found.key, found.initial, found.final, found.last_segment)), strict=True
    )
    expected = sorted((key_of(p), value, value + 5, segments[p]) for p, value in initial.items())
    assert list(rows) == expected
    assert {value for _, value, _, _ in expected} >= {11, 12, 13, 14}
