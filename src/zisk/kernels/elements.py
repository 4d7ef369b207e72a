"""Arrays of field elements as kernels take them: the way in and out of Montgomery form, and bit reversal."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zisk.kernels.parameters import MONTGOMERY_BITS, MONTGOMERY_ONE, P

_MONTGOMERY_INVERSE = np.uint64(pow(MONTGOMERY_ONE, -1, P))


def to_montgomery(canonical: ArrayLike) -> NDArray[np.uint32]:
    """Canonical elements, of any shape, as the uint32 that kernels take. The input is not checked."""
    return ((np.asarray(canonical, np.uint64) << np.uint64(MONTGOMERY_BITS)) % np.uint64(P)).astype(np.uint32)


def from_montgomery(values: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """The canonical elements, as uint64, behind an array from a kernel."""
    return np.asarray(values, np.uint64) * _MONTGOMERY_INVERSE % np.uint64(P)


def bit_reversal(bits: int) -> NDArray[np.int64]:
    """The array of `zisk.field.koalabear.bit_reverse(i, bits)` for i in 0..2^bits - 1."""
    result = np.zeros(1, np.int64)
    for _ in range(bits):
        result = np.concatenate((2 * result, 2 * result + 1))
    return result
