"""Errors of the STARK layer: what a prover refuses to build, and what a verifier refuses to accept."""

from enum import StrEnum

from zisk.errors import ErrorKind, ZiskError


class AirError(ZiskError):
    """An AIR breaks a rule of the proof system: degree, next-row access, message length."""


class TraceError(ZiskError):
    """A trace does not fit its AIR: wrong shape, height out of bounds, or a violated constraint.

    A defect of whoever fills traces: guests and inputs that cannot be proved end in other errors before.
    `tests/vm/test_trace_errors.py` looks for one that is not.
    """


class Rejection(StrEnum):
    """Why a verifier refused; one member for each family of checks."""

    FORMAT = "format"
    """The bytes are not a canonical encoding of a proof."""
    SHAPE = "shape"
    """A height, a public value or a count is outside what the key allows."""
    KEY = "key"
    """The proof was made for another program, size or security level."""
    PROOF_OF_WORK = "proof-of-work"
    """A nonce does not meet its bits."""
    CONSTRAINTS = "constraints"
    """The constraint identity fails at the random point."""
    OPENING = "opening"
    """A Merkle opening or a query consistency check fails."""
    DEGREE = "degree"
    """A FRI folding check or the final polynomial fails."""
    BUS = "bus"
    """Messages on a bus do not cancel."""
    CHALLENGE = "challenge"
    """The global challenge is not the hash of what it must bind."""
    STATEMENT = "statement"
    """A global condition on segments, order or public values fails."""
    POLICY = "policy"
    """The proof is not what its verifier asks for: the level, the program, or what it shows."""


class VerificationError(ZiskError):
    """The verifier refuses a proof.

    `reason` is the family of the failed check; the text names the check itself.
    """

    kind = ErrorKind.REFUSED

    def __init__(self, reason: Rejection, detail: str) -> None:
        super().__init__(f"proof refused ({reason}): {detail}")
        self.reason = reason
        self.detail = detail
