"""Prove the execution of RISC-V programs, on one machine or on as many as you have."""

import importlib
from typing import TYPE_CHECKING

from zisk import cache_folder
from zisk.kernels import code_store
from zisk.version import __version__

__all__ = [
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

if TYPE_CHECKING:
    from zisk.cluster.errors import (
        ClusterError,
        CoordinatorUnreachableError,
        JobFailedError,
        SubmissionRefusedError,
        UnknownProgramError,
    )
    from zisk.errors import ErrorKind, ZiskError
    from zisk.proof_format.forms import ProofForm
    from zisk.prover.errors import JobTooLargeError
    from zisk.sdk.asynchronous import AsyncProverClient
    from zisk.sdk.client import ProverClient
    from zisk.sdk.results import Proof
    from zisk.sdk.verification import verify
    from zisk.stark.errors import Rejection, VerificationError
    from zisk.verifier.outcome import KeyOrigin, Outcome
    from zisk.vm.errors import GuestError, GuestFault, StepLimitError

_HOMES = {
    "AsyncProverClient": "zisk.sdk.asynchronous",
    "ClusterError": "zisk.cluster.errors",
    "CoordinatorUnreachableError": "zisk.cluster.errors",
    "ErrorKind": "zisk.errors",
    "GuestError": "zisk.vm.errors",
    "GuestFault": "zisk.vm.errors",
    "JobFailedError": "zisk.cluster.errors",
    "JobTooLargeError": "zisk.prover.errors",
    "KeyOrigin": "zisk.verifier.outcome",
    "Outcome": "zisk.verifier.outcome",
    "Proof": "zisk.sdk.results",
    "ProofForm": "zisk.proof_format.forms",
    "ProverClient": "zisk.sdk.client",
    "Rejection": "zisk.stark.errors",
    "StepLimitError": "zisk.vm.errors",
    "SubmissionRefusedError": "zisk.cluster.errors",
    "UnknownProgramError": "zisk.cluster.errors",
    "VerificationError": "zisk.stark.errors",
    "ZiskError": "zisk.errors",
    "verify": "zisk.sdk.verification",
}
"""The module of each name, imported when the name is first asked for: `import zisk` stays cheap."""

code_store.keep_in(cache_folder)


if not TYPE_CHECKING:  # with it, a type checker would take any name

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
