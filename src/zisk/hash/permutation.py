"""The permutation of one state, as fast as it can be had.

It runs on the kernel or in plain integers, as `zisk.hash.kernel_choice` says; both give the same numbers.
"""

from collections.abc import Sequence

from zisk.field.koalabear import from_montgomery, to_montgomery
from zisk.hash import poseidon2
from zisk.hash.kernel_choice import hashing_kernels


def permute_state(state: Sequence[int]) -> list[int]:
    """The permutation of 24 canonical elements, canonical."""
    kernel = hashing_kernels("poseidon2", 1, 0)
    if kernel is None:
        return poseidon2.permute(state)
    column = to_montgomery(state).reshape(poseidon2.WIDTH, 1)
    kernel.permute(column)
    return from_montgomery(column[:, 0]).tolist()


def permute_after_each(state: Sequence[int], elements: Sequence[int], rate: int) -> list[int]:
    """Overwrite the first `rate` elements of a state and permute it, for each `rate` of `elements` in turn.

    All canonical; the number of elements is a multiple of `rate`.
    """
    rows = [elements[start : start + rate] for start in range(0, len(elements), rate)]
    kernel = hashing_kernels("poseidon2", len(rows), 0)
    if kernel is None:
        for row in rows:
            state = poseidon2.permute([*row, *state[rate:]])
        return list(state)
    column = to_montgomery(state)
    kernel.permute_after_each(column, to_montgomery(rows).reshape(-1, rate))
    return from_montgomery(column).tolist()
