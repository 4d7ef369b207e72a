"""Whatever code stands at the ends of the code region, with whatever in its registers: no trace error.

A run that halts is a job without complaints; of one that faults, what comes before the fault is a segment
without any, and the fault has a name.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from unittest.mock import patch

import numpy as np
import pytest

from tests.vm import encoder
from tests.vm.edge_guests import END, FIRST, Pieces, compressed, compressed_jump, guest
from tests.vm.jobs import fill_core, run_job
from zisk.vm import executor
from zisk.vm.errors import GuestError, GuestFault, StepLimitError, UnsupportedInstructionError
from zisk.vm.executor import Run, record_all, record_none
from zisk.vm.memory_map import REGISTER_KEY, region_table
from zisk.vm.program import Program, load_program

POINTS = [
    0, 0x4000_0000, 0x4000_0008, 0x4800_0000, FIRST, END, 0xA000_0000, 0xA000_0008, 0xA000_0028, 0xA000_0100,
    0xA000_0138, 0xA000_0140, 0xA000_0200, 0xA000_0F00, 0xA000_1000, 0xA000_8000, 0xA001_0000, 0xA001_0100,
    0xA002_0000, 0xBFFF_FFF8, 0xC000_0000, 1 << 32, 1 << 63, 1 << 64,
]  # fmt: skip
"""Ends of regions and of numbers; registers hold what is near them."""

LOG_SIZE, MOST_STEPS = 16, 60


CODE, DATA, OTHERS = (1, 2, 3), (4, 5, 6, 7, 8, 9), (0, 10, 11, 12, 13)
"""Registers that hold addresses of instructions, those that hold what is near a point, and some more."""


def near(g: random.Random) -> int:
    return (g.choice(POINTS) + g.choice([-16, -8, -8, -8, -4, -2, -1, 0, 0, 0, 1, 8])) % (1 << 64)


def result(g: random.Random) -> int:
    return g.choice(OTHERS if g.random() < 0.7 else CODE + DATA)


def any_of(g: random.Random) -> int:
    return g.choice(CODE + DATA + OTHERS)


def offset(g: random.Random) -> int:
    return g.choice([0, 0, 0, 0, -8, -4, -1, 1, 4, 8, 2047, -2048])


def distance(g: random.Random) -> int:
    return 2 * g.choice([-8, -4, -2, -1, 0, 1, 2, 2, 4, 8])


Maker = Callable[[random.Random], int]
JUMPS: list[Maker] = [
    lambda g: encoder.immediate("jalr", any_of(g), g.choice(CODE), g.choice([0, 0, 0, -4, 2, 4])),
    lambda g: encoder.immediate("jalr", any_of(g), any_of(g), offset(g)),
    lambda g: compressed(g.choice(["c.jr", "c.jalr"]), g.choice(CODE)),
    lambda g: encoder.jump(any_of(g), distance(g)),
    lambda g: compressed_jump(distance(g)),
    lambda g: encoder.branch(g.choice(list(encoder.BRANCHES)), any_of(g), any_of(g), distance(g)),
]
ACCESSES: list[Maker] = [
    lambda g: encoder.immediate(g.choice(list(encoder.LOADS)), result(g), g.choice(DATA), offset(g)),
    lambda g: encoder.store(g.choice(list(encoder.STORES)), g.choice(DATA), any_of(g), offset(g)),
    lambda g: encoder.atomic(
        g.choice(list(encoder.ATOMICS)), g.choice([4, 8]), result(g), g.choice(DATA), any_of(g)
    ),
    lambda g: encoder.control(
        g.choice(list(encoder.CSR_OPERATIONS)), result(g), g.getrandbits(12) & 0xBFF, any_of(g)
    ),
]
COMPUTATIONS: list[Maker] = [
    lambda g: encoder.upper(g.choice(["lui", "auipc"]), result(g), g.getrandbits(20)),
    lambda g: encoder.immediate("addi", result(g), any_of(g), offset(g)),
    lambda g: encoder.register(g.choice(list(encoder.REGISTER_OPERATIONS)), result(g), any_of(g), any_of(g)),
    lambda g: g.choice([encoder.ECALL, g.getrandbits(32) | 3, g.getrandbits(16) & ~1]),
]


def instructions(g: random.Random) -> bytes:
    """Some code whose last instruction is a jump or the halt."""
    words = [g.choice(g.choice([JUMPS, ACCESSES, ACCESSES, COMPUTATIONS]))(g) for _ in range(g.randrange(12))]
    return encoder.assemble([*words, g.choice(JUMPS)(g) if g.random() < 0.7 else encoder.ECALL])


def program_of(g: random.Random) -> Program:
    """Code at both ends of the region, entered at one of them."""
    first, last = instructions(g), instructions(g)
    if g.random() < 0.1:
        last = last[: 2 * g.randrange(1, len(last) // 2 + 1)]
    at = END - len(last)
    pieces: Pieces = {FIRST: first, at: last}
    program = load_program(guest(pieces, g.choice([FIRST, at])), LOG_SIZE)
    starts = [int(one) for one in program.address[program.first]]
    values = {place: g.choice(starts) + g.randrange(2) for place in CODE} | {place: near(g) for place in DATA}
    words = dict(zip(program.image_keys.tolist(), program.image_values.tolist(), strict=True))
    words |= {REGISTER_KEY + place: value for place, value in values.items()} | {REGISTER_KEY + 17: 93}
    keys = np.array(sorted(words), np.uint32)
    return replace(
        program,
        image_keys=keys,
        image_values=np.array([words[int(key)] for key in keys], np.uint64),
        regions=tuple(region_table(keys)),
    )


def steps_of(program: Program) -> tuple[int, GuestError | None]:
    """How many steps a run has before it ends, and the error in which it does, None for a halt."""
    steps = 0
    with most_steps(1):
        run = Run(program, b"", log_size=LOG_SIZE, record=record_none, max_steps=MOST_STEPS)
        try:
            for segment in run:
                steps += segment.steps
        except GuestError as error:
            return steps, error
    return steps, None


def most_steps(steps: int):
    """Inside, a segment ends after so many steps."""
    limits = executor._maxima(LOG_SIZE)
    limits[-2] = steps
    return patch.object(executor, "_maxima", lambda _: limits)


@pytest.mark.parametrize("seed", range(80))
def test_no_code_at_the_ends_of_the_region_ends_in_a_trace_error(seed: int) -> None:
    assert_fits_or_faults(program_of(random.Random(seed)))


@pytest.mark.slow
def test_no_more_code_at_the_ends_of_the_region_ends_in_a_trace_error() -> None:
    for seed in range(80, 400):
        assert_fits_or_faults(program_of(random.Random(seed)))


def assert_fits_or_faults(program: Program) -> None:
    """The run fits the tables as far as it comes, and where it ends by an error that has a name."""
    steps, error = steps_of(program)
    if error is None:
        assert run_job(program).complaints() == []
        return
    assert isinstance(error, (GuestFault, UnsupportedInstructionError, StepLimitError))
    assert "; " in str(error)
    if steps:
        with most_steps(steps):
            segments = islice(Run(program, b"", log_size=LOG_SIZE, record=record_all), 1)
            (segment,) = fill_core(program, segments)
        assert segment.examine(program)[0] == set()
