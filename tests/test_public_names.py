"""The public surface of the package: a name appears or goes only on purpose."""

import subprocess
import sys

import pytest

import zisk


def test_the_package_has_these_names() -> None:
    assert zisk.__all__ == [
        "AsyncProverClient",
        "ClusterError",
        "CoordinatorUnreachableError",
        "ErrorKind",
        "GuestError",
        "GuestFault",
        "JobFailedError",
        "JobTooLargeError",
        "KeyOrigin",
        "Outcome",
        "Proof",
        "ProofForm",
        "ProverClient",
        "Rejection",
        "StepLimitError",
        "SubmissionRefusedError",
        "UnknownProgramError",
        "VerificationError",
        "ZiskError",
        "__version__",
        "verify",
    ]
    assert set(zisk.__all__) <= set(dir(zisk))


def test_every_public_name_can_be_imported() -> None:
    for name in zisk.__all__:
        assert getattr(zisk, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'zisk' has no attribute 'Prover'"):
        _ = zisk.Prover  # pyright: ignore[reportAttributeAccessIssue]


def test_importing_the_package_imports_nothing_heavy() -> None:
    script = "import sys, zisk; print(sorted({'numpy', 'numba', 'grpc', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
