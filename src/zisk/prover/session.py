"""One worker's part of a job: contributions of some units, then their proofs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zisk.kernels.pool import Pool, default_pool
from zisk.progress import NULL_PROGRESS, Progress
from zisk.prover.contribution import Contribution, UnitContribution, encode_contribution
from zisk.prover.errors import ContributionError, JobTooLargeError
from zisk.prover.job_proof import encode_unit_proof
from zisk.prover.setup import Program
from zisk.prover.statement import MAXIMAL_SEGMENTS, Claims, GlobalChallenge
from zisk.prover.units import segments_of_units, unit_places
from zisk.stark.key import Digest
from zisk.stark.proof import encode
from zisk.stark.prove import CommittedSegment, commit_segment, prove_segment
from zisk.vm.executor import Execution, Run, Segment
from zisk.vm.segments import EdgesPlan, core_matrices, edges_matrices, plan_edges

DEFAULT_CACHE_BYTES = 3 << 30
"""Committed traces kept between the phases; what does not fit is rebuilt."""


class ProvingSession:
    """The units `allocation` of a job of `units` units, on one machine.

    Call `contributions`, and when the job's challenge is known, `prove`. Which units a session has changes
    neither the contributions nor the proofs of a unit.
    """

    def __init__(
        self,
        program: Program,
        data: bytes,
        *,
        units: int,
        allocation: Sequence[int],
        pool: Pool | None = None,
        progress: Progress = NULL_PROGRESS,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        max_steps: int | None = None,
    ) -> None:
        if units < 1 or not set(allocation) <= set(range(units)):
            raise ValueError(f"units {sorted(allocation)} are not units of a job of {units}")
        self._program, self._data, self._units = program, data, units
        self._allocation = frozenset(allocation)
        self._places = unit_places(units)
        self._pool, self._progress = pool or default_pool(), progress
        self._cache: dict[int, CommittedSegment] = {}
        self._cache_left = cache_bytes
        self._max_steps = max_steps
        self._leaves: dict[int, Digest] = {}
        self._weights: dict[int, int] = {}
        self._claims: Claims | None = None
        self.execution: Execution | None = None

    def contributions(self) -> bytes:
        """Phase one: execute the program and commit to this session's segments.

        Raises:
            GuestError: the guest does not run to its halt.
            JobTooLargeError: the run does not fit one job.
        """
        with self._progress.phase("contributions") as advance:
            for position, committed in self._committed(lambda _: True):
                self._leaves[position] = committed.leaf
                self._weights[position] = committed.weight
                self._keep(position, committed)
                advance(1)
        assert self._claims is not None
        shares = segments_of_units(self._claims.segments, self._units)
        contribution = Contribution(
            self._program.program_key.digest,
            self._units,
            self._claims,
            {
                unit: UnitContribution(
                    tuple(self._leaves[position] for position in shares[unit]),
                    sum(self._weights[position] for position in shares[unit]),
                )
                for unit in self._allocation
            },
        )
        return encode_contribution(contribution)

    def prove(self, challenge: GlobalChallenge) -> list[bytes]:
        """Phase two: the proofs of this session's units, in unit order.

        Raises:
            ContributionError: the challenge does not bind what this session contributed.
        """
        self._check_bound(challenge)
        proofs: dict[int, bytes] = {}
        with self._progress.phase("prove", total=len(self._leaves)) as advance:

            def prove_one(position: int, committed: CommittedSegment) -> None:
                proofs[position] = encode(prove_segment(committed, challenge.job, self._pool))
                advance(1)

            for position in sorted(self._cache):
                prove_one(position, self._cache.pop(position))
            if len(proofs) < len(self._leaves):
                for position, committed in self._committed(lambda place: place not in proofs):
                    prove_one(position, committed)
        shares = segments_of_units(challenge.claims.segments, self._units)
        return [
            encode_unit_proof(unit, [proofs[position] for position in shares[unit]])
            for unit in sorted(self._allocation)
        ]

    def _is_ours(self, position: int) -> bool:
        return self._places[position % self._units] in self._allocation

    def _committed(self, wanted) -> Iterator[tuple[int, CommittedSegment]]:
        """Execute, and yield this session's wanted segments by job-wide position as they are committed."""

        def asked(position: int) -> bool:
            return self._is_ours(position) and wanted(position)

        program = self._program
        run = Run(
            program.guest,
            self._data,
            log_size=program.log_size,
            record=lambda index: asked(index - 1),
            max_steps=self._max_steps,
            progress=self._progress,
        )
        for segment in run:
            if segment.index >= MAXIMAL_SEGMENTS:
                raise JobTooLargeError("core segments", segment.index, MAXIMAL_SEGMENTS)
            if segment.record is not None:
                yield segment.index - 1, self._commit_core(segment)
        execution = run.result
        assert execution is not None
        plan = plan_edges(program.guest, execution.touched)
        self.execution = execution
        self._claims = Claims(
            exit_code=execution.exit_code,
            outputs=execution.outputs,
            core=execution.segments,
            edges=plan.segments,
            last_key=plan.last_key,
        )
        for chunk in range(plan.segments):
            if asked(execution.segments + chunk):
                yield execution.segments + chunk, self._commit_edges(plan, chunk)

    def _commit_core(self, segment: Segment) -> CommittedSegment:
        fixed = self._program.core
        traces, publics = core_matrices(fixed, self._program.guest, segment, self._pool)
        digest = self._program.program_key.digest
        return commit_segment(fixed, traces, publics, digest, self._pool)

    def _commit_edges(self, plan: EdgesPlan, chunk: int) -> CommittedSegment:
        fixed = self._program.edges(chunk)
        traces, publics = edges_matrices(fixed, self._program.guest, plan, chunk, self._pool)
        digest = self._program.program_key.digest
        return commit_segment(fixed, traces, publics, digest, self._pool)

    def _keep(self, position: int, committed: CommittedSegment) -> None:
        size = sum(trace.nbytes for trace in committed.traces)
        size += sum(table.nbytes for table in committed.main.tables) + committed.main.tree.nbytes
        if size <= self._cache_left:
            self._cache_left -= size
            self._cache[position] = committed

    def _check_bound(self, challenge: GlobalChallenge) -> None:
        if self._claims is None:
            raise ContributionError("this session has not contributed yet")
        bound = (challenge.claims, challenge.units) == (self._claims, self._units)
        if not bound or any(challenge.leaves[place] != leaf for place, leaf in self._leaves.items()):
            raise ContributionError("the challenge does not bind what this session contributed")
