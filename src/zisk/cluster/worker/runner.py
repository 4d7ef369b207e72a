"""The tasks of a worker, done with a prover: everything that runs in the thread beside the network.

Payloads come in as bytes and go out as bytes; fetching and sending them is the shell's work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zisk.cluster.engines.protocol import EngineAggregation, EngineProgram, EngineSession, ProverEngine
from zisk.cluster.errors import TaskFailedError, failure_of
from zisk.cluster.program_cache import ProgramCache
from zisk.cluster.tasks import Counts, Execution, JobRequest
from zisk.errors import ErrorKind, ZiskError
from zisk.progress_meter import ProgressMeter

__all__ = ["JobRunner"]

_PROGRAMS_KEPT = 4
"""Programs that stay set up; a worker sees few at a time, and each holds its tables in memory."""


@dataclass(slots=True)
class _Part:
    """What is kept of a job between its phases.

    `payloads` are what the own units deliver, until they are in the aggregation.
    """

    program: EngineProgram
    request: JobRequest
    units: range
    session: EngineSession | None
    challenge: Any = None
    counts: Counts | None = None
    payloads: list[tuple[int, bytes]] = field(default_factory=list)
    aggregation: EngineAggregation | None = None


class JobRunner:
    """Does tasks one at a time and keeps what a job needs from one phase to the next."""

    def __init__(self, engine: ProverEngine) -> None:
        self._engine = engine
        self._programs = ProgramCache(engine, _PROGRAMS_KEPT)
        self._parts: dict[str, _Part] = {}
        self.meter = ProgressMeter()

    def setup(self, request: JobRequest, elf: bytes) -> bytes:
        """Set a program up and return its key."""
        return self._program(request, elf).key

    def execute(self, elf: bytes, data: bytes) -> Execution:
        """Run a program."""
        return self._engine.execute(elf, data, progress=self.meter)

    def contribute(self, job_id: str, request: JobRequest, units: range, elf: bytes, data: bytes) -> bytes:
        """Phase 1 of a job."""
        program = self._program(request, elf)
        session = self._engine.session(
            program,
            data,
            units=request.demand.units,
            allocation=units,
            form=request.form,
            progress=self.meter,
        )
        self._parts[job_id] = _Part(program, request, units, session)
        return session.contributions()

    def prove(self, job_id: str, contributions: Sequence[bytes], challenge: bytes) -> list[tuple[int, bytes]]:
        """Phase 2 of a job, under the challenge that follows from the contributions and no other.

        Raises:
            TaskFailedError: the coordinator's challenge is another one.

        """
        part = self._part(job_id)
        if part.session is None:
            raise TaskFailedError(ErrorKind.WORKER_ERROR, f"job {job_id} is proved already")
        units = part.request.demand.units
        part.challenge = self._engine.global_challenge(part.program, contributions, units)
        if self._engine.encode_challenge(part.challenge) != challenge:
            raise TaskFailedError(
                ErrorKind.BAD_CONTRIBUTION,
                "the coordinator's global challenge does not follow from the contributions; "
                "give coordinator and workers one version of pyzisk",
            )
        payloads = list(zip(part.units, part.session.prove(part.challenge), strict=True))
        run = part.session.execution
        assert run is not None
        part.payloads, part.counts = payloads, Counts(run.steps, run.cycles)
        # The session holds the traces of its segments; whoever aggregates needs only what units deliver.
        part.session = None
        return payloads

    def aggregate(
        self, job_id: str, payloads: Mapping[int, bytes], last: bool
    ) -> tuple[bytes, Counts] | None:
        """Phase 3 of a job: take in what units of another worker deliver, folding as far as it reaches.

        The first call takes in the own units too. With `last` the job's proof is made.
        """
        part = self._part(job_id)
        if part.counts is None:
            raise TaskFailedError(ErrorKind.WORKER_ERROR, f"job {job_id} is not proved here yet")
        if part.aggregation is None:
            part.aggregation = self._engine.aggregation(
                part.program, part.challenge, form=part.request.form, progress=self.meter
            )
        own, part.payloads = part.payloads, []
        for unit, payload in [*own, *sorted(payloads.items())]:
            try:
                part.aggregation.add(unit, payload)
            except ZiskError as error:
                raise TaskFailedError(
                    failure_of(error)[0], f"what unit {unit} delivers is refused: {error}"
                ) from error
        if not last:
            return None
        proof = part.aggregation.finish()
        self.drop(job_id)
        return proof, part.counts

    def drop(self, job_id: str) -> None:
        """Forget a job."""
        self._parts.pop(job_id, None)

    def _part(self, job_id: str) -> _Part:
        try:
            return self._parts[job_id]
        except KeyError:
            text = f"job {job_id} is not known here: its contributions were not made by this process"
            raise TaskFailedError(ErrorKind.WORKER_ERROR, text) from None

    def _program(self, request: JobRequest, elf: bytes) -> EngineProgram:
        return self._programs.program(request, lambda: elf, self.meter)
