"""Proven round-by-round soundness of segment and circuit proofs, term by term.

A regime (`zisk.stark.proximity`) says how far from the code the committed words may be. Segments are analysed
in unique decoding only: with one challenge across M commitments a decoder that lists l candidates costs l^M,
and l = 1 costs nothing. Circuits draw every challenge for one proof and may be analysed in the Johnson
regime, where LogUp, constraints and the out-of-domain point pay the list once.

Errors are exact fractions; grinding multiplies the error of its round. `docs/soundness.md` derives each
formula. N is the trace length, n the length of the evaluation domain, q the size of the challenge field,
theta the proximity radius, l the size of the list.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from zisk.field.koalabear import P
from zisk.stark.kind import GLOBAL_TERMS, WEIGHT_LIMIT
from zisk.stark.parameters import SecurityParameters
from zisk.stark.proximity import CHALLENGE_FIELD_SIZE, OPENING_POINTS, Regime, johnson, unique_decoding

DIGEST_ELEMENTS = 9
"""Field elements in a digest: 279 bits."""

PUBLIC_TERMS = 2**7
"""Bounds the public terms of a job, those of all kinds of segments; core and edges have 71."""

JOB_GLOBAL_FRACTIONS = 2 * WEIGHT_LIMIT + GLOBAL_TERMS * WEIGHT_LIMIT + PUBLIC_TERMS
"""Bounds the fractions of all global buses of a job.

Tables send less than the weight limit and receive less. A segment has weight 1 at least, so there are
fewer segments than the limit, and the verifier adds two tokens at most for each.
"""

STATEMENT = (
    "{level}-bit proven round-by-round soundness of the IOP; {collision}-bit collision resistance; "
    "Fiat-Shamir with Poseidon2, and recursion over it, are heuristic as in every deployed system"
)


def constraint_error(constraints: int, field_size: int = CHALLENGE_FIELD_SIZE) -> Fraction:
    """C / q: powers of beta combine C constraints into zero although one of them is not.

    Source: ePrint 2022/1216, theorem 8, for one candidate.
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
    degree; zeta lies outside the trace and evaluation domains. Source: ePrint 2022/1216, theorem 8, for one
    candidate, with N in the place of N - 1 for the transition factor of a table of height 1.
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
    """What the report needs of one kind at one size.

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
    """Elements of the longest message on a global bus of any kind of the job, the bus id not counted; 0 for
    circuits, which have none."""
    public_terms_local: int = 2
    """Messages that the verifier adds to the local sum: the state tokens of a core segment, the public values
    of a circuit."""
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
        """Fractions on local buses with every table at its maximal height, and the verifier's terms."""
        rows = sum(table.fractions_local << table.maximal_log_height for table in self.tables)
        return rows + self.public_terms_local

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
    """Every term of one kind at one size and level, in the order of the transcript."""

    kind: str
    log_size: int
    level: int
    proximity: Regime
    terms: tuple[ErrorTerm, ...]
    collision_bits: int

    @property
    def radius(self) -> Fraction:
        """The proximity radius theta."""
        return self.proximity.radius

    @property
    def regime(self) -> str:
        """The regime's name, and its multiplicity where it has one."""
        multiplicity = self.proximity.multiplicity
        return self.proximity.name + ("" if multiplicity is None else f" with multiplicity {multiplicity}")

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


_CORRELATED = {
    "unique decoding": "BCHKS25 (ePrint 2025/2055) corollary 1.4",
    "Johnson": "BCHKS25 (ePrint 2025/2055) theorems 4.2 and 4.6",
}
_LINE = {"unique decoding": "(theta n{0} + 1) / q", "Johnson": "e(n{0}, m)"}
_DEEP_ALI = "ePrint 2022/1216 theorem 8"
_LOGUP = "ePrint 2022/1530"


def regime_of(log_size: int, parameters: SecurityParameters) -> Regime:
    """The regime in which these parameters are analysed at 2^log_size rows."""
    dimension = 1 << log_size
    length = dimension << parameters.log_blowup
    if parameters.multiplicity is None:
        return unique_decoding(dimension, length)
    return johnson(dimension, length, parameters.multiplicity)


def report(shape: ShapeSummary, parameters: SecurityParameters) -> SoundnessReport:
    """The soundness of a proof of this shape with these parameters.

    Heights enter at their maxima and the job at its weight limit, so the report holds for every proof that
    a verifier with these parameters accepts.

    Raises:
        ValueError: the Johnson regime is asked for a kind with global buses, whose challenge is drawn for
            many commitments at once.
    """
    if parameters.multiplicity is not None and shape.message_length_global:
        raise ValueError(
            f"{shape.kind} speaks on global buses: analyse it in unique decoding, with multiplicity None"
        )
    regime = regime_of(shape.log_size, parameters)
    candidates = regime.list_size
    listed = "" if parameters.multiplicity is None else f"l = {float(candidates):.2f} times "
    line = _LINE[regime.name]
    terms: list[ErrorTerm] = []

    def add(name: str, error: Fraction, grinding: int, formula: str, source: str) -> None:
        terms.append(ErrorTerm(name, error * grinding_error(grinding), grinding, formula, source))

    if shape.message_length_global:
        add(
            "global LogUp",
            bus_error(JOB_GLOBAL_FRACTIONS, shape.message_length_global),
            parameters.global_grinding_bits,
            f"T (W + 2) / q, T = {JOB_GLOBAL_FRACTIONS}, W = {shape.message_length_global}",
            _LOGUP,
        )
    add(
        "local LogUp",
        candidates * bus_error(shape.local_fractions, shape.message_length_local),
        parameters.local_grinding_bits,
        f"{listed}T (W + 2) / q, T = {shape.local_fractions}, W = {shape.message_length_local}",
        _LOGUP,
    )
    add(
        "constraints (ALI)",
        candidates * constraint_error(shape.constraints),
        parameters.constraint_grinding_bits,
        f"{listed}C / q, C = {shape.constraints}",
        _DEEP_ALI,
    )
    add(
        "out of domain (DEEP)",
        candidates * deep_error(regime.dimension, regime.length, shape.degree),
        parameters.deep_grinding_bits,
        f"{listed}(d (N + c - 1) + N) / (q - N - n), d = {shape.degree}, c = {OPENING_POINTS}",
        _DEEP_ALI,
    )
    add(
        "batching",
        regime.powers_error(shape.batching_powers, regime.length),
        parameters.batching_grinding_bits,
        f"(B - 1) {line.format('')}, B = {shape.batching_powers}",
        _CORRELATED[regime.name],
    )
    arity = 1 << parameters.log_folding_arity
    for fold in range(parameters.fri_rounds(shape.log_size)):
        folded = regime.length >> (parameters.log_folding_arity * (fold + 1))
        add(
            f"fold {fold + 1}",
            regime.powers_error(arity, folded),
            parameters.fold_grinding(fold),
            f"(k - 1) {line.format(f'_{fold + 1}')}, k = {arity}, n_{fold + 1} = {folded}",
            _CORRELATED[regime.name],
        )
    add(
        "queries",
        regime.query_error(parameters.queries),
        parameters.query_grinding_bits,
        f"(1 - theta)^t, t = {parameters.queries}",
        "FRI with a committed batch, docs/soundness.md",
    )
    return SoundnessReport(
        shape.kind, shape.log_size, parameters.level, regime, tuple(terms), collision_bits()
    )


def _hundredths(bits: float) -> float:
    """Bits rounded down to hundredths, so that a table never shows more than is proved."""
    return math.floor(bits * 100) / 100
