"""Errors of the prover façade."""


class ProverError(Exception):
    """Base of the errors that proving a valid guest can end in."""


class JobTooLargeError(ProverError):
    """The run has more segments or messages than one job may have."""

    def __init__(self, what: str, found: int, limit: int) -> None:
        super().__init__(
            f"the run needs {found} {what}, a job may have {limit}: use a larger --size or split the work"
        )


class ContributionError(ProverError):
    """Contributions of units are malformed, contradict each other, or do not cover the job."""


class UnitProofError(ProverError):
    """The unit proofs handed over do not make up the job."""
