"""Poseidon2 for circuits: one state, and all cubes of many states, against the permutation over integers."""

import numpy as np
import pytest

from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.hash.poseidon2 import WIDTH, permute
from zisk.kernels.cpu.circuit_poseidon2 import CUBES, fill_cubes, permute_one
from zisk.kernels.cpu.vector_ir import LANES
from zisk.recursion.permutation import permutation

STATES = np.random.default_rng(11).integers(0, P, (WIDTH, 2 * LANES + 5))


def cubes_of(state: list[int]) -> list[int]:
    """The cubes that a permutation takes, in order."""
    cubes: list[int] = []

    def cube(value: int) -> int:
        cubes.append(pow(value, 3, P))
        return cubes[-1]

    permutation(state, cube)
    return cubes


@pytest.mark.parametrize("state", [[0] * WIDTH, [P - 1] * WIDTH, list(range(WIDTH)), STATES[:, 0].tolist()])
def test_one_state_is_permuted(state: list[int]) -> None:
    values = to_montgomery(state)
    permute_one(values)
    assert from_montgomery(values).tolist() == permute(state)


@pytest.mark.parametrize(("first", "last"), [(0, 1), (0, LANES), (3, LANES + 7), (0, 2 * LANES + 5)])
def test_cubes_are_those_of_each_permutation(first: int, last: int) -> None:
    inputs = STATES.copy()
    inputs[:, 0], inputs[:, -1] = 0, P - 1
    cubes = np.zeros((CUBES, inputs.shape[1]), np.uint32)
    fill_cubes(to_montgomery(inputs), cubes, first, last)
    expected = np.zeros(cubes.shape, np.uint64)
    for place in range(first, last):
        expected[:, place] = cubes_of(inputs[:, place].tolist())
    assert np.array_equal(from_montgomery(cubes), expected)
