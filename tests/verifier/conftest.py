"""The job of the prover's tests, proved once for both."""

from tests.prover.conftest import final, job, program

__all__ = ["final", "job", "program"]
