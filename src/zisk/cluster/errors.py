"""Errors of the cluster, and what an error makes of the job that meets it."""

import errno

from zisk.errors import JOB_FAILURES, ErrorKind, ZiskError
from zisk.printable import SHOWN_LETTERS, printable
from zisk.vm.errors import GuestError, GuestFault, StepLimitError

__all__ = [
    "ArtifactError",
    "ClusterError",
    "ConfigurationError",
    "CoordinatorUnreachableError",
    "HostError",
    "InputError",
    "JobFailedError",
    "OutOfMemoryError",
    "StoreError",
    "StoreLostError",
    "SubmissionRefusedError",
    "TaskFailedError",
    "UnknownProgramError",
    "WireError",
    "as_zisk_error",
    "failure_of",
    "failure_told",
    "refusal_told",
]


class ClusterError(ZiskError):
    """Anything that goes wrong between machines."""


class WireError(ClusterError):
    """A peer sent something that the protocol does not allow."""

    kind = ErrorKind.WIRE


class ArtifactError(ClusterError):
    """An artifact is missing, too large, not what its digest says, or does not get through."""

    kind = ErrorKind.TRANSFER


class OutOfMemoryError(ClusterError):
    """A machine of the cluster has no memory left for what it is asked to do."""

    kind = ErrorKind.OUT_OF_MEMORY


class InputError(ClusterError):
    """An input or guest program is missing, unreadable, or outside the folder that may be read."""

    kind = ErrorKind.INPUT


class CoordinatorUnreachableError(ClusterError):
    """Nobody answers at the coordinator's address."""

    kind = ErrorKind.UNREACHABLE


class _ToldError(ClusterError):
    """An error whose kind is said with it."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class SubmissionRefusedError(_ToldError):
    """The coordinator does not do what it is asked for."""


class TaskFailedError(_ToldError):
    """A task of a job could not be done; `unit` is the one whose delivery is refused, if that is why."""

    def __init__(self, kind: ErrorKind, message: str, unit: int | None = None) -> None:
        super().__init__(kind, message)
        self.unit = unit


class JobFailedError(_ToldError):
    """A job was accepted and did not finish, for a reason that is not its guest's."""


class StoreError(_ToldError):
    """The coordinator's store cannot be opened, read or written; what was to be written is not."""

    kind = ErrorKind.STORE


class StoreLostError(StoreError):
    """Another coordinator has taken the store over: this one decides nothing any more."""


class UnknownProgramError(ZiskError):
    """A program was never uploaded."""

    kind = ErrorKind.UNKNOWN_PROGRAM


class ConfigurationError(ZiskError):
    """A flag, an environment variable or a key of a configuration file cannot be used."""

    kind = ErrorKind.USAGE


class HostError(ZiskError):
    """The host refused something: a port is taken, a folder cannot be written."""

    kind = ErrorKind.HOST


_IN_A_JOB = {
    ErrorKind.REFUSED: ErrorKind.BAD_PROOF,
    ErrorKind.TRANSFER: ErrorKind.STORE,
    ErrorKind.HOST: ErrorKind.STORE,
    ErrorKind.NO_CAPACITY: ErrorKind.STORE,
    ErrorKind.UNREACHABLE: ErrorKind.STORE,
}
"""What a job fails for where it meets a kind that is no job's."""

_OF_A_GUEST: dict[ErrorKind, type[GuestError]] = {
    ErrorKind.INPUT: GuestError,
    ErrorKind.GUEST_FAULT: GuestFault,
    ErrorKind.STEP_LIMIT: StepLimitError,
}
"""What a guest's own failures are raised as, on whatever machine they happened."""


def failure_of(error: BaseException) -> tuple[ErrorKind, str]:
    """Why a job fails whose task ended with `error`, and the text that tells it."""
    if isinstance(error, ZiskError):
        kind = _IN_A_JOB.get(error.kind, error.kind)
        return kind if kind in JOB_FAILURES else ErrorKind.WORKER_ERROR, str(error)
    if _lacks_memory(error):
        return ErrorKind.OUT_OF_MEMORY, _NO_MEMORY
    if isinstance(error, OSError):
        return ErrorKind.STORE, str(error)
    return ErrorKind.WORKER_ERROR, f"{type(error).__name__}: {error}"


def as_zisk_error(error: BaseException) -> ZiskError | None:
    """The error that says what another one means: lack of memory, or a host that refuses; None for a defect.

    An error of this package means itself.
    """
    if isinstance(error, ZiskError):
        return error
    if _lacks_memory(error):
        return OutOfMemoryError(_NO_MEMORY)
    if isinstance(error, OSError) and error.errno is not None:  # A time that is up has no number.
        return HostError(f"the host refused: {error}; check free space and permissions there, then try again")
    return None


def _lacks_memory(error: BaseException) -> bool:
    """Whether an error is lack of memory, which is a number of the system where memory is mapped."""
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)


_NO_MEMORY = (
    "the machine has no memory left for this; choose a smaller --size, give it more memory, "
    "or let fewer programs share it"
)


def failure_told(job_id: str, kind: str, message: str) -> ZiskError:
    """What a coordinator says of a job that failed; a kind that this version does not know is named."""
    job_id, message = printable(job_id), printable(message)
    if kind not in JOB_FAILURES:
        return JobFailedError(
            ErrorKind.WORKER_ERROR,
            f"job {job_id} failed for a reason that this version does not know, "
            f"'{printable(kind, SHOWN_LETTERS)}': {message}",
        )
    known, text = ErrorKind(kind), f"job {job_id} failed: {message}"
    return _OF_A_GUEST[known].told(text) if known in _OF_A_GUEST else JobFailedError(known, text)


def refusal_told(kind: ErrorKind, message: str) -> ZiskError:
    """What a coordinator says that it does not do."""
    if kind is ErrorKind.UNKNOWN_PROGRAM:
        return UnknownProgramError(message)
    return SubmissionRefusedError(kind, message)
