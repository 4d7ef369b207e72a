"""The prover of one program on one machine: set-up, execution, contributions, proofs, verification.

What verifies is imported with the package and needs NumPy alone; what proves, and Numba with it, is imported
when it is first asked for.
"""

import importlib
from typing import TYPE_CHECKING

from zisk.proof_format.forms import ProofForm
from zisk.proof_format.statement import GlobalChallenge
from zisk.prover.errors import ContributionError, JobTooLargeError, UnitProofError
from zisk.stark.errors import VerificationError
from zisk.verifier.verify import Outcome, verify

if TYPE_CHECKING:
    from zisk.prover.aggregation import Aggregation
    from zisk.prover.execution import execute
    from zisk.prover.job import ProvedRun, global_challenge, prove
    from zisk.prover.preparation import is_prepared, prepare
    from zisk.prover.program_setup import Program, setup
    from zisk.prover.session import ProvingSession

__all__ = [
    "Aggregation",
    "ContributionError",
    "GlobalChallenge",
    "JobTooLargeError",
    "Outcome",
    "Program",
    "ProofForm",
    "ProvedRun",
    "ProvingSession",
    "UnitProofError",
    "VerificationError",
    "execute",
    "global_challenge",
    "is_prepared",
    "prepare",
    "prove",
    "setup",
    "verify",
]

_HOMES = {
    "Aggregation": "aggregation",
    "Program": "program_setup",
    "ProvedRun": "job",
    "ProvingSession": "session",
    "execute": "execution",
    "global_challenge": "job",
    "is_prepared": "preparation",
    "prepare": "preparation",
    "prove": "job",
    "setup": "program_setup",
}
"""The module of each name that proves; none of these modules has the name of a name here."""


if not TYPE_CHECKING:  # with it, a type checker would take any name

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
