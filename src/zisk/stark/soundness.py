"""Proven round-by-round soundness of segment proofs, term by term.

Unique decoding only: with one challenge across M commitments a decoder that lists l candidates costs l^M,
and l = 1 costs nothing. Errors are exact fractions; grinding multiplies the error of its round.
`docs/soundness.md` derives each formula. N is the trace length, n the length of the evaluation domain,
q the size of the challenge field, theta the proximity radius.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from zisk.field.koalabear import P
from zisk.field.quintic import DEGREE
from zisk.stark.kind import WEIGHT_LIMIT
from zisk.stark.parameters import SecurityParameters

CHALLENGE_FIELD_SIZE = P**DEGREE
"""Size of K, about 2^154.94: every challenge but the query indices is an element of it."""

DIGEST_ELEMENTS = 9
"""Field elements in a digest: 279 bits."""

OPENING_POINTS = 2
"""Columns are opened at zeta and at most at omega zeta."""

PUBLIC_TERMS = 2**7
"""Bounds the public terms of a job: entry, halt, exit, 64 outputs, both ends of the edges chain."""

JOB_GLOBAL_FRACTIONS = 2 * WEIGHT_LIMIT + 2 * WEIGHT_LIMIT + PUBLIC_TERMS
"""Bounds the fractions of all global buses of a job.

Tables send less than the weight limit and receive less. A core segment has weight 1 at least, so there are
fewer segments than the limit, and the verifier adds two tokens for each.
"""

LOCAL_PUBLIC_TERMS = 2
"""The state tokens that the verifier adds to the local sum of a core segment."""

STATEMENT = (
    "{level}-bit proven round-by-round soundness of the IOP; {collision}-bit collision resistance; "
    "Fiat-Shamir with Poseidon2, and recursion over it, are heuristic as in every deployed system"
)


def unique_decoding_radius(dimension: int, length: int, points: int = OPENING_POINTS) -> Fraction:
    """The radius theta = (1 - (N + c) / n) / 2 within which a word has one polynomial of degree below N + c.

    Division by (X - z) at c points raises the degree that a low-degree quotient proves from N to N + c, so
    uniqueness is asked for at N + c. With c = 0 this is (1 - rho) / 2.
    """
    return (1 - Fraction(dimension + points, length)) / 2


def line_error(radius: Fraction, length: int, field_size: int = CHALLENGE_FIELD_SIZE) -> Fraction:
    """(theta n + 1) / q: a random point of a line is close although the line is not.

    Source: BCHKS25 (ePrint 2025/2055), corollary 1.4.
    """
    return (radius * length + 1) / field_size


def powers_error(
    functions: int, radius: Fraction, length: int, field_size: int = CHALLENGE_FIELD_SIZE
) -> Fraction:
    """(B - 1) (theta n + 1) / q: `functions` words combined with powers of one challenge.

    Covers batching (B opened values) and a fold (B is the arity, n the length after the fold).
    """
    return (functions - 1) * line_error(radius, length, field_size)


def query_error(radius: Fraction, queries: int) -> Fraction:
    """(1 - theta)^t: no query meets the error of a word that is theta-far."""
    return (1 - radius) ** queries


def constraint_error(constraints: int, field_size: int = CHALLENGE_FIELD_SIZE) -> Fraction:
    """C / q: powers of beta combine C constraints into zero although one of them is not.

    Source: ePrint 2022/1216, theorem 8, with list size 1.
    """
    return Fraction(constraints, field_size)


def deep_error(
    dimension: int,
    length: int,
    degree: int,
    points: int = OPENING_POINTS,
    field_size: int = CHALLENGE_FIELD_SIZE,
) -> Fraction:
    """(d (N + c - 1) + N) / (q - N - n): a false constraint identity holds at zeta.

    d columns of degree below N + c times a transition factor of degree at most N bound the identity's
    degree; zeta lies outside the trace and evaluation domains. Source: ePrint 2022/1216, theorem 8, with
    list size 1 and N in the place of N - 1 for the transition factor of a table of height 1.
    """
    return Fraction(degree * (dimension + points - 1) + dimension, field_size - dimension - length)


def bus_error(fractions: int, message_length: int, field_size: int = CHALLENGE_FIELD_SIZE) -> Fraction:
    """T (W + 2) / q: T fractions that do not cancel sum to zero, or one of the T denominators is zero.

    The numerator over the common denominator has degree below T W in (alpha, beta), the T denominators are
    linear in alpha, and one more T / q covers the bus id as an element of the message.
    Source: ePrint 2022/1530; Plonky3, security/src/logup.rs.
    """
    return Fraction(fractions * (message_length + 2), field_size)


def grinding_error(bits: int) -> Fraction:
    """Probability that a uniform element of F has `bits` low zero bits: about 2^-bits."""
    return Fraction((P - 1) // 2**bits + 1, P)


def bits_of(error: Fraction) -> float:
    """-log2 of an error."""
    return math.log2(error.denominator) - math.log2(error.numerator)


def collision_bits(elements: int = DIGEST_ELEMENTS) -> int:
    """Bits of work to find two inputs of one digest by birthday search, rounded down."""
    return math.floor(elements * math.log2(P) / 2)


@dataclass(frozen=True, slots=True)
class TableSummary:
    """What the report needs of one table."""

    name: str
    fractions_local: int
    """Messages that each row puts on local buses."""
    fractions_global: int
    """Messages that each row puts on global buses."""
    maximal_log_height: int
    """log2 of the greatest height a proof may claim; of the constant height where it is fixed."""


@dataclass(frozen=True, slots=True)
class ShapeSummary:
    """What the report needs of one kind of segment at one size.

    Raises:
        ValueError: a count contradicts another.
    """

    kind: str
    log_size: int
    """log2 of N."""
    columns: int
    """Base columns opened at zeta: preprocessed, main, stage 2 (five each) and quotient (ten)."""
    columns_next: int
    """Base columns opened at omega zeta too."""
    constraints: int
    """Constraints of all tables, LogUp's among them."""
    tables: Sequence[TableSummary]
    message_length_local: int
    """Elements of the longest message on a local bus, the bus id not counted."""
    message_length_global: int
    """Elements of the longest message on a global bus of any kind of the job, the bus id not counted."""
    degree: int = 3
    """Greatest degree of a constraint in columns and in first-row and last-row selectors."""

    def __post_init__(self) -> None:
        if not 0 <= self.columns_next <= self.columns:
            raise ValueError(
                f"{self.kind}: {self.columns_next} of {self.columns} columns cannot be read next"
            )
        for table in self.tables:
            if not 0 <= table.maximal_log_height <= self.log_size:
                raise ValueError(
                    f"{self.kind}: table {table.name} has height 2^{table.maximal_log_height}, "
                    f"the segment 2^{self.log_size}"
                )
        if self.global_fractions >= 2 * WEIGHT_LIMIT:
            raise ValueError(
                f"{self.kind}: one segment can put {self.global_fractions} fractions on global buses, "
                f"a job fewer than {2 * WEIGHT_LIMIT}: lower the maximal heights"
            )

    @property
    def local_fractions(self) -> int:
        """Fractions on local buses with every table at its maximal height, and the verifier's tokens."""
        rows = sum(table.fractions_local << table.maximal_log_height for table in self.tables)
        return rows + LOCAL_PUBLIC_TERMS

    @property
    def global_fractions(self) -> int:
        """Fractions on global buses of one segment with every table at its maximal height."""
        return sum(table.fractions_global << table.maximal_log_height for table in self.tables)

    @property
    def batching_powers(self) -> int:
        """Powers of gamma from 0 to the highest in use.

        The second point's part has the powers of its columns, each times gamma to the number of columns.
        """
        return 2 * self.columns if self.columns_next else self.columns


@dataclass(frozen=True, slots=True)
class ErrorTerm:
    """The error of one round of the protocol."""

    name: str
    error: Fraction
    """With grinding."""
    grinding_bits: int
    formula: str
    source: str

    @property
    def bits(self) -> float:
        """-log2 of the error."""
        return bits_of(self.error)


@dataclass(frozen=True, slots=True)
class SoundnessReport:
    """Every term of one kind of segment at one size and level, in the order of the transcript."""

    kind: str
    log_size: int
    level: int
    radius: Fraction
    terms: tuple[ErrorTerm, ...]
    collision_bits: int

    regime = "unique decoding"

    @property
    def weakest(self) -> ErrorTerm:
        """The term with the greatest error; the first of equals."""
        return max(self.terms, key=lambda term: term.error)

    @property
    def bits(self) -> int:
        """Bits of round-by-round soundness, rounded down."""
        return math.floor(self.weakest.bits)

    @property
    def shortfalls(self) -> tuple[ErrorTerm, ...]:
        """The terms that miss the level, compared exactly."""
        return tuple(term for term in self.terms if term.error * 2**self.level > 1)

    @property
    def statement(self) -> str:
        """What may be claimed, in the only words the project uses for it."""
        return STATEMENT.format(level=self.bits, collision=self.collision_bits)

    def as_dict(self) -> dict[str, object]:
        """Values that JSON can hold; bits are rounded down to hundredths."""
        return {
            "kind": self.kind,
            "log_size": self.log_size,
            "level": self.level,
            "bits": self.bits,
            "weakest": self.weakest.name,
            "regime": self.regime,
            "radius": float(self.radius),
            "collision_bits": self.collision_bits,
            "statement": self.statement,
            "terms": [
                {
                    "name": term.name,
                    "bits": _hundredths(term.bits),
                    "grinding_bits": term.grinding_bits,
                    "formula": term.formula,
                    "source": term.source,
                }
                for term in self.terms
            ],
        }

    def text(self) -> str:
        """A table of the terms and the statement, for people."""
        width = max(len(term.name) for term in self.terms)
        head = f"{self.kind}, 2^{self.log_size} rows, level {self.level}, {self.regime}"
        lines = [f"{head}: {self.bits} bits, by {self.weakest.name}"]
        lines += [
            f"  {term.name:{width}}  {_hundredths(term.bits):6.2f}  grinding {term.grinding_bits:2}  "
            f"{term.formula}  [{term.source}]"
            for term in self.terms
        ]
        return "\n".join([*lines, self.statement])


_BCHKS25 = "BCHKS25 (ePrint 2025/2055) corollary 1.4"
_DEEP_ALI = "ePrint 2022/1216 theorem 8"
_LOGUP = "ePrint 2022/1530"


def report(shape: ShapeSummary, parameters: SecurityParameters) -> SoundnessReport:
    """The soundness of a segment of this shape with these parameters.

    Heights enter at their maxima and the job at its weight limit, so the report holds for every proof that
    a verifier with these parameters accepts.
    """
    dimension = 1 << shape.log_size
    length = dimension << parameters.log_blowup
    radius = unique_decoding_radius(dimension, length)
    terms: list[ErrorTerm] = []

    def add(name: str, error: Fraction, grinding: int, formula: str, source: str) -> None:
        terms.append(ErrorTerm(name, error * grinding_error(grinding), grinding, formula, source))

    add(
        "global LogUp",
        bus_error(JOB_GLOBAL_FRACTIONS, shape.message_length_global),
        parameters.global_grinding_bits,
        f"T (W + 2) / q, T = {JOB_GLOBAL_FRACTIONS}, W = {shape.message_length_global}",
        _LOGUP,
    )
    add(
        "local LogUp",
        bus_error(shape.local_fractions, shape.message_length_local),
        parameters.local_grinding_bits,
        f"T (W + 2) / q, T = {shape.local_fractions}, W = {shape.message_length_local}",
        _LOGUP,
    )
    add(
        "constraints (ALI)",
        constraint_error(shape.constraints),
        parameters.constraint_grinding_bits,
        f"C / q, C = {shape.constraints}",
        _DEEP_ALI,
    )
    add(
        "out of domain (DEEP)",
        deep_error(dimension, length, shape.degree),
        parameters.deep_grinding_bits,
        f"(d (N + c - 1) + N) / (q - N - n), d = {shape.degree}, c = {OPENING_POINTS}",
        _DEEP_ALI,
    )
    add(
        "batching",
        powers_error(shape.batching_powers, radius, length),
        parameters.batching_grinding_bits,
        f"(B - 1) (theta n + 1) / q, B = {shape.batching_powers}",
        _BCHKS25,
    )
    arity = 1 << parameters.log_folding_arity
    for fold in range(parameters.fri_rounds(shape.log_size)):
        folded = length >> (parameters.log_folding_arity * (fold + 1))
        add(
            f"fold {fold + 1}",
            powers_error(arity, radius, folded),
            parameters.fold_grinding(fold),
            f"(k - 1) (theta n_{fold + 1} + 1) / q, k = {arity}, n_{fold + 1} = {folded}",
            _BCHKS25,
        )
    add(
        "queries",
        query_error(radius, parameters.queries),
        parameters.query_grinding_bits,
        f"(1 - theta)^t, t = {parameters.queries}",
        "FRI with a committed batch, docs/soundness.md",
    )
    return SoundnessReport(
        shape.kind, shape.log_size, parameters.level, radius, tuple(terms), collision_bits()
    )


def _hundredths(bits: float) -> float:
    """Bits rounded down to hundredths, so that a table never shows more than is proved."""
    return math.floor(bits * 100) / 100
