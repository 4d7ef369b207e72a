"""How fast other hashes are: Poseidon, more rounds of Poseidon2, and BLAKE3.

All are measured in one run, on one thread and in turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import blake3
import numba
import numpy as np

from support.bare import NANOSECOND
from support.poseidon1_kernel import permute_blocks1
from zisk.kernels.cpu.merkle import GROUP, permute_blocks
from zisk.kernels.cpu.poseidon2 import EXTERNAL, INTERNAL, _external_round, _internal_round
from zisk.kernels.cpu.vector_ir import LANES, align_stack
from zisk.kernels.parameters import P
from zisk.kernels.poseidon2_constants import HALF_EXTERNAL_ROUNDS, INTERNAL_ROUNDS, WIDTH
from zisk.stark.batching import Tree, tree_widths
from zisk.vm.kinds import core_kind

LOG_SIZE = 20
"""Of the core segments whose rows are hashed."""

EXTERNAL_ROUNDS = 2 * HALF_EXTERNAL_ROUNDS
MORE_EXTERNAL, MORE_INTERNAL = 2, 8
"""Rounds more for a greater margin: one at either end, and a third of those between."""

BLOCK_BYTES, MESSAGE_BYTES, ROWS = 64, 1 << 22, 1024
LOOPS, REPEATS = 100, 7

_compiled = numba.njit(nogil=True, error_model="numpy", boundscheck=False)


@_compiled
def _external_rounds(states: np.ndarray) -> None:
    align_stack()
    for number in range(states.shape[0]):
        for index in range(EXTERNAL_ROUNDS):
            _external_round(states[number], EXTERNAL, index * WIDTH)


@_compiled
def _internal_rounds(states: np.ndarray) -> None:
    align_stack()
    for number in range(states.shape[0]):
        for index in range(INTERNAL_ROUNDS):
            _internal_round(states[number], INTERNAL, index)


@dataclass(frozen=True, slots=True)
class HashSpeeds:
    """Nanoseconds of one thread, medians.

    Attributes:
        poseidon2, poseidon1: a permutation of a state of 24 elements.
        ratio: what Poseidon takes over what Poseidon2 takes in the same turn.
        external_round, internal_round: a round of Poseidon2 on one state.
        compression: of BLAKE3 in a long message, of which the package compresses sixteen blocks side by side.
        long_bytes: bytes of such a message in a nanosecond.
        row: a call of the package for a row of the main tree of a core segment.
        row_bytes: the length of such a row.
    """

    poseidon2: float
    poseidon1: float
    ratio: float
    external_round: float
    internal_round: float
    compression: float
    long_bytes: float
    row: float
    row_bytes: int


def measure_hashes() -> HashSpeeds:
    """Measure all of them; about five seconds, most of which compile Poseidon."""
    generator = np.random.default_rng(1)
    states = generator.integers(0, P, (GROUP, WIDTH, LANES), dtype=np.uint32)
    of_states = _in_turns(
        [
            lambda: permute_blocks(states, 0, GROUP),
            lambda: permute_blocks1(states, 0, GROUP),
            lambda: _external_rounds(states),
            lambda: _internal_rounds(states),
        ],
        LOOPS,
    )
    two, one, external, internal = (
        statistics.median(seconds) / (LOOPS * GROUP * LANES) / NANOSECOND for seconds in of_states
    )
    message, row_bytes = generator.bytes(MESSAGE_BYTES), 4 * sum(tree_widths(core_kind(LOG_SIZE), Tree.MAIN))
    rows = [message[k * row_bytes : (k + 1) * row_bytes] for k in range(ROWS)]
    of_bytes = _in_turns(
        [lambda: blake3.blake3(message).digest(), lambda: [blake3.blake3(row).digest() for row in rows]], 1
    )
    long, short = (statistics.median(seconds) / NANOSECOND for seconds in of_bytes)
    return HashSpeeds(
        poseidon2=two,
        poseidon1=one,
        ratio=statistics.median(y / x for x, y in zip(of_states[0], of_states[1], strict=True)),
        external_round=external / EXTERNAL_ROUNDS,
        internal_round=internal / INTERNAL_ROUNDS,
        compression=long / (MESSAGE_BYTES // BLOCK_BYTES),
        long_bytes=MESSAGE_BYTES / long,
        row=short / ROWS,
        row_bytes=row_bytes,
    )


def _in_turns(works: Sequence[Callable[[], object]], loops: int) -> list[list[float]]:
    """Processor seconds of each work, done `loops` times, turn by turn; the first turn is not counted."""
    found: list[list[float]] = [[] for _ in works]
    for turn in range(REPEATS + 1):
        for work, seconds in zip(works, found, strict=True):
            start = time.process_time()
            for _ in range(loops):
                work()
            if turn:
                seconds.append(time.process_time() - start)
    return found
