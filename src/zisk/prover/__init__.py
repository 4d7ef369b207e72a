"""The prover of one program on one machine: set-up, execution, contributions, proofs, verification."""

from zisk.prover.errors import ContributionError, JobTooLargeError, ProverError, UnitProofError
from zisk.prover.execution import execute
from zisk.prover.job import DEFAULT_UNITS, assemble, global_challenge, prove
from zisk.prover.preparation import is_prepared, prepare
from zisk.prover.session import ProvingSession
from zisk.prover.setup import Program, setup
from zisk.prover.statement import GlobalChallenge
from zisk.prover.verify import Outcome, verify
from zisk.stark.errors import VerificationError

__all__ = [
    "DEFAULT_UNITS",
    "ContributionError",
    "GlobalChallenge",
    "JobTooLargeError",
    "Outcome",
    "Program",
    "ProverError",
    "ProvingSession",
    "UnitProofError",
    "VerificationError",
    "assemble",
    "execute",
    "global_challenge",
    "is_prepared",
    "prepare",
    "prove",
    "setup",
    "verify",
]
