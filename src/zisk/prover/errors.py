"""Errors of the prover façade."""

from zisk.errors import ErrorKind, ZiskError
from zisk.vm.errors import GuestError


class JobTooLargeError(GuestError):
    """The run has more segments or messages than one job may have."""

    def __init__(self, what: str, found: int, limit: int) -> None:
        super().__init__(
            f"the run needs {found} {what}, a job may have {limit}: use a larger --size or split the work"
        )


class ContributionError(ZiskError):
    """Contributions of units are malformed, contradict each other, or do not cover the job."""

    kind = ErrorKind.BAD_CONTRIBUTION


class UnitProofError(ZiskError):
    """The unit proofs handed over do not make up the job."""

    kind = ErrorKind.BAD_PROOF
