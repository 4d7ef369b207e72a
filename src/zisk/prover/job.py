"""A whole job in one process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zisk.choices import DEFAULT_UNITS
from zisk.kernels.backend import Backend
from zisk.kernels.default import default_backend
from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.forms import ProofForm
from zisk.proof_format.statement import GlobalChallenge
from zisk.prover.aggregation import Aggregation
from zisk.prover.contribution import combine_contributions
from zisk.prover.program_setup import Program
from zisk.prover.session import DEFAULT_CACHE_BYTES, ProvingSession
from zisk.stages import NULL_STAGES, Stages
from zisk.vm.executor import Execution


def global_challenge(
    program: Program, contributions: Sequence[bytes], backend: Backend | None = None
) -> GlobalChallenge:
    """The job's challenge from the contributions of all its units, in any order.

    Raises:
        ContributionError: they contradict each other, or a unit is missing or given twice.
    """
    return combine_contributions(program.program_key, contributions, backend)


@dataclass(frozen=True, slots=True)
class ProvedRun:
    """A job's proof, and the run that it proves as this process executed it."""

    proof: bytes
    execution: Execution


def prove(
    program: Program,
    data: bytes,
    *,
    units: int = DEFAULT_UNITS,
    form: ProofForm = ProofForm.FINAL,
    backend: Backend | None = None,
    progress: Progress = NULL_PROGRESS,
    stages: Stages = NULL_STAGES,
    cache_bytes: int = DEFAULT_CACHE_BYTES,
    max_steps: int | None = None,
) -> ProvedRun:
    """Prove a run of a program on an input, and say how long it was: not every form of proof shows that.

    Raises:
        GuestError: the guest does not run to its halt.
        JobTooLargeError: the run does not fit one job.
    """
    backend = backend or default_backend()
    session = ProvingSession(
        program,
        data,
        units=units,
        allocation=range(units),
        form=form,
        backend=backend,
        progress=progress,
        stages=stages,
        cache_bytes=cache_bytes,
        max_steps=max_steps,
    )
    challenge = global_challenge(program, [session.contributions()], backend)
    aggregation = Aggregation(
        program, challenge, form=form, backend=backend, progress=progress, stages=stages
    )
    for unit, payload in enumerate(session.prove(challenge)):
        aggregation.add(unit, payload)
    assert session.execution is not None
    return ProvedRun(aggregation.finish(), session.execution)
