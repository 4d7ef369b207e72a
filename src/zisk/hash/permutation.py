"""The permutation of one state, as fast as it can be had.

It runs on the kernel where Numba can be imported, in plain integers otherwise; both give the same numbers.
"""

from collections.abc import Sequence
from typing import Any

from zisk.field.koalabear import from_montgomery, to_montgomery
from zisk.hash import poseidon2

try:
    from zisk.kernels.cpu import poseidon2 as _kernel
except ImportError:
    _kernel: Any = None


def permute_state(state: Sequence[int]) -> list[int]:
    """The permutation of 24 canonical elements, canonical."""
    if _kernel is None:
        return poseidon2.permute(state)
    column = to_montgomery(state).reshape(poseidon2.WIDTH, 1)
    _kernel.permute(column)
    return from_montgomery(column[:, 0]).tolist()
