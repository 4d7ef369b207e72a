"""The guest that lives in its memory computes what the host computes."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from zisk.vm.executor import Execution, execute
from zisk.vm.program import load_program

GUEST = Path(__file__).parents[2] / "examples" / "memory-walk"
MODULUS = 1 << 64


def run_guest(data: bytes) -> Execution:
    """Execute the committed guest."""
    return execute(load_program((GUEST / "memory-walk.elf").read_bytes()), data, log_size=16)


def walk_input(pairs: int, swaps: int) -> bytes:
    """One record: how large the table is, and how often to swap."""
    return struct.pack("<QQQ", 16, pairs, swaps)


def walk(pairs: int, swaps: int) -> tuple[int, int]:
    """The sum of words read, and the first word at the place of the last swap."""
    table = [(0, 0)] * pairs
    state, total, place = 1, 0, 0
    for _ in range(swaps):
        state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % MODULUS
        place, other = (state >> 44) % pairs, (state >> 24) % pairs
        here, there = table[place], table[other]
        table[other] = (here[0] + state) % MODULUS, here[1]
        table[place] = there[0] ^ state, (there[1] + here[0]) % MODULUS
        total = (total + here[0] + there[1]) % MODULUS
    return total, table[place][0]


@pytest.mark.parametrize(("pairs", "swaps"), [(1, 3), (1024, 5000), (1 << 19, 2000)])
def test_it_swaps_pairs_as_told(pairs: int, swaps: int) -> None:
    result = run_guest(walk_input(pairs, swaps))
    assert struct.unpack("<2Q", struct.pack("<4I", *result.outputs[:4])) == walk(pairs, swaps)
    assert result.exit_code == 0


def test_the_committed_input_says_its_name() -> None:
    assert (GUEST / "inputs" / "1024x5000.bin").read_bytes() == walk_input(1024, 5000)


@pytest.mark.parametrize(
    ("data", "exit_code"),
    [
        (struct.pack("<QQ", 8, 1024), 1),
        (walk_input(0, 1), 2),
        (walk_input(1000, 1), 2),
        (walk_input(1 << 20, 1), 2),
    ],
)
def test_other_inputs_are_refused(data: bytes, exit_code: int) -> None:
    assert run_guest(data).exit_code == exit_code
