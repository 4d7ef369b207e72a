"""The prover of this package as an engine; what proves is imported when it is first needed."""

import struct
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from zisk.cluster.engines.protocol import (
    NOTHING_COMMITTED,
    NOTHING_STORED,
    EngineAggregation,
    EngineProgram,
    EngineSession,
    Keep,
    OnCommit,
    OnRefusal,
    Span,
    ignore_refusal,
)
from zisk.cluster.tasks import Execution
from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.forms import ProofForm

__all__ = ["LocalEngine"]


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
    def _backend(self) -> Any:
        """The device that kernels run on, and the threads that feed it."""
        from zisk.kernels.default import new_backend
        from zisk.kernels.pool import Pool

        return new_backend(Pool(self._threads))

    def setup(
        self, elf: bytes, *, log_size: int, security: int, progress: Progress = NULL_PROGRESS
    ) -> EngineProgram:
        """Set a guest program up."""
        from zisk import prover

        return prover.setup(
            elf, log_size=log_size, security=security, progress=progress, backend=self._backend
        )

    def execute(self, elf: bytes, data: bytes, *, progress: Progress = NULL_PROGRESS) -> Execution:
        """Run a guest program."""
        from zisk import prover

        start = time.perf_counter()
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
        committed: Mapping[int, bytes] = NOTHING_COMMITTED,
        on_commit: OnCommit | None = None,
    ) -> EngineSession:
        """Begin a part of a job."""
        from zisk import prover
        from zisk.prover.segment_commitment import (
            SegmentCommitment,
            decode_commitment,
            encode_commitment,
        )

        def tell(position: int, commitment: SegmentCommitment) -> None:
            if on_commit is not None:
                on_commit(position, encode_commitment(commitment))

        return prover.ProvingSession(
            program,
            data,
            units=units,
            allocation=allocation,
            form=form,
            backend=self._backend,
            progress=progress,
            committed={position: decode_commitment(data) for position, data in committed.items()},
            on_commit=tell,
        )

    def global_challenge(self, program: Any, contributions: Sequence[bytes], units: int) -> Any:
        """Derive the global challenge."""
        from zisk import prover

        challenge = prover.global_challenge(program, contributions, self._backend)
        if challenge.units != units:
            raise prover.ContributionError(
                f"the contributions are of a job of {challenge.units} units, this one has {units}"
            )
        return challenge

    def encode_challenge(self, challenge: Any) -> bytes:
        """What segment proofs absorb of a global challenge, and its nonces: canonical words of 4 bytes."""
        job = challenge.job
        elements = (*job.binding, *job.bus.alpha, *job.bus.beta, *challenge.nonces)
        return struct.pack(f"<{len(elements)}I", *elements)

    def aggregation(
        self,
        program: Any,
        challenge: Any,
        *,
        form: ProofForm,
        progress: Progress = NULL_PROGRESS,
        stored: Mapping[Span, bytes] = NOTHING_STORED,
        keep: Keep | None = None,
        on_refusal: OnRefusal = ignore_refusal,
    ) -> EngineAggregation:
        """Begin to make a job's proof."""
        from zisk import prover

        return prover.Aggregation(
            program,
            challenge,
            form=form,
            backend=self._backend,
            progress=progress,
            stored=stored,
            keep=keep,
            on_refusal=on_refusal,
        )

    def verify(self, proof: bytes, key: bytes, form: ProofForm) -> Execution:
        """Check a job's proof."""
        from zisk import prover
        from zisk.stark.errors import Rejection
        from zisk.verifier.policy import ANY_LEVEL

        outcome = prover.verify(proof, key, ANY_LEVEL)
        if outcome.form is not form:
            raise prover.VerificationError(
                Rejection.POLICY, f"the proof is {outcome.form}, this job's is to be {form}"
            )
        return Execution(outcome.steps, None, outcome.segments, outcome.exit_code, outcome.outputs)
