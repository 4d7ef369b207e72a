"""What can go wrong, as one tree. An error's kind alone says what shells and peers are told.

```
ZiskError
├── GuestError                       what the guest program, its input or its run is like
│   ├── InvalidGuestError            it cannot be loaded; a class for each reason in zisk.vm.errors
│   ├── InputTooLargeError
│   ├── UnsupportedInstructionError
│   ├── JobTooLargeError
│   ├── StepLimitError
│   └── GuestFault
├── VerificationError                a proof does not hold; its Rejection says which check failed
├── UnknownProgramError              a program that was not uploaded
├── UnknownSecurityLevelError
├── ContributionError                what workers deliver does not fit together
├── UnitProofError
├── ClusterError                     what happens between machines
│   ├── CoordinatorUnreachableError
│   ├── SubmissionRefusedError       a coordinator does not do what it is asked for
│   ├── JobFailedError               a job was accepted and did not finish
│   ├── TaskFailedError              a worker's task of a job
│   ├── StoreError                   the coordinator's store cannot be opened, read or written
│   │   └── StoreLostError           another coordinator has taken it over
│   ├── ArtifactError
│   ├── OutOfMemoryError
│   ├── InputError
│   └── WireError
├── ConfigurationError
├── HostError
├── CommandError                     what a command of the command line finds by itself
└── AirError, TraceError, CircuitError, WitnessError
                                     defects: whoever meets one sees a traceback
```
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Self

from zisk.exit_codes import ExitCode

__all__ = ["JOB_FAILURES", "ErrorKind", "ZiskError"]


class ErrorKind(StrEnum):
    """Why something failed, as it is stored and as it travels.

    `exit_code` is what a program that ends with it tells its shell, `status` the name of the gRPC status of a
    call that is refused for it.
    """

    exit_code: ExitCode
    status: str

    def __new__(cls, value: str, exit_code: ExitCode, status: str) -> Self:
        """A member that is the string `value`."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.exit_code, member.status = exit_code, status
        return member

    INPUT = "input", ExitCode.BAD_FILE, "INVALID_ARGUMENT"
    """The guest program, its input or another file cannot be read, is too large, or lies where none may."""

    GUEST_FAULT = "guest_fault", ExitCode.GUEST_FAULT, "ABORTED"
    """The guest did something that the machine does not allow."""

    STEP_LIMIT = "step_limit", ExitCode.STEP_LIMIT, "OUT_OF_RANGE"
    """The guest ran past the limit on its steps."""

    WORKER_LOST = "worker_lost", ExitCode.JOB_FAILED, "ABORTED"
    """A worker of the job went away or fell silent."""

    WORKER_ERROR = "worker_error", ExitCode.JOB_FAILED, "INTERNAL"
    """A worker could not do its task."""

    TIMEOUT = "timeout", ExitCode.JOB_FAILED, "DEADLINE_EXCEEDED"
    """A phase took longer than its limit."""

    BAD_CONTRIBUTION = "bad_contribution", ExitCode.JOB_FAILED, "DATA_LOSS"
    """The contributions of the workers do not fit together."""

    BAD_PROOF = "bad_proof", ExitCode.JOB_FAILED, "DATA_LOSS"
    """The final proof of a job, or a part of it, does not hold."""

    STORE = "store", ExitCode.JOB_FAILED, "INTERNAL"
    """An artifact or a proof of a job could not be written or read."""

    OUT_OF_MEMORY = "out_of_memory", ExitCode.JOB_FAILED, "RESOURCE_EXHAUSTED"
    """A machine of the cluster has no memory left for what it is asked to do."""

    STOPPED = "stopped", ExitCode.JOB_FAILED, "ABORTED"
    """The coordinator was told to stop."""

    CANCELLED = "cancelled", ExitCode.JOB_FAILED, "CANCELLED"
    """A client cancelled the job."""

    REFUSED = "refused", ExitCode.REFUSED, "INVALID_ARGUMENT"
    """A proof was checked and does not hold, or is not what was asked for."""

    USAGE = "usage", ExitCode.USAGE, "INVALID_ARGUMENT"
    """A command line, a setting or a request cannot be understood."""

    UNKNOWN_PROGRAM = "unknown_program", ExitCode.USAGE, "NOT_FOUND"
    """A program was never uploaded."""

    NOT_FOUND = "not_found", ExitCode.USAGE, "NOT_FOUND"
    """Something else is not there: a job, say."""

    UNSUPPORTED = "unsupported", ExitCode.USAGE, "UNIMPLEMENTED"
    """This version does not do it."""

    NO_CAPACITY = "no_capacity", ExitCode.NO_CAPACITY, "RESOURCE_EXHAUSTED"
    """Fewer compute units are free than are needed, or a budget of the coordinator is used up."""

    NOT_READY = "not_ready", ExitCode.NO_CAPACITY, "FAILED_PRECONDITION"
    """The workers do not have what the job needs."""

    UNREACHABLE = "unreachable", ExitCode.NO_CAPACITY, "UNAVAILABLE"
    """Nobody answers, or no worker is connected."""

    HOST = "host", ExitCode.HOST, "INTERNAL"
    """The host refused something: a port is taken, a folder cannot be written."""

    TRANSFER = "transfer", ExitCode.HOST, "INVALID_ARGUMENT"
    """Something large did not get through, or is not what its digest says."""

    WIRE = "wire", ExitCode.JOB_FAILED, "INVALID_ARGUMENT"
    """A peer sent something that the protocol does not allow."""

    DEFECT = "defect", ExitCode.JOB_FAILED, "INTERNAL"
    """This package does something wrong."""


JOB_FAILURES = frozenset(
    {
        ErrorKind.INPUT,
        ErrorKind.GUEST_FAULT,
        ErrorKind.STEP_LIMIT,
        ErrorKind.WORKER_LOST,
        ErrorKind.WORKER_ERROR,
        ErrorKind.TIMEOUT,
        ErrorKind.BAD_CONTRIBUTION,
        ErrorKind.BAD_PROOF,
        ErrorKind.STORE,
        ErrorKind.OUT_OF_MEMORY,
        ErrorKind.STOPPED,
        ErrorKind.CANCELLED,
    }
)
"""What a job can fail for."""


class ZiskError(Exception):
    """Base of every error that this package raises on purpose; its text says cause and remedy."""

    kind: ErrorKind = ErrorKind.DEFECT

    @classmethod
    def told(cls, text: str) -> Self:
        """One that another process has met: its text is known, its fields are not."""
        error = cls.__new__(cls)
        Exception.__init__(error, text)
        return error

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
        """Pickle text and fields, whatever the constructor takes."""
        return type(self).told, (str(self),), self.__dict__
