"""Columns between the canonical form of the machine's tables and the Montgomery form of kernels."""

import numpy as np
from numpy.typing import NDArray

from zisk.kernels.cpu.field import mul, reduce
from zisk.kernels.jit import kernel
from zisk.kernels.parameters import MONTGOMERY_SQUARE

_SQUARE = np.uint32(MONTGOMERY_SQUARE)


@kernel
def fill_montgomery(target: NDArray[np.uint32], numbers: NDArray[np.uint32]) -> None:
    """Set the first elements of `target` to the Montgomery forms of 32-bit numbers, of any size."""
    for at in range(numbers.size):
        target[at] = mul(numbers[at], _SQUARE)  # the product is below 2^32 p


@kernel
def fill_canonical(target: NDArray[np.int64], values: NDArray[np.uint32]) -> None:
    """Set `target` to the canonical elements behind reduced Montgomery forms."""
    for at in range(values.size):
        target[at] = np.int64(reduce(np.uint64(values[at])))


def warm() -> None:
    """Compile the kernels."""
    column = np.ones(1, np.uint32)
    fill_montgomery(np.empty(1, np.uint32), column)
    fill_canonical(np.empty(1, np.int64), column)
