"""Errors of the cluster, and the one table from why something failed to exit codes."""

from enum import StrEnum

from zisk.exit_codes import ExitCode
from zisk.printable import SHOWN_LETTERS, printable

__all__ = [
    "ArtifactError",
    "ClusterError",
    "ConfigurationError",
    "CoordinatorUnreachableError",
    "FailureKind",
    "HostError",
    "InputError",
    "JobFailedError",
    "SubmissionRefusedError",
    "WireError",
]


class FailureKind(StrEnum):
    """Why a job failed, as it is stored and as it travels."""

    INPUT = "input"
    """The guest program or its input cannot be read, or lies outside the configured folder."""

    GUEST_FAULT = "guest_fault"
    """The guest did something that the machine does not allow."""

    STEP_LIMIT = "step_limit"
    """The guest ran past the limit on its steps."""

    WORKER_LOST = "worker_lost"
    """A worker of the job went away or fell silent."""

    WORKER_ERROR = "worker_error"
    """A worker could not do its task."""

    TIMEOUT = "timeout"
    """A phase took longer than its limit."""

    BAD_CONTRIBUTION = "bad_contribution"
    """The contributions of the workers do not fit together."""

    BAD_PROOF = "bad_proof"
    """The final proof, or a part of it, does not hold."""

    STORE = "store"
    """An artifact or a proof could not be written or read."""

    STOPPED = "stopped"
    """The coordinator was told to stop."""

    CANCELLED = "cancelled"
    """A client cancelled the job."""

    @property
    def exit_code(self) -> ExitCode:
        """What a program that waited for the job ends with."""
        return _EXIT_CODES.get(self, ExitCode.JOB_FAILED)


_EXIT_CODES = {
    FailureKind.INPUT: ExitCode.BAD_FILE,
    FailureKind.GUEST_FAULT: ExitCode.GUEST_FAULT,
    FailureKind.STEP_LIMIT: ExitCode.STEP_LIMIT,
}

_REFUSALS = {
    "RESOURCE_EXHAUSTED": ExitCode.NO_CAPACITY,
    "UNAVAILABLE": ExitCode.NO_CAPACITY,
    "FAILED_PRECONDITION": ExitCode.NO_CAPACITY,
    "INVALID_ARGUMENT": ExitCode.USAGE,
    "NOT_FOUND": ExitCode.USAGE,
    "UNIMPLEMENTED": ExitCode.USAGE,
}
"""Exit code of each gRPC status that refuses a job: no capacity, or a request that is itself wrong."""


class ClusterError(Exception):
    """Anything that goes wrong in the cluster; its text says what to do next."""

    exit_code: ExitCode = ExitCode.JOB_FAILED
    """What a program that ends with this error tells its shell."""


class WireError(ClusterError):
    """A peer sent something that the protocol does not allow."""


class ArtifactError(ClusterError):
    """An artifact is missing, too large, not what its digest says, or does not get through."""

    exit_code = ExitCode.HOST


class ConfigurationError(ClusterError):
    """A flag, an environment variable or a key of a configuration file cannot be used."""

    exit_code = ExitCode.USAGE


class InputError(ClusterError):
    """An input or guest program is missing, unreadable, or outside the folder that may be read."""

    exit_code = ExitCode.BAD_FILE


class HostError(ClusterError):
    """The host refused something: a port is taken, a folder cannot be written."""

    exit_code = ExitCode.HOST


class CoordinatorUnreachableError(ClusterError):
    """Nobody answers at the coordinator's address."""

    exit_code = ExitCode.NO_CAPACITY


class SubmissionRefusedError(ClusterError):
    """The coordinator did not accept a job.

    `reason` is the name of the gRPC status that carries the refusal.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.exit_code = _REFUSALS.get(reason, ExitCode.JOB_FAILED)


class JobFailedError(ClusterError):
    """A job was accepted and did not finish."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.exit_code = kind.exit_code

    @classmethod
    def told(cls, job_id: str, kind: str, message: str) -> "JobFailedError":
        """What a coordinator says of a job that failed; a kind that this version does not know is named."""
        job_id, message = printable(job_id), printable(message)
        try:
            return cls(FailureKind(kind), f"job {job_id} failed: {message}")
        except ValueError:
            return cls(
                FailureKind.WORKER_ERROR,
                f"job {job_id} failed for a reason that this version does not know, "
                f"'{printable(kind, SHOWN_LETTERS)}': {message}",
            )
