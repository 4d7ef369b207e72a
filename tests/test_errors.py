"""The tree of errors: drawn as it is, each with a kind, and none lost on its way to another process."""

import importlib
import pickle
import pkgutil
import re

import grpc
import pytest

import zisk
from zisk import errors
from zisk.cluster.errors import (
    ArtifactError,
    JobFailedError,
    SubmissionRefusedError,
    UnknownProgramError,
    failure_of,
    failure_told,
    refusal_told,
)
from zisk.errors import JOB_FAILURES, ErrorKind, ZiskError
from zisk.exit_codes import ExitCode
from zisk.prover.errors import JobTooLargeError
from zisk.stark.errors import Rejection, VerificationError
from zisk.vm.errors import FaultKind, GuestError, GuestFault, InvalidGuestError, StepLimitError


def _all_errors() -> set[type[ZiskError]]:
    """Every public error class of the package."""
    for module in pkgutil.walk_packages(zisk.__path__, "zisk."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: set[type[ZiskError]] = set()
    left: list[type[ZiskError]] = [ZiskError]
    while left:
        kind = left.pop()
        found.add(kind)
        left += kind.__subclasses__()
    return {
        kind for kind in found if not kind.__name__.startswith("_") and kind.__module__.startswith("zisk")
    }


def test_the_tree_is_drawn_as_it_is() -> None:
    assert errors.__doc__ is not None
    drawn = set(re.findall(r"\b[A-Z]\w*(?:Error|Fault)\b", errors.__doc__))
    reasons = set(InvalidGuestError.__subclasses__())
    assert drawn == {kind.__name__ for kind in _all_errors() - reasons}
    below = {"│   ": (GuestError, zisk.ClusterError)}
    for line in errors.__doc__.splitlines():
        for mark, parents in below.items():
            if line.startswith(mark) and (name := re.search(r"\b[A-Z]\w*(?:Error|Fault)\b", line)):
                [kind] = [one for one in _all_errors() if one.__name__ == name[0]]
                assert issubclass(kind, parents), name[0]


def test_only_defects_have_no_kind_of_their_own() -> None:
    kindless = {kind.__name__ for kind in _all_errors() if kind.kind is ErrorKind.DEFECT}
    told_with_it = {
        "ClusterError",
        "CommandError",
        "JobFailedError",
        "SubmissionRefusedError",
        "TaskFailedError",
    }
    assert kindless - told_with_it == {"ZiskError", "AirError", "TraceError", "CircuitError", "WitnessError"}


def test_a_kind_alone_says_what_shells_and_peers_are_told() -> None:
    for kind in ErrorKind:
        assert isinstance(kind.exit_code, ExitCode)
        assert kind.exit_code not in (ExitCode.OK, ExitCode.INTERRUPTED)
        assert grpc.StatusCode[kind.status] is not grpc.StatusCode.OK
        assert ErrorKind(kind.value) is kind
    assert len({kind.value for kind in ErrorKind}) == len(ErrorKind)
    own = {ErrorKind.INPUT: 3, ErrorKind.GUEST_FAULT: 4, ErrorKind.STEP_LIMIT: 5}
    assert {kind: kind.exit_code for kind in JOB_FAILURES} == {
        kind: own.get(kind, 8) for kind in JOB_FAILURES
    }


@pytest.mark.parametrize(
    "error",
    [
        GuestFault(FaultKind.UNIMP, 0x8000_0000, "why", "unimp"),
        StepLimitError(7),
        JobTooLargeError("segments", 9, 8),
        VerificationError(Rejection.BUS, "sums differ"),
        JobFailedError(ErrorKind.TIMEOUT, "late"),
        SubmissionRefusedError(ErrorKind.NO_CAPACITY, "busy"),
        GuestFault.told("job j failed: guest fault"),
    ],
)
def test_errors_travel_between_processes(error: ZiskError) -> None:
    came = pickle.loads(pickle.dumps(error))
    assert (type(came), str(came), came.kind, vars(came)) == (
        type(error),
        str(error),
        error.kind,
        vars(error),
    )


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (VerificationError(Rejection.BUS, "x"), (ErrorKind.BAD_PROOF, "proof refused (bus): x")),
        (JobTooLargeError("segments", 9, 8), (ErrorKind.INPUT, str(JobTooLargeError("segments", 9, 8)))),
        (StepLimitError(7), (ErrorKind.STEP_LIMIT, str(StepLimitError(7)))),
        (ArtifactError("gone"), (ErrorKind.STORE, "gone")),
        (UnknownProgramError("which"), (ErrorKind.WORKER_ERROR, "which")),
        (ZiskError("a defect"), (ErrorKind.WORKER_ERROR, "a defect")),
        (OSError("no room"), (ErrorKind.STORE, "no room")),
        (IndexError("9"), (ErrorKind.WORKER_ERROR, "IndexError: 9")),
    ],
)
def test_a_job_fails_for_what_its_task_met(error: Exception, failure: tuple[ErrorKind, str]) -> None:
    assert failure_of(error) == failure


@pytest.mark.parametrize(
    ("kind", "raised"),
    [
        ("input", GuestError),
        ("guest_fault", GuestFault),
        ("step_limit", StepLimitError),
        ("worker_lost", JobFailedError),
        ("usage", JobFailedError),
        ("whim", JobFailedError),
    ],
)
def test_a_failure_that_is_told_is_raised_as_where_it_happened(kind: str, raised: type[ZiskError]) -> None:
    error = failure_told("j", kind, "text")
    assert type(error) is raised
    known = kind in JOB_FAILURES
    assert error.kind == (kind if known else ErrorKind.WORKER_ERROR)
    assert str(error).endswith(": text")
    assert ("does not know" in str(error)) is not known


def test_a_program_that_was_not_uploaded_is_named_alike_everywhere() -> None:
    assert type(refusal_told(ErrorKind.UNKNOWN_PROGRAM, "which")) is UnknownProgramError
    assert type(refusal_told(ErrorKind.NOT_READY, "wait")) is SubmissionRefusedError
