"""What the cluster asks of a prover, and the prover of this package behind it.

The cluster never touches the prover but through `ProverEngine`; what proves is imported when it is first
needed.
"""

import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Protocol

from zisk.cluster.errors import ClusterError, FailureKind
from zisk.cluster.tasks import Counts, Execution
from zisk.progress import NULL_PROGRESS, Progress
from zisk.prover.forms import ProofForm

__all__ = [
    "EngineAggregation",
    "EngineError",
    "EngineProgram",
    "EngineSession",
    "LocalEngine",
    "ProverEngine",
]


class EngineError(ClusterError):
    """The prover could not do what was asked; `kind` says whose fault that is."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.exit_code = kind.exit_code


class EngineProgram(Protocol):
    """A guest program that is set up."""

    @property
    def key(self) -> bytes:
        """The serialised verifying key."""
        ...


class EngineSession(Protocol):
    """One worker's part of one job."""

    def contributions(self) -> bytes:
        """Phase 1 of all its units."""
        ...

    @property
    def counts(self) -> Counts:
        """How long the run was, once phase 1 is over."""
        ...

    def prove(self, challenge: Any) -> list[bytes]:
        """Phase 2: what each unit delivers, in order of units."""
        ...


class EngineAggregation(Protocol):
    """A job's proof in the making."""

    def add(self, unit: int, payload: bytes) -> None:
        """Take in what a unit delivers, and fold as far as it reaches; what does not hold is refused."""
        ...

    def finish(self) -> bytes:
        """The job's proof, once every unit is in."""
        ...


class ProverEngine(Protocol):
    """The prover as the cluster sees it. Calls block, take long, and are made from one thread at a time."""

    def is_prepared(self) -> bool:
        """Whether there is nothing left that is done once on a machine."""
        ...

    def prepare(self) -> None:
        """Do what is done once on a machine."""
        ...

    def setup(
        self, elf: bytes, *, log_size: int, security: int, progress: Progress = NULL_PROGRESS
    ) -> EngineProgram:
        """Set a guest program up for proofs with segments of 2^`log_size` steps at `security` bits."""
        ...

    def execute(self, elf: bytes, data: bytes, *, progress: Progress = NULL_PROGRESS) -> Execution:
        """Run a guest program on the input `data`."""
        ...

    def session(
        self,
        program: Any,
        data: bytes,
        *,
        units: int,
        allocation: Sequence[int],
        form: ProofForm,
        progress: Progress = NULL_PROGRESS,
    ) -> EngineSession:
        """Begin the part `allocation` of a job of `units` units whose proof has that form."""
        ...

    def global_challenge(self, program: Any, contributions: Sequence[bytes], units: int) -> Any:
        """Derive the global challenge from the contributions of all `units` units, or refuse them."""
        ...

    def encode_challenge(self, challenge: Any) -> bytes:
        """The bytes of a global challenge, equal for equal challenges."""
        ...

    def aggregation(
        self, program: Any, challenge: Any, *, form: ProofForm, progress: Progress = NULL_PROGRESS
    ) -> EngineAggregation:
        """Begin to make the proof of a job from what its units deliver."""
        ...

    def verify(self, proof: bytes, key: bytes, form: ProofForm) -> Execution:
        """Check a job's proof; one that does not hold, or is of another form, is refused.

        The key is one that this engine derived, at the level that the job asked for.
        """
        ...


class LocalEngine:
    """The prover of this package, in this process, on `threads` threads or on every core."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads

    def is_prepared(self) -> bool:
        """Whether an earlier process has compiled the kernels."""
        from zisk import prover

        return prover.is_prepared()

    def prepare(self) -> None:
        """Compile the kernels."""
        from zisk import prover

        prover.prepare()

    @cached_property
    def _pool(self) -> Any:
        """The threads that kernels run on."""
        from zisk.kernels.pool import Pool

        return Pool(self._threads)

    def setup(
        self, elf: bytes, *, log_size: int, security: int, progress: Progress = NULL_PROGRESS
    ) -> EngineProgram:
        """Set a guest program up."""
        from zisk import prover

        with _classified():
            return prover.setup(elf, log_size=log_size, security=security, progress=progress, pool=self._pool)

    def execute(self, elf: bytes, data: bytes, *, progress: Progress = NULL_PROGRESS) -> Execution:
        """Run a guest program."""
        from zisk import prover

        start = time.perf_counter()
        with _classified():
            run = prover.execute(elf, data, progress=progress)
        seconds = time.perf_counter() - start
        return Execution(run.steps, run.cycles, run.segments, run.exit_code, tuple(run.outputs), seconds)

    def session(
        self,
        program: Any,
        data: bytes,
        *,
        units: int,
        allocation: Sequence[int],
        form: ProofForm,
        progress: Progress = NULL_PROGRESS,
    ) -> EngineSession:
        """Begin a part of a job."""
        from zisk import prover

        with _classified():
            session = prover.ProvingSession(
                program,
                data,
                units=units,
                allocation=allocation,
                form=form,
                pool=self._pool,
                progress=progress,
            )
        return _ClassifiedSession(session)

    def global_challenge(self, program: Any, contributions: Sequence[bytes], units: int) -> Any:
        """Derive the global challenge."""
        from zisk import prover

        with _classified():
            challenge = prover.global_challenge(program, contributions, self._pool)
        if challenge.units != units:
            text = f"the contributions are of a job of {challenge.units} units, this one has {units}"
            raise EngineError(FailureKind.BAD_CONTRIBUTION, text)
        return challenge

    def encode_challenge(self, challenge: Any) -> bytes:
        """What segment proofs absorb of a global challenge, and its nonces: canonical words of 4 bytes."""
        job = challenge.job
        elements = (*job.binding, *job.bus.alpha, *job.bus.beta, *challenge.nonces)
        return struct.pack(f"<{len(elements)}I", *elements)

    def aggregation(
        self, program: Any, challenge: Any, *, form: ProofForm, progress: Progress = NULL_PROGRESS
    ) -> EngineAggregation:
        """Begin to make a job's proof."""
        from zisk import prover

        with _classified():
            aggregation = prover.Aggregation(
                program, challenge, form=form, pool=self._pool, progress=progress
            )
        return _ClassifiedAggregation(aggregation)

    def verify(self, proof: bytes, key: bytes, form: ProofForm) -> Execution:
        """Check a job's proof."""
        from zisk import prover
        from zisk.prover.policy import ANY_LEVEL

        with _classified():
            outcome = prover.verify(proof, key, ANY_LEVEL)
        if outcome.form is not form:
            text = f"the proof is {outcome.form}, this job's is to be {form}"
            raise EngineError(FailureKind.BAD_PROOF, text)
        return Execution(outcome.steps, None, outcome.segments, outcome.exit_code, outcome.outputs)


class _ClassifiedSession:
    """A session whose failures are engine errors."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def contributions(self) -> bytes:
        with _classified():
            return self._session.contributions()

    @property
    def counts(self) -> Counts:
        return Counts(self._session.execution.steps, self._session.execution.cycles)

    def prove(self, challenge: Any) -> list[bytes]:
        with _classified():
            return self._session.prove(challenge)


class _ClassifiedAggregation:
    """An aggregation whose failures are engine errors."""

    def __init__(self, aggregation: Any) -> None:
        self._aggregation = aggregation

    def add(self, unit: int, payload: bytes) -> None:
        try:
            with _classified():
                self._aggregation.add(unit, payload)
        except EngineError as error:
            text = f"what unit {unit} delivers is refused: {error}"
            raise EngineError(error.kind, text) from error

    def finish(self) -> bytes:
        with _classified():
            return self._aggregation.finish()


@contextmanager
def _classified() -> Iterator[None]:
    """Turn what the prover raises into an engine error that says whose fault it is."""
    from zisk.prover.errors import ProverError, UnitProofError
    from zisk.recursion.errors import CircuitLayerError
    from zisk.stark.errors import StarkError, VerificationError
    from zisk.vm.errors import GuestError, GuestFault, StepLimitError

    try:
        yield
    except StepLimitError as error:
        raise EngineError(FailureKind.STEP_LIMIT, str(error)) from error
    except GuestFault as error:
        raise EngineError(FailureKind.GUEST_FAULT, str(error)) from error
    except GuestError as error:
        raise EngineError(FailureKind.INPUT, str(error)) from error
    except (VerificationError, UnitProofError) as error:
        raise EngineError(FailureKind.BAD_PROOF, str(error)) from error
    except (ProverError, StarkError, CircuitLayerError) as error:
        raise EngineError(FailureKind.WORKER_ERROR, str(error)) from error
    except MemoryError as error:
        text = "the machine has no memory left; choose a smaller size, or a larger machine"
        raise EngineError(FailureKind.WORKER_ERROR, text) from error
