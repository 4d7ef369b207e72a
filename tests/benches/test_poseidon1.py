"""Poseidon of width 24, which benches compare with Poseidon2: plain, sparse and as a kernel."""

import numpy as np
import pytest

from benches.support.poseidon1 import (
    CONSTANTS,
    HALF_FULL_ROUNDS,
    MATRIX,
    PARTIAL_ROUNDS,
    WIDTH,
    permute,
    sparse_rounds,
)
from benches.support.poseidon1_kernel import permute_blocks1
from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.kernels.cpu.vector_ir import LANES


def random_states(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, P, shape, dtype=np.uint32)


def test_it_gives_the_vector_of_plonky3() -> None:
    """`koala-bear/src/poseidon1.rs`, 2026-08: the input is 0 to 23."""
    assert permute(range(WIDTH)) == [
        *(511672087, 215882318, 237782537, 740528428, 712760904, 54615367, 751514671, 110231969),
        *(1905276435, 992525666, 918312360, 18628693, 749929200, 1916418953, 691276896, 1112901727),
        *(1163558623, 882867603, 673396520, 1480278156, 1402044758, 1693467175, 1766273044, 433841551),
    ]


def test_sparse_rounds_are_the_partial_rounds() -> None:
    sparse, state = sparse_rounds(), [int(x) for x in random_states(WIDTH)]
    plain = list(state)
    for constants in CONSTANTS[HALF_FULL_ROUNDS : HALF_FULL_ROUNDS + PARTIAL_ROUNDS]:
        plain = [(x + c) % P for x, c in zip(plain, constants, strict=True)]
        plain[0] = plain[0] ** 3 % P
        plain = [sum(m * x for m, x in zip(line, plain, strict=True)) % P for line in MATRIX]
    first, rest = state[0], state[1:]
    for constant, corner, row, column in zip(
        sparse.constants, sparse.firsts, sparse.rows, sparse.columns, strict=True
    ):
        cube = (first + constant) ** 3 % P
        first = (corner * cube + sum(v * x for v, x in zip(row, rest, strict=True))) % P
        rest = [(x + w * cube) % P for x, w in zip(rest, column, strict=True)]
    mixed = [first, *(sum(m * x for m, x in zip(line, rest, strict=True)) for line in sparse.dense)]
    assert [(x + y) % P for x, y in zip(mixed, sparse.added, strict=True)] == plain


@pytest.mark.slow
def test_the_kernel_permutes_like_the_plain_function() -> None:
    states = random_states(3, WIDTH, LANES)
    blocks = np.ascontiguousarray(to_montgomery(states).astype(np.uint32))
    permute_blocks1(blocks, 1, 3)
    found = from_montgomery(blocks)
    assert np.array_equal(found[0], states[0])
    for block in (1, 2):
        for lane in range(LANES):
            assert found[block, :, lane].tolist() == permute(states[block, :, lane].tolist())
