"""Proximity regimes: how far from the code words may be, how many polynomials they decode to, at what error.

Everything is an exact fraction. The rate of a circuit's code has an irrational root, so the Johnson radius is
taken with a rational bound of it on the safe side.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE

CHALLENGE_FIELD_SIZE = P**DEGREE
"""Size of K, about 2^154.94: every challenge but the query indices is an element of it."""

OPENING_POINTS = 2
"""Columns are opened at zeta and at most at omega zeta."""

SMALLEST_MULTIPLICITY = 3
"""Theorem 4.2 of BCHKS25 takes the multiplicity of its decoder as at least three."""

ROOT_BITS = 64
"""Binary places of the rational bounds of a root."""


@dataclass(frozen=True, slots=True)
class Regime:
    """A radius for words on a domain of n = `length` points and polynomials of degree below N = `dimension`.

    Attributes:
        name: what it is called in reports.
        radius: theta; words that agree with polynomials on (1 - theta) n points count as close.
        list_size: bounds the candidates, tuples of polynomials of degree below N + c, that agree with given
            words on a common set of (1 - theta) n points.
        multiplicity: m of the Guruswami-Sudan decoder in the Johnson regime; None in unique decoding.
    """

    name: str
    dimension: int
    length: int
    radius: Fraction
    list_size: Fraction
    multiplicity: int | None

    def line_error(self, length: int, field_size: int = CHALLENGE_FIELD_SIZE) -> Fraction:
        """A random point of a line of words of this rate on `length` points is close, yet the line is not.

        Unique decoding: (theta n + 1) / q, BCHKS25 (ePrint 2025/2055), corollary 1.4. Johnson, with
        M = m + 1/2: ((2 M^5 + 3 M theta rho) n / (3 rho^1.5) + M / rho^0.5) / q, theorem 4.2.
        """
        if self.multiplicity is None:
            return (self.radius * length + 1) / field_size
        rate = Fraction(self.dimension, self.length)
        root, half = root_below(rate), self.multiplicity + Fraction(1, 2)
        linear = (2 * half**5 + 3 * half * self.radius * rate) * length / (3 * rate * root)
        return (linear + half / root) / field_size

    def powers_error(self, functions: int, length: int, field_size: int = CHALLENGE_FIELD_SIZE) -> Fraction:
        """B - 1 times the error of a line: `functions` words combined with powers of one challenge.

        Covers batching (B opened values) and a fold (B is the arity, `length` that after the fold).
        """
        return (functions - 1) * self.line_error(length, field_size)

    def query_error(self, queries: int) -> Fraction:
        """(1 - theta)^t: no query meets the error of a word that is theta-far."""
        return (1 - self.radius) ** queries


def unique_decoding(dimension: int, length: int, points: int = OPENING_POINTS) -> Regime:
    """The radius theta = (1 - (N + c) / n) / 2 within which a word has one polynomial of degree below N + c.

    Division by (X - z) at c points raises the degree that a low-degree quotient proves from N to N + c, so
    uniqueness is asked for at N + c. With c = 0 this is (1 - rho) / 2.
    """
    radius = (1 - Fraction(dimension + points, length)) / 2
    return Regime("unique decoding", dimension, length, radius, Fraction(1), None)


def johnson(dimension: int, length: int, multiplicity: int, points: int = OPENING_POINTS) -> Regime:
    """The radius theta = 1 - (1 + 1 / (2 m)) sqrt((N + c) / n), with lists up to (m + 1/2) / sqrt(N / n).

    Candidates agree with a word on (1 - theta) n points, which is more than N + c: the root of a number below
    1 is greater than the number.

    Raises:
        ValueError: the theorem has no such multiplicity, or the radius is not positive.
    """
    if multiplicity < SMALLEST_MULTIPLICITY:
        raise ValueError(f"multiplicity {multiplicity} is too small: take at least {SMALLEST_MULTIPLICITY}")
    agreement = root_above(Fraction(dimension + points, length)) * (1 + Fraction(1, 2 * multiplicity))
    if agreement >= 1:
        raise ValueError(
            f"multiplicity {multiplicity} leaves no radius for degree {dimension} on {length} points: take a "
            "greater one or a greater blowup"
        )
    list_size = (multiplicity + Fraction(1, 2)) / root_below(Fraction(dimension, length))
    return Regime("Johnson", dimension, length, 1 - agreement, list_size, multiplicity)


def root_below(value: Fraction) -> Fraction:
    """The greatest multiple of 2^-64 whose square is at most `value`."""
    scaled = (value.numerator << 2 * ROOT_BITS) // value.denominator
    return Fraction(isqrt(scaled), 1 << ROOT_BITS)


def root_above(value: Fraction) -> Fraction:
    """A multiple of 2^-64 whose square is at least `value`, no more than 2^-64 above the root."""
    below = root_below(value)
    return below if below**2 == value else below + Fraction(1, 1 << ROOT_BITS)
