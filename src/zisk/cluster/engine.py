"""What the cluster asks of a prover, and the prover of this package behind it.

The cluster never touches the prover but through `ProverEngine`; `zisk.prover` is imported when it is first
needed.
"""

import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Protocol

from zisk.cluster.errors import ClusterError, FailureKind
from zisk.cluster.tasks import Execution
from zisk.progress import NULL_PROGRESS, Progress

__all__ = ["EngineError", "EngineProgram", "EngineSession", "LocalEngine", "ProverEngine"]


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

    def prove(self, challenge: Any) -> list[bytes]:
        """Phase 2: one proof per unit, in order of units."""
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
        progress: Progress = NULL_PROGRESS,
    ) -> EngineSession:
        """Begin the part `allocation` of a job of `units` units."""
        ...

    def global_challenge(self, program: Any, contributions: Sequence[bytes], units: int) -> Any:
        """Derive the global challenge from the contributions of all `units` units, or refuse them."""
        ...

    def encode_challenge(self, challenge: Any) -> bytes:
        """The bytes of a global challenge, equal for equal challenges."""
        ...

    def assemble(self, program: Any, challenge: Any, proofs: Mapping[int, bytes]) -> bytes:
        """Put the job's proof together from the proofs of all units."""
        ...

    def verify(self, proof: bytes, key: bytes) -> Execution:
        """Check a job's proof; one that does not hold is refused."""
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

    def assemble(self, program: Any, challenge: Any, proofs: Mapping[int, bytes]) -> bytes:
        """Put the job's proof together."""
        from zisk import prover

        with _classified():
            return prover.assemble(program, challenge, proofs)

    def verify(self, proof: bytes, key: bytes) -> Execution:
        """Check a job's proof."""
        from zisk import prover

        with _classified():
            outcome = prover.verify(proof, key)
        return Execution(outcome.steps, None, outcome.segments, outcome.exit_code, outcome.outputs)


class _ClassifiedSession:
    """A session whose failures are engine errors."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def contributions(self) -> bytes:
        with _classified():
            return self._session.contributions()

    def prove(self, challenge: Any) -> list[bytes]:
        with _classified():
            return self._session.prove(challenge)


@contextmanager
def _classified() -> Iterator[None]:
    """Turn what the prover raises into an engine error that says whose fault it is."""
    from zisk.prover.errors import ProverError
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
    except VerificationError as error:
        raise EngineError(FailureKind.BAD_PROOF, str(error)) from error
    except (ProverError, StarkError) as error:
        raise EngineError(FailureKind.WORKER_ERROR, str(error)) from error
    except MemoryError as error:
        text = "the machine has no memory left; choose a smaller size, or a larger machine"
        raise EngineError(FailureKind.WORKER_ERROR, text) from error
