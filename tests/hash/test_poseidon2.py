"""Poseidon2 of width 24 gives the published vectors, in plain integers, in NumPy and in the kernel."""

import numpy as np
import pytest

from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.hash import poseidon2
from zisk.kernels.cpu import poseidon2 as kernel
from zisk.kernels.poseidon2_constants import BLOCK, DIAGONAL, EXTERNAL_FINAL, EXTERNAL_INITIAL, INTERNAL

# Plonky3, koala-bear/src/poseidon2.rs.
INPUT = [
    *(886409618, 1327899896, 1902407911, 591953491, 648428576, 1844789031, 1198336108, 355597330),
    *(1799586834, 59617783, 790334801, 1968791836, 559272107, 31054313, 1042221543, 474748436),
    *(135686258, 263665994, 1962340735, 1741539604, 2026927696, 449439011, 1131357108, 50869465),
]
OUTPUT = [
    *(382801106, 82839311, 1503190615, 1987418517, 854076995, 1862291425, 262755189, 1050814217),
    *(722724562, 741265943, 1026879332, 754316749, 1966025564, 1518878196, 502200188, 1368172258),
    *(845459257, 1711434837, 724453836, 171032289, 655223446, 1098636135, 407832555, 1707498914),
]


def test_constants_begin_as_published() -> None:
    assert EXTERNAL_INITIAL[0][:2] == (0x1D0939DC, 0x6D050F8D)
    assert INTERNAL[0] == 0x1395D4CA
    assert EXTERNAL_FINAL[0][0] == 0x7D232359
    halves = {k: pow(2, -k, P) for k in range(25)}
    assert [*DIAGONAL] == [
        *(P - 2, 1, 2, halves[1], 3, 4, P - halves[1], P - 3, P - 4),
        *(halves[k] for k in (8, 2, 3, 4, 5, 6, 24)),
        *(P - halves[k] for k in (8, 3, 4, 5, 6, 7, 9, 24)),
    ]


def test_plain_permutation_gives_the_published_vector() -> None:
    assert poseidon2.permute(INPUT) == OUTPUT
    zeros = poseidon2.permute([0] * 24)
    assert zeros[:5] == [1918697942, 2025897067, 904050874, 1093610768, 214053233]


def written_down(state: list[int]) -> list[int]:
    """The permutation as its definition has it, by matrices."""
    external = [[BLOCK[i % 4][j % 4] * (2 if i // 4 == j // 4 else 1) for j in range(24)] for i in range(24)]
    internal = [[1 + (DIAGONAL[i] if i == j else 0) for j in range(24)] for i in range(24)]

    def product(matrix: list[list[int]], vector: list[int]) -> list[int]:
        return [sum(a * b for a, b in zip(row, vector, strict=True)) % P for row in matrix]

    state = product(external, state)
    for constants in EXTERNAL_INITIAL:
        state = product(external, [pow(x + c, 3, P) for x, c in zip(state, constants, strict=True)])
    for constant in INTERNAL:
        state = product(internal, [pow(state[0] + constant, 3, P), *state[1:]])
    for constants in EXTERNAL_FINAL:
        state = product(external, [pow(x + c, 3, P) for x, c in zip(state, constants, strict=True)])
    return state


@pytest.mark.parametrize("state", [INPUT, [0] * 24, [P - 1] * 24, [P - 1, *[0] * 23], [*[0] * 23, P - 1]])
def test_plain_permutation_is_what_its_definition_says(state: list[int]) -> None:
    assert poseidon2.permute(state) == written_down(state)


@pytest.mark.parametrize("count", [1, 15, 16, 17, 50, 256, 257, 600])
def test_array_and_kernel_agree_with_the_plain_one(count: int) -> None:
    states = np.random.default_rng(count).integers(0, P, (24, count), np.uint64)
    states[:, -1] = P - 1
    states[:, count // 2] = 0
    states[:, 0] = INPUT
    expected = [poseidon2.permute(column) for column in states.T.tolist()]
    assert poseidon2.permute_array(states).T.tolist() == expected
    inside = to_montgomery(states)
    kernel.permute(inside)
    assert inside.max() < P
    assert from_montgomery(inside).T.tolist() == expected


def test_array_leaves_its_argument_alone() -> None:
    states = np.zeros((24, 2), np.uint64)
    poseidon2.permute_array(states)
    assert not states.any()
