"""The prime field of KoalaBear: constants, roots of unity, and the way in and out of Montgomery form.

Numbers are canonical integers in [0, p) unless a name says Montgomery.
"""

import numpy as np
from numpy.typing import NDArray

from zisk.kernels.elements import bit_reversal, from_montgomery, to_montgomery
from zisk.kernels.parameters import GENERATOR, TWO_ADICITY, P, root_of_unity

__all__ = [
    "COSET_LOG_HEIGHT",
    "GENERATOR",
    "TWO_ADICITY",
    "P",
    "bit_reversal",
    "bit_reverse",
    "coset_shift",
    "from_montgomery",
    "inverse",
    "inverse_array",
    "power_array",
    "root_of_unity",
    "to_montgomery",
]

COSET_LOG_HEIGHT = 22
"""The height whose coset shift is the generator itself: the largest table the prover takes."""


def coset_shift(log_height: int) -> int:
    """The shift 3^(2^(22 - h)) of the coset on which a table of height 2^h, h in 0..22, is extended.

    Raising the coset of height 2^22 to the power 2^(22 - h) gives the coset of height 2^h.
    """
    if not 0 <= log_height <= COSET_LOG_HEIGHT:
        raise ValueError(f"tables have heights 2^0 to 2^{COSET_LOG_HEIGHT}, not 2^{log_height}")
    return pow(GENERATOR, 1 << (COSET_LOG_HEIGHT - log_height), P)


def inverse(value: int) -> int:
    """The multiplicative inverse; ZeroDivisionError for zero."""
    if value % P == 0:
        raise ZeroDivisionError("zero has no inverse in KoalaBear")
    return pow(value, -1, P)


def power_array(values: NDArray[np.uint64], exponent: int) -> NDArray[np.uint64]:
    """Raise every canonical element to a power >= 0."""
    result = np.ones_like(values)
    for bit in bin(exponent)[2:]:
        result = result * result % P
        if bit == "1":
            result = result * values % P
    return result


def inverse_array(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The inverse of every canonical element; zero gives zero."""
    return power_array(values, P - 2)


def bit_reverse(index: int, bits: int) -> int:
    """The number whose `bits` binary digits are those of `index` read backwards."""
    return int(f"{index:0{bits}b}"[::-1], 2) if bits else 0
