"""What the tests of the SDK share: small jobs that are really proved."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from zisk.prover import Outcome, ProofForm, prove, setup, verify
from zisk.prover.execution import Execution
from zisk.verifier.policy import ANY_LEVEL

EXAMPLES = Path(__file__).parents[2] / "examples"
LOG_SIZE = 16


@dataclass(frozen=True)
class ProvedJob:
    """A guest and a run of it, with a composite proof."""

    elf: bytes
    data: bytes
    key: bytes
    proof: bytes
    execution: Execution
    outcome: Outcome


def proved(guest: str, name: str, security: int = 128) -> ProvedJob:
    """Prove an example at the smallest size."""
    folder = EXAMPLES / guest
    elf, data = (folder / f"{guest}.elf").read_bytes(), (folder / "inputs" / f"{name}.bin").read_bytes()
    program = setup(elf, log_size=LOG_SIZE, security=security)
    run = prove(program, data, units=2, form=ProofForm.COMPOSITE)
    outcome = verify(run.proof, program.key, ANY_LEVEL)
    return ProvedJob(elf, data, program.key, run.proof, run.execution, outcome)


@pytest.fixture(scope="session")
def job() -> ProvedJob:
    return proved("fibonacci", "90")


@pytest.fixture(scope="session")
def weak_job() -> ProvedJob:
    """The same run at 100 bits."""
    return proved("fibonacci", "90", security=100)


@pytest.fixture(scope="session")
def other_job() -> ProvedJob:
    """A run of another guest."""
    return proved("malloc-division", "105")
