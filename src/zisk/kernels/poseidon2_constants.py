"""The constants of Poseidon2 of width 24 over KoalaBear, drawn from the Grain generator, and of its sponge.

Source: Grassi, Khovratovich, Schofnegger, "Poseidon2" (2023), with the parameters of Plonky3. All numbers are
canonical. They live below `zisk.hash` because the kernels of every device are built around them.
"""

from collections.abc import Iterator
from itertools import islice

from zisk.kernels.parameters import P

WIDTH = 24

RATE = 15
"""Elements of the state that a message overwrites; the other nine are the capacity."""

DIGEST_LENGTH = 9
"""Elements of a digest: as many as the capacity has, so that a collision costs 2^139 either way."""

HALF_EXTERNAL_ROUNDS = 4
"""Rounds with every element cubed, before and after the internal ones."""

INTERNAL_ROUNDS = 23
"""Rounds with only the first element cubed."""

_ELEMENT_BITS = 31
_TAPS = (62, 51, 38, 23, 13, 0)
_WARM_UP_STEPS = 160


def _seed() -> list[int]:
    """The initial register: what the permutation is, in bits, most significant first."""
    prime_field, cube = 1, 0
    description = (
        (prime_field, 2),
        (cube, 4),
        (_ELEMENT_BITS, 12),
        (WIDTH, 12),
        (2 * HALF_EXTERNAL_ROUNDS, 10),
        (INTERNAL_ROUNDS, 10),
        (2**30 - 1, 30),
    )
    return [int(digit) for value, bits in description for digit in f"{value:0{bits}b}"]


def _register_bits() -> Iterator[int]:
    """The feedback bits of the shift register, from the first."""
    register = _seed()
    while True:
        bit = sum(register[tap] for tap in _TAPS) % 2
        register = [*register[1:], bit]
        yield bit


def _constants() -> Iterator[int]:
    """The accepted draws: of two bits the second counts if the first is one; numbers >= p are skipped."""
    bits = _register_bits()
    for _ in islice(bits, _WARM_UP_STEPS):
        pass
    kept = (second for first, second in zip(bits, bits, strict=False) if first)
    while True:
        value = int("".join(str(bit) for bit in islice(kept, _ELEMENT_BITS)), 2)
        if value < P:
            yield value


def _rounds(draws: Iterator[int]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(islice(draws, WIDTH)) for _ in range(HALF_EXTERNAL_ROUNDS))


_draws = _constants()

EXTERNAL_INITIAL = _rounds(_draws)
"""Constants of the external rounds before the internal ones: 4 rows of 24."""

INTERNAL = tuple(islice(_draws, INTERNAL_ROUNDS))
"""Constants of the internal rounds, one each, for the first element."""

EXTERNAL_FINAL = _rounds(_draws)
"""Constants of the external rounds after the internal ones: 4 rows of 24."""

BLOCK = ((2, 3, 1, 1), (1, 2, 3, 1), (1, 1, 2, 3), (3, 1, 1, 2))
"""The external layer mixes four neighbours by this matrix, then adds up elements at equal places."""

DIAGONAL_FACTORS: tuple[tuple[int, int], ...] = (
    (-1, 1),
    (1, 0),
    (1, 1),
    (1, -1),
    (3, 0),
    (1, 2),
    (-1, -1),
    (-3, 0),
    (-1, 2),
    *((1, -exponent) for exponent in (8, 2, 3, 4, 5, 6, 24)),
    *((-1, -exponent) for exponent in (8, 3, 4, 5, 6, 7, 9, 24)),
)
"""The diagonal of the internal layer, V_i = factor * 2^exponent: a kernel needs shifts only."""

DIAGONAL = tuple(factor * pow(2, exponent, P) % P for factor, exponent in DIAGONAL_FACTORS)
"""The internal layer is y_i = sum(x) + V_i x_i; these are the V_i."""
