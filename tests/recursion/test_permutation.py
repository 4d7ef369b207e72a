"""The permutation written over any values is Poseidon2, and takes the cubes it says."""

from zisk.field.koalabear import P
from zisk.hash.poseidon2 import WIDTH, permute
from zisk.kernels.cpu.circuit_poseidon2 import CUBES
from zisk.recursion.permutation import permutation


def test_over_integers_it_is_the_permutation() -> None:
    cubes: list[int] = []

    def cube(value: int) -> int:
        cubes.append(value**3 % P)
        return cubes[-1]

    state = list(range(5, 5 + WIDTH))
    assert [value % P for value in permutation(state, cube)] == permute(state)
    assert len(cubes) == CUBES == 215
