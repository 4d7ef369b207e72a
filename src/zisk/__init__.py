"""Prove the execution of RISC-V programs, on one machine or on as many as you have."""

import importlib
from typing import TYPE_CHECKING

from zisk.version import __version__

__all__ = [
    "KeyOrigin",
    "Outcome",
    "Proof",
    "ProofForm",
    "ProverClient",
    "Rejection",
    "VerificationError",
    "__version__",
    "verify",
]

if TYPE_CHECKING:
    from zisk.prover.forms import ProofForm
    from zisk.prover.outcome import KeyOrigin, Outcome
    from zisk.sdk.client import ProverClient
    from zisk.sdk.results import Proof
    from zisk.sdk.verification import verify
    from zisk.stark.errors import Rejection, VerificationError

_HOMES = {
    "KeyOrigin": "zisk.prover.outcome",
    "Outcome": "zisk.prover.outcome",
    "Proof": "zisk.sdk.results",
    "ProofForm": "zisk.prover.forms",
    "ProverClient": "zisk.sdk.client",
    "Rejection": "zisk.stark.errors",
    "VerificationError": "zisk.stark.errors",
    "verify": "zisk.sdk.verification",
}
"""The module of each name, imported when the name is first asked for: `import zisk` stays cheap."""


if not TYPE_CHECKING:  # with it, a type checker would take any name

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
