"""The parameters that fix the soundness of a proof: of segments and of each role of circuit, at two levels.

Every number here enters a term of `zisk.stark.soundness`; none of them is read off a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from zisk.choices import SECURITY_LEVELS
from zisk.errors import ErrorKind, ZiskError

MAXIMAL_GRINDING_BITS = 24
"""A nonce is found with 2^24 permutations, fewer than one commitment at a great blowup takes.

F has p - 1 = 127 * 2^24, so that no more than 24 low bits of an element are close to uniform.
"""


class UnknownSecurityLevelError(ZiskError, ValueError):
    """A security level that the package does not offer."""

    kind = ErrorKind.USAGE

    def __init__(self, level: object) -> None:
        offered = " or ".join(str(known) for known in SECURITY_LEVELS)
        super().__init__(f"security level {level!r} does not exist: choose {offered}")
        self.level = level


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityParameters:
    """What a prover and a verifier agree on beside the key.

    A grinding value is the number of zero bits that the proof-of-work before that challenge must show;
    with 0 there is no proof-of-work and no nonce.
    """

    level: int
    """Bits of round-by-round soundness that every term of the report reaches."""
    queries: int
    """FRI queries, drawn with replacement."""
    query_grinding_bits: int = 20
    """Before the query indices."""
    global_grinding_bits: int = 0
    """Before the job's global alpha and beta; paid once in a job."""
    local_grinding_bits: int = 0
    """Before a segment's local alpha and beta."""
    constraint_grinding_bits: int = 0
    """Before beta, whose powers combine the constraints."""
    deep_grinding_bits: int = 0
    """Before zeta, the out-of-domain point."""
    batching_grinding_bits: int = 0
    """Before gamma, whose powers combine the opened columns."""
    fold_grinding_bits: tuple[int, ...] = ()
    """Before the challenge of each fold, first fold first; later folds have none."""
    log_blowup: int = 1
    """log2 of evaluation domain over trace length; the code's rate is its inverse power."""
    log_folding_arity: int = 3
    """log2 of the number of points that one FRI fold combines."""
    smallest_final_bits: int = 4
    """Folds go on while the degree bound after the fold is at least two to this."""
    cap_log: int = 7
    """log2 of the digests in a Merkle cap; a small tree has its cap in the level above the leaves."""
    multiplicity: int | None = None
    """m of the Johnson regime in which soundness is reported; None for unique decoding."""

    def __post_init__(self) -> None:
        counts = (
            self.query_grinding_bits,
            self.global_grinding_bits,
            self.local_grinding_bits,
            self.constraint_grinding_bits,
            self.deep_grinding_bits,
            self.batching_grinding_bits,
            *self.fold_grinding_bits,
        )
        if not all(0 <= bits <= MAXIMAL_GRINDING_BITS for bits in counts):
            raise ValueError(f"grinding bits must be 0 to {MAXIMAL_GRINDING_BITS}, got {counts}")
        if min(self.queries, self.log_blowup, self.log_folding_arity) < 1:
            raise ValueError(f"queries, blowup and arity must be positive, got {self}")
        if min(self.smallest_final_bits, self.cap_log) < 0:
            raise ValueError(f"a final polynomial and a cap have one element at least, got {self}")

    def fri_rounds(self, log_size: int) -> int:
        """Number of folds that take degree below 2^log_size to the final polynomial's.

        Raises:
            ValueError: `log_size` is below that of the smallest final polynomial.
        """
        if log_size < self.smallest_final_bits:
            raise ValueError(
                f"log_size {log_size} is too small for FRI: take at least {self.smallest_final_bits}"
            )
        return (log_size - self.smallest_final_bits) // self.log_folding_arity

    def final_degree_bits(self, log_size: int) -> int:
        """log2 of the number of coefficients of the final polynomial.

        At least `smallest_final_bits`, and less than `log_folding_arity` above it.

        Raises:
            ValueError: `log_size` is below that of the smallest final polynomial.
        """
        return log_size - self.fri_rounds(log_size) * self.log_folding_arity

    def fold_grinding(self, fold: int) -> int:
        """Grinding bits before the challenge of fold number `fold`, counted from 0."""
        return self.fold_grinding_bits[fold] if fold < len(self.fold_grinding_bits) else 0


class CircuitRole(Enum):
    """What a circuit's proof is for, hence where it should be cheap."""

    INNER = "inner"
    """A leaf or a node: made by the thousand, verified in a node."""
    SHRINK = "shrink"
    """Verifies a root; verified in a final circuit."""
    FINAL = "final"
    """What a job gives: small, and verified by anyone."""
    COMPRESSED = "compressed"
    """As small as it gets, for more of the prover's time."""


LARGEST_CIRCUIT = {
    CircuitRole.INNER: 16,
    CircuitRole.SHRINK: 15,
    CircuitRole.FINAL: 14,
    CircuitRole.COMPRESSED: 14,
}
"""log2 of the greatest circuit for which the parameters of a role reach their level."""


_LEVELS = {
    128: SecurityParameters(
        level=128,
        queries=261,
        global_grinding_bits=8,
        local_grinding_bits=9,
        batching_grinding_bits=7,
    ),
    100: SecurityParameters(level=100, queries=193),
}
"""The fewest queries that reach the level in unique decoding at blowup 2 after 20 bits of grinding.

At 128 bits the rest is what the report needs at log_size 22: 8 bits for 2^31 global fractions of length
up to 13, 9 bits for local fractions whose number times (length + 2) stays below 2^35.9, and 7 bits for
up to 3,900 opened columns.
"""


_CIRCUITS = {
    (128, CircuitRole.INNER): SecurityParameters(level=128, queries=261),
    (128, CircuitRole.SHRINK): SecurityParameters(
        level=128,
        queries=60,
        local_grinding_bits=2,
        batching_grinding_bits=19,
        fold_grinding_bits=(9, 6, 3),
        log_blowup=4,
        multiplicity=4,
    ),
    (128, CircuitRole.FINAL): SecurityParameters(
        level=128,
        queries=48,
        local_grinding_bits=1,
        batching_grinding_bits=19,
        fold_grinding_bits=(8, 5, 2),
        log_blowup=5,
        smallest_final_bits=5,
        cap_log=4,
        multiplicity=3,
    ),
    (128, CircuitRole.COMPRESSED): SecurityParameters(
        level=128,
        queries=33,
        local_grinding_bits=2,
        batching_grinding_bits=24,
        fold_grinding_bits=(13, 10, 7),
        log_blowup=7,
        smallest_final_bits=5,
        cap_log=4,
        multiplicity=3,
    ),
    (100, CircuitRole.INNER): SecurityParameters(level=100, queries=193),
    (100, CircuitRole.SHRINK): SecurityParameters(level=100, queries=41, log_blowup=4, multiplicity=15),
    (100, CircuitRole.FINAL): SecurityParameters(
        level=100, queries=33, log_blowup=5, smallest_final_bits=5, cap_log=4, multiplicity=10
    ),
    (100, CircuitRole.COMPRESSED): SecurityParameters(
        level=100,
        queries=23,
        batching_grinding_bits=12,
        fold_grinding_bits=(2,),
        log_blowup=7,
        smallest_final_bits=5,
        cap_log=4,
        multiplicity=34,
    ),
}
"""The fewest queries that reach the level in a role's regime, and the proof-of-work that the report asks for.

Inner circuits are analysed in unique decoding, like segments, and need no nonce but the queries': a node has
rows for few. The others have the smallest multiplicity with the fewest queries. A shrunk root has as many
queries as a final circuit of 2^13 permutations can check: a lower rate would cost its prover more than it
saves. Before gamma, compressed circuits take more than 20 bits at level 128: a line's error grows with the
power 3/2 of the blowup, and for a smaller multiplicity than three there is no theorem.
"""


def parameters_for(level: int) -> SecurityParameters:
    """Parameters of segment proofs at `level` bits: 128 or 100.

    Raises:
        UnknownSecurityLevelError: any other level.
    """
    try:
        return _LEVELS[level]
    except KeyError:
        raise UnknownSecurityLevelError(level) from None


def circuit_parameters(level: int, role: CircuitRole) -> SecurityParameters:
    """Parameters of circuits of a role at `level` bits, from 2^13 rows up to the role's `LARGEST_CIRCUIT`.

    Raises:
        UnknownSecurityLevelError: the level is neither 128 nor 100.
    """
    try:
        return _CIRCUITS[level, role]
    except KeyError:
        raise UnknownSecurityLevelError(level) from None
