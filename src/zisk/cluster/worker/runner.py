"""The tasks of a worker, done with a prover: everything that runs in the thread beside the network.

Payloads come in as bytes and go out as bytes; fetching and sending them is the shell's work.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from zisk.cluster.engine import EngineError, EngineProgram, EngineSession, ProverEngine
from zisk.cluster.errors import FailureKind
from zisk.cluster.tasks import Execution, JobRequest
from zisk.progress import Advance

__all__ = ["Interrupted", "JobRunner", "ProgressMeter"]

_PROGRAMS_KEPT = 4
"""Programs that stay set up; a worker sees few at a time, and each holds its tables in memory."""


class Interrupted(BaseException):
    """The job was dropped while the prover was at it."""


class ProgressMeter:
    """Progress of the task at hand, and the way to stop the prover: its next report raises."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self._stopped = False

    def reset(self) -> None:
        """Begin a task."""
        self.done = self.total = 0
        self._stopped = False

    def stop(self) -> None:
        """Let the next report raise Interrupted in the thread that makes it."""
        self._stopped = True

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Open a phase; steps of phases with a known total add up to the progress of the task."""
        del name
        self._check()
        if total is not None:
            self.total += total
        yield self._advance if total is not None else self._beat
        self._check()

    def _advance(self, n: int = 1, /) -> None:
        self.done += n
        self._check()

    def _beat(self, _n: int = 1, /) -> None:
        self._check()

    def _check(self) -> None:
        if self._stopped:
            raise Interrupted


@dataclass(slots=True)
class _Part:
    """What is kept of a job between its phases."""

    program: EngineProgram
    session: EngineSession | None
    units: range
    all_units: int
    challenge: Any = None
    proofs: dict[int, bytes] = field(default_factory=dict)


class JobRunner:
    """Does tasks one at a time and keeps what a job needs from one phase to the next."""

    def __init__(self, engine: ProverEngine) -> None:
        self._engine = engine
        self._programs: OrderedDict[tuple[str, int, int], EngineProgram] = OrderedDict()
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
            progress=self.meter,
        )
        self._parts[job_id] = _Part(program, session, units, request.demand.units)
        return session.contributions()

    def prove(self, job_id: str, contributions: Sequence[bytes], challenge: bytes) -> list[tuple[int, bytes]]:
        """Phase 2 of a job, under the challenge that follows from the contributions and no other.

        Raises:
            EngineError: the coordinator's challenge is another one.

        """
        part = self._part(job_id)
        if part.session is None:
            raise EngineError(FailureKind.WORKER_ERROR, f"job {job_id} is proved already")
        part.challenge = self._engine.global_challenge(part.program, contributions, part.all_units)
        if self._engine.encode_challenge(part.challenge) != challenge:
            raise EngineError(
                FailureKind.BAD_CONTRIBUTION,
                "the coordinator's global challenge does not follow from the contributions; "
                "give coordinator and workers one version of pyzisk",
            )
        proofs = list(zip(part.units, part.session.prove(part.challenge), strict=True))
        part.proofs.update(proofs)
        # The session holds the traces of its segments; whoever aggregates needs only the proofs.
        part.session = None
        return proofs

    def aggregate(self, job_id: str, proofs: Mapping[int, bytes], last: bool) -> bytes | None:
        """Phase 3 of a job: take proofs of other workers in; with `last`, put the job's proof together."""
        part = self._part(job_id)
        part.proofs.update(proofs)
        if not last:
            return None
        proof = self._engine.assemble(part.program, part.challenge, dict(sorted(part.proofs.items())))
        self.drop(job_id)
        return proof

    def drop(self, job_id: str) -> None:
        """Forget a job."""
        self._parts.pop(job_id, None)

    def _part(self, job_id: str) -> _Part:
        try:
            return self._parts[job_id]
        except KeyError:
            text = f"job {job_id} is not known here: its contributions were not made by this process"
            raise EngineError(FailureKind.WORKER_ERROR, text) from None

    def _program(self, request: JobRequest, elf: bytes) -> EngineProgram:
        key = (request.hash_id, request.log_size, request.security)
        if key not in self._programs:
            self._programs[key] = self._engine.setup(
                elf, log_size=request.log_size, security=request.security, progress=self.meter
            )
            while len(self._programs) > _PROGRAMS_KEPT:
                self._programs.popitem(last=False)
        self._programs.move_to_end(key)
        return self._programs[key]
