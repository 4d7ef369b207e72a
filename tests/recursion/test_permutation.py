"""The permutation written over any values is Poseidon2, and takes the cubes it says."""

import numpy as np

from zisk.field.koalabear import P
from zisk.hash.poseidon2 import WIDTH, permute
from zisk.recursion.permutation import CUBES, permutation


def test_over_integers_it_is_the_permutation() -> None:
    cubes: list[int] = []

    def cube(value: int) -> int:
        cubes.append(value**3 % P)
        return cubes[-1]

    state = list(range(5, 5 + WIDTH))
    assert permutation(state, cube, lambda value: value % P) == permute(state)
    assert len(cubes) == CUBES == 215


def test_sums_of_largest_elements_fit_in_64_bits() -> None:
    state = [np.full(1, P - 1, np.uint64)] * WIDTH
    prime = np.uint64(P)
    result = permutation(state, lambda x: x * x % prime * x % prime, lambda x: x % prime)
    assert [int(value[0]) for value in result] == permute([P - 1] * WIDTH)
