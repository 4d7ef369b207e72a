"""The tasks of a worker, done with a prover: everything that runs in the thread beside the network.

Payloads come in as bytes and go out as bytes; fetching and sending them is the shell's work.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zisk.cluster.engines.protocol import (
    NOTHING_COMMITTED,
    NOTHING_STORED,
    EngineAggregation,
    EngineProgram,
    EngineSession,
    Keep,
    OnCommit,
    ProverEngine,
    Span,
)
from zisk.cluster.errors import TaskFailedError, failure_of
from zisk.cluster.program_cache import ProgramCache
from zisk.cluster.tasks import Counts, Execution, JobRequest
from zisk.errors import ErrorKind, ZiskError
from zisk.progress_meter import ProgressMeter

__all__ = ["JobRunner"]

_log = logging.getLogger("zisk.worker")

_PROGRAMS_KEPT = 4
"""Programs that stay set up; a worker sees few at a time, and each holds its tables in memory."""


@dataclass(slots=True)
class _Begun:
    """A run of units that this worker has committed to: what proves them, until they are proved."""

    program: EngineProgram
    units: int
    session: EngineSession


@dataclass(slots=True)
class _Kept:
    """What is kept of a job between its tasks.

    `begun` are the sessions by the run of units that they have, `delivered` what own units delivered.
    """

    begun: dict[range, _Begun] = field(default_factory=dict)
    delivered: dict[int, bytes] = field(default_factory=dict)
    aggregation: EngineAggregation | None = None


class JobRunner:
    """Does tasks one at a time and keeps what a job needs from one phase to the next."""

    def __init__(self, engine: ProverEngine) -> None:
        self._engine = engine
        self._programs = ProgramCache(engine, _PROGRAMS_KEPT)
        self._jobs: dict[str, _Kept] = {}
        self.meter = ProgressMeter()

    def setup(self, request: JobRequest, elf: bytes) -> bytes:
        """Set a program up and return its key."""
        return self._program(request, elf).key

    def execute(self, elf: bytes, data: bytes) -> Execution:
        """Run a program."""
        return self._engine.execute(elf, data, progress=self.meter)

    def contribute(
        self,
        job_id: str,
        request: JobRequest,
        units: range,
        elf: bytes,
        data: bytes,
        *,
        committed: Mapping[int, bytes] = NOTHING_COMMITTED,
        on_commit: OnCommit | None = None,
    ) -> bytes:
        """Phase 1 of a run of units; segments that are committed to already are only executed."""
        program = self._program(request, elf)
        session = self._engine.session(
            program,
            data,
            units=request.demand.units,
            allocation=units,
            form=request.form,
            progress=self.meter,
            committed=committed,
            on_commit=on_commit,
        )
        contribution = session.contributions()
        self._kept(job_id).begun[units] = _Begun(program, request.demand.units, session)
        return contribution

    def prove(
        self,
        job_id: str,
        units: range,
        contributions: Sequence[bytes],
        challenge: bytes,
        *,
        stored: Mapping[Span, bytes] = NOTHING_STORED,
        keep: Keep | None = None,
    ) -> tuple[list[tuple[int, bytes]], Counts]:
        """Phase 2 of a run of units, under the challenge that follows from the contributions and no other.

        Pieces that others stored are checked, and what they stand for is not proved again.

        Raises:
            TaskFailedError: the coordinator's challenge is another one, or phase 1 was not done here.

        """
        kept = self._kept(job_id)
        begun = kept.begun.get(units)
        if begun is None:
            text = f"units {list(units)} of job {job_id} were not contributed by this process"
            raise TaskFailedError(ErrorKind.WORKER_ERROR, text)
        bound = self._challenge(begun.program, contributions, begun.units, challenge)
        made = begun.session.prove(bound, stored=stored, keep=keep, on_refusal=_log_refusal)
        payloads = list(zip(units, made, strict=True))
        run = begun.session.execution
        assert run is not None
        # The session holds the traces of its segments; whoever aggregates needs only what units deliver.
        del kept.begun[units]
        kept.delivered |= payloads
        return payloads, Counts(run.steps, run.cycles)

    def begin_aggregation(
        self,
        job_id: str,
        request: JobRequest,
        elf: bytes,
        contributions: Sequence[bytes],
        challenge: bytes,
        *,
        stored: Mapping[Span, bytes] = NOTHING_STORED,
        keep: Keep | None = None,
    ) -> None:
        """Begin phase 3, anew where it was begun before, from the pieces that hold of what others stored.

        Raises:
            TaskFailedError: the coordinator's challenge is not that of these contributions.

        """
        program = self._program(request, elf)
        bound = self._challenge(program, contributions, request.demand.units, challenge)
        self._kept(job_id).aggregation = self._engine.aggregation(
            program,
            bound,
            form=request.form,
            progress=self.meter,
            stored=stored,
            keep=keep,
            on_refusal=_log_refusal,
        )

    def missing(self, job_id: str) -> list[int]:
        """The units that the aggregation of a job still needs something of."""
        aggregation = self._kept(job_id).aggregation
        return [] if aggregation is None else aggregation.missing

    def delivered(self, job_id: str) -> Mapping[int, bytes]:
        """What units of this worker delivered, by unit."""
        return self._kept(job_id).delivered

    def aggregate(self, job_id: str, payloads: Mapping[int, bytes], last: bool) -> bytes | None:
        """Phase 3: take in what units deliver, folding as far as it reaches; with `last`, the job's proof."""
        aggregation = self._kept(job_id).aggregation
        if aggregation is None:
            text = f"the aggregation of job {job_id} was not begun by this process"
            raise TaskFailedError(ErrorKind.WORKER_ERROR, text)
        for unit, payload in payloads.items():
            try:
                aggregation.add(unit, payload)
            except ZiskError as error:
                text = f"what unit {unit} delivers is refused: {error}"
                raise TaskFailedError(failure_of(error)[0], text, unit) from error
        if not last:
            return None
        proof = aggregation.finish()
        self.drop(job_id)
        return proof

    def drop(self, job_id: str) -> None:
        """Forget a job."""
        self._jobs.pop(job_id, None)

    def _kept(self, job_id: str) -> _Kept:
        return self._jobs.setdefault(job_id, _Kept())

    def _challenge(
        self, program: EngineProgram, contributions: Sequence[bytes], units: int, challenge: bytes
    ) -> Any:
        """The challenge that follows from the contributions, if it is the coordinator's."""
        derived = self._engine.global_challenge(program, contributions, units)
        if self._engine.encode_challenge(derived) != challenge:
            raise TaskFailedError(
                ErrorKind.BAD_CONTRIBUTION,
                "the coordinator's global challenge does not follow from the contributions; "
                "give coordinator and workers one version of pyzisk",
            )
        return derived

    def _program(self, request: JobRequest, elf: bytes) -> EngineProgram:
        return self._programs.program(request, lambda: elf, self.meter)


def _log_refusal(span: Span, error: ZiskError) -> None:
    _log.warning("what was kept of segments %d to %d is made again: %s", *span, error)
