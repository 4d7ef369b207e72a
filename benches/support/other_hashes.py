"""What other hashes would cost: Poseidon, Poseidon2 with more rounds, and BLAKE3 for the trees of segments.

All are measured in one run, on one thread and in turns. What a core proof hashes is counted from a run, what
a leaf circuit would have to verify from the kind.
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
from support.counted import count_core_proof
from support.figures import Figure
from support.leaf_hashes import BLAKE3_COLUMNS, per_query
from support.poseidon1_kernel import permute_blocks1
from zisk.field.quintic import DEGREE
from zisk.kernels.cpu.merkle import GROUP, permute_blocks
from zisk.kernels.cpu.poseidon2 import EXTERNAL, INTERNAL, _external_round, _internal_round
from zisk.kernels.cpu.vector_ir import LANES, align_stack
from zisk.kernels.parameters import P
from zisk.kernels.poseidon2_constants import HALF_EXTERNAL_ROUNDS, INTERNAL_ROUNDS, WIDTH
from zisk.recursion.shapes import INNER_LOG_HEIGHTS, inner_kind
from zisk.stark.batching import Tree, tree_widths
from zisk.stark.parameters import parameters_for
from zisk.vm.kinds import core_kind

GUEST, LOG_SIZE, LOG_CYCLES, LEVEL = "sha-hasher", 20, 20, 128
"""The run whose hashing is counted."""
LEAF_SIZES = (20, 22)

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
        row: a call of the package for a row of the main tree of a core segment.
        row_bytes: the length of such a row.
    """

    poseidon2: float
    poseidon1: float
    ratio: float
    external_round: float
    internal_round: float
    compression: float
    row: float
    row_bytes: int


def measure_hashes() -> HashSpeeds:
    """Measure all of them; about fifteen seconds, most of which compile Poseidon."""
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
        row=short / ROWS,
        row_bytes=row_bytes,
    )


def hash_figures() -> list[Figure]:
    """What is measured, what it makes of a core proof, and what leaf circuits would have to verify."""
    speeds, permutations = measure_hashes(), count_core_proof(GUEST, LOG_SIZE, LOG_CYCLES).permutations
    added = MORE_EXTERNAL * speeds.external_round + MORE_INTERNAL * speeds.internal_round
    seconds = permutations * NANOSECOND
    return [
        Figure("poseidon2_ns", "Poseidon2, in turns with the next", speeds.poseidon2, "ns"),
        Figure("poseidon1_ns", "Poseidon", speeds.poseidon1, "ns"),
        Figure("poseidon1_ratio", "Poseidon over Poseidon2", speeds.ratio),
        Figure("external_round_ns", "external round of Poseidon2", speeds.external_round, "ns"),
        Figure("internal_round_ns", "internal round of Poseidon2", speeds.internal_round, "ns"),
        Figure(
            "more_rounds_ratio",
            f"Poseidon2 with {MORE_EXTERNAL} external and {MORE_INTERNAL} internal rounds more, over it",
            1 + added / speeds.poseidon2,
        ),
        Figure("blake3_ns", "BLAKE3, a compression of a long message", speeds.compression, "ns"),
        Figure("blake3_bytes", "BLAKE3, long message", BLOCK_BYTES / speeds.compression, "GB/s"),
        Figure(
            "blake3_row_bytes",
            f"BLAKE3, rows of {speeds.row_bytes} bytes, a call each",
            speeds.row_bytes / speeds.row,
            "GB/s",
        ),
        Figure(
            "core_permutations",
            f"permutations of a core proof, {GUEST}, 2^{LOG_CYCLES} cycles, size {LOG_SIZE}",
            permutations,
        ),
        Figure("core_poseidon2_seconds", "with Poseidon2", seconds * speeds.poseidon2, "s"),
        Figure("core_poseidon1_seconds", "with Poseidon", seconds * speeds.poseidon1, "s"),
        Figure("core_blake3_seconds", "as many BLAKE3 compressions", seconds * speeds.compression, "s"),
        *_circuit_figures(LEAF_SIZES),
    ]


def _circuit_figures(sizes: Sequence[int]) -> list[Figure]:
    parameters = parameters_for(LEVEL)
    leaf = sum(
        (air.main_width + DEGREE * air.stage2_width) << height
        for air, height in zip(inner_kind().airs, INNER_LOG_HEIGHTS, strict=True)
    )
    figures = [
        Figure("leaf_cells", "cells that a leaf commits to", leaf),
        Figure("blake3_columns", "columns of a BLAKE3 compression in the published table", BLAKE3_COLUMNS),
    ]
    for size in sizes:
        query = per_query(core_kind(size), parameters)
        cells = query.compressions * parameters.queries * BLAKE3_COLUMNS
        figures += [
            Figure(f"permutations_{size}", f"core leaf {size}: permutations of a query", query.permutations),
            Figure(f"compressions_{size}", f"core leaf {size}: BLAKE3 instead", query.compressions),
            Figure(f"blake3_cells_{size}", f"core leaf {size}: cells of all compressions", cells),
            Figure(f"blake3_growth_{size}", f"core leaf {size}: over what it commits to", cells / leaf),
        ]
    return figures


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
