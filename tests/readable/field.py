"""KoalaBear and its extension of degree 5 (docs/soundness.md, section 2).

An element of F is an int from 0 to P - 1.
"""

from __future__ import annotations

from collections.abc import Iterable

P = 2**31 - 2**24 + 1
GENERATOR = 3
TWO_ADICITY = 24
DEGREE = 5


def root_of_unity(log_order: int) -> int:
    """The root w of order 2^log_order: 3^127 has order 2^24, and each is the square of the one before."""
    return pow(pow(GENERATOR, 127, P), 1 << (TWO_ADICITY - log_order), P)


def coset_shift(log_height: int) -> int:
    """The shift of the evaluation domain of a trace with 2^log_height rows."""
    return pow(GENERATOR, 1 << (22 - log_height), P)


def bit_reverse(value: int, bits: int) -> int:
    """The number whose `bits` binary digits are those of `value` read backwards."""
    return int(f"{value:0{bits}b}"[::-1], 2) if bits else 0


class K:
    """An element of F[X]/(X^5 + X^2 - 1): five coefficients, lowest first."""

    __slots__ = ("coefficients",)

    def __init__(self, coefficients: Iterable[int]) -> None:
        self.coefficients = tuple(value % P for value in coefficients)

    @staticmethod
    def of(value: K | int) -> K:
        """An integer as an element of K."""
        return value if isinstance(value, K) else K((value, 0, 0, 0, 0))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (K, int)) and self.coefficients == K.of(other).coefficients

    def __hash__(self) -> int:
        return hash(self.coefficients)

    def __repr__(self) -> str:
        return f"K{self.coefficients}"

    def __add__(self, other: K | int) -> K:
        return K(a + b for a, b in zip(self.coefficients, K.of(other).coefficients, strict=True))

    def __sub__(self, other: K | int) -> K:
        return K(a - b for a, b in zip(self.coefficients, K.of(other).coefficients, strict=True))

    def __neg__(self) -> K:
        return K(-a for a in self.coefficients)

    def __mul__(self, other: K | int) -> K:
        if isinstance(other, int):
            return K(a * other for a in self.coefficients)
        product = [0] * (2 * DEGREE - 1)
        for i, a in enumerate(self.coefficients):
            for j, b in enumerate(other.coefficients):
                product[i + j] += a * b
        for power in range(2 * DEGREE - 2, DEGREE - 1, -1):
            # X^5 = 1 - X^2
            product[power - 5] += product[power]
            product[power - 3] -= product[power]
        return K(product[:DEGREE])

    def __pow__(self, exponent: int) -> K:
        result, base = ONE, self
        while exponent:
            if exponent & 1:
                result = result * base
            base = base * base
            exponent >>= 1
        return result

    def inverse(self) -> K:
        """One over this; raises ZeroDivisionError for zero."""
        if self == ZERO:
            raise ZeroDivisionError("zero has no inverse in K")
        return self ** (P**DEGREE - 2)


ZERO = K((0, 0, 0, 0, 0))
ONE = K((1, 0, 0, 0, 0))


def powers(base: K, count: int) -> list[K]:
    """1, base, base^2, ...: `count` of them."""
    result = [ONE]
    while len(result) < count:
        result.append(result[-1] * base)
    return result[:count]


def join(values: Iterable[K]) -> K:
    """The value of a polynomial over K from those of its five coefficient polynomials over F."""
    return sum((value * K(int(i == j) for j in range(DEGREE)) for i, value in enumerate(values)), ZERO)
