"""One worker's part of a job: contributions of some units, then their proofs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from typing import Any

from zisk.choices import MAXIMAL_UNITS
from zisk.kernels.backend import Backend
from zisk.kernels.default import default_backend
from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.forms import ProofForm
from zisk.proof_format.statement import MAXIMAL_SEGMENTS, Claims, GlobalChallenge
from zisk.proof_format.units import segments_of_units, unit_places
from zisk.prover.contribution import Contribution, UnitContribution, encode_contribution
from zisk.prover.delivery import Delivery, FoldedDelivery, SegmentDelivery
from zisk.prover.errors import ContributionError, JobTooLargeError
from zisk.prover.fold_tree import Span
from zisk.prover.folding import Folder
from zisk.prover.pieces import NO_PIECES, Keep, OnRefusal, ignore_refusal
from zisk.prover.program_setup import Program
from zisk.prover.segment_cache import SegmentCache
from zisk.prover.segment_commitment import OnCommit, SegmentCommitment
from zisk.recursion.circuits import circuit_set
from zisk.stages import NULL_STAGES, Stage, Stages
from zisk.stark.proof import encode
from zisk.stark.prove import CommittedSegment, commit_segment, prove_segment
from zisk.vm.executor import Execution, Run
from zisk.vm.kinds import KINDS
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.segment_kind import SegmentKind

DEFAULT_CACHE_BYTES = 3 << 30
"""What a session keeps between the phases: of size 20 four to six whole segments, or hundreds of trees."""

THREAD_RUNS = 28
"""Runs, times threads, that phase two may add to its first, so that units end one after another: under 2 %.

On one thread a run takes up to 0.07 % of the time of the composite proof; it is not faster on several.
"""

NO_COMMITMENTS: Mapping[int, SegmentCommitment] = {}


class ProvingSession:
    """The units `allocation` of a job of `units` units, on one machine.

    Call `contributions`, and when the job's challenge is known, `prove`. Which units a session has changes
    neither the contributions nor the proof of the job, nor does who committed to a segment or kept its proof.

    Args:
        committed: segments by position that another session has committed to, of this job's units or others.
            They are executed and no more; one that it got wrong is found when it is proved here.
        on_commit: told of each segment that is committed to here.

    Attributes:
        claims, execution: what the run came to, once it has ended.
    """

    def __init__(
        self,
        program: Program,
        data: bytes,
        *,
        units: int,
        allocation: Sequence[int],
        form: ProofForm = ProofForm.FINAL,
        backend: Backend | None = None,
        progress: Progress = NULL_PROGRESS,
        stages: Stages = NULL_STAGES,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        max_steps: int | None = None,
        committed: Mapping[int, SegmentCommitment] = NO_COMMITMENTS,
        on_commit: OnCommit | None = None,
    ) -> None:
        if not 1 <= units <= MAXIMAL_UNITS:
            raise ValueError(f"a job has 1 to {MAXIMAL_UNITS} compute units, not {units}")
        if not set(allocation) <= set(range(units)):
            raise ValueError(f"units {sorted(allocation)} are not units of a job of {units}")
        self._program, self._data, self._units = program, data, units
        self._allocation, self._form = frozenset(allocation), form
        self._places = unit_places(units)
        self._backend, self._progress, self._stages = backend or default_backend(), progress, stages
        self._cache = SegmentCache(cache_bytes)
        self._max_steps = max_steps
        self._commitments = {place: committed[place] for place in committed if self._is_ours(place)}
        self._given = frozenset(self._commitments)
        self._on_commit = on_commit
        self.claims: Claims | None = None
        self.execution: Execution | None = None

    def contributions(self) -> bytes:
        """Phase one: execute the program and commit to this session's segments.

        Raises:
            GuestError: the guest does not run to its halt.
            JobTooLargeError: the run does not fit one job.
            ContributionError: a segment is committed already that the run does not have.
        """
        with self._progress.phase("contributions") as advance:
            for position, committed in self.segments(lambda place: place not in self._given):
                self._tell(position, _commitment_to(committed))
                self._cache.keep(position, committed)
                del committed  # what is not kept makes room for the next one
                advance(1)
        assert self.claims is not None
        segments = self.claims.segments
        foreign = self._given.difference(range(segments))
        if foreign:
            raise ContributionError(
                f"segment {min(foreign)} is said to be committed already, but the run has {segments}, from 0"
            )
        shares = segments_of_units(segments, self._units)
        contribution = Contribution(
            self._program.program_key.digest,
            self._units,
            self.claims,
            {
                unit: UnitContribution(
                    tuple(self._commitments[position].leaf for position in shares[unit]),
                    sum(self._commitments[position].weight for position in shares[unit]),
                )
                for unit in self._allocation
            },
        )
        return encode_contribution(contribution)

    def prove(
        self,
        challenge: GlobalChallenge,
        *,
        stored: Mapping[Span, bytes] = NO_PIECES,
        keep: Keep | None = None,
        on_refusal: OnRefusal = ignore_refusal,
    ) -> list[bytes]:
        """Phase two: what each of this session's units delivers for `Aggregation`, in unit order.

        A segment proof is folded as soon as it is there, unless the job's proof is composite.

        Args:
            challenge: the job's, from the contributions of all units.
            stored: pieces that were kept of this job under this challenge, by whomever. They are checked
                first; segments that they cover are not proved again.
            keep: takes each piece that is made here.
            on_refusal: told of each stored piece that does not hold and is left out.

        Raises:
            ContributionError: the challenge does not bind what this session contributed, or another session
                committed to something else for a segment that is proved here.
        """
        self._check_bound(challenge)
        delivery = self._delivery(challenge, keep)
        covered = delivery.restore(stored, self._commitments.keys(), on_refusal)
        for position in covered:
            self._cache.forget(position)
        left = self._commitments.keys() - covered
        with self._progress.phase("prove", total=len(left)) as advance, delivery.phase(left):
            for position, committed in self._by_units(left):
                if _commitment_to(committed) != self._commitments[position] and position in self._given:
                    raise ContributionError(
                        f"another session committed to something else for segment {position}"
                    )
                proof = encode(prove_segment(committed, challenge.job, self._backend, self._stages))
                advance(1)
                del committed  # folding needs the memory
                delivery.add(position, proof)
        return delivery.payloads(sorted(self._allocation))

    def _by_units(self, positions: Collection[int]) -> Iterator[tuple[int, CommittedSegment]]:
        """These segments, a few units after the other; first those of them that are kept whole."""
        shares: dict[int, list[int]] = {}
        for position in sorted(positions):
            shares.setdefault(self._unit_of(position), []).append(position)
        units = sorted(shares)
        runs = 1 + THREAD_RUNS // self._backend.pool.threads
        together = -(-len(units) // runs)
        for start in range(0, len(units), together or 1):
            some = [position for unit in units[start : start + together] for position in shares[unit]]
            whole = set(self._cache.whole)
            for position in some:
                if position in whole:
                    yield position, self._cache.take(position)
            rebuilt = set(some) - whole
            if rebuilt:
                with closing(self.segments(rebuilt.__contains__)) as found:
                    yield from islice(found, len(rebuilt))

    def _tell(self, position: int, commitment: SegmentCommitment) -> None:
        self._commitments[position] = commitment
        if self._on_commit is not None:
            self._on_commit(position, commitment)

    def _delivery(self, challenge: GlobalChallenge, keep: Keep | None) -> Delivery:
        program, backend = self._program, self._backend
        if self._form is ProofForm.COMPOSITE:
            return SegmentDelivery(
                program.program_key, challenge, keep=keep, progress=self._progress, stages=self._stages
            )
        folder = Folder(
            circuit_set(program.security, backend),
            program.program_key,
            challenge,
            backend,
            keep=keep,
            progress=self._progress,
            stages=self._stages,
        )
        return FoldedDelivery(folder, challenge)

    def _unit_of(self, position: int) -> int:
        return self._places[position % self._units]

    def _is_ours(self, position: int) -> bool:
        return self._unit_of(position) in self._allocation

    def segments(
        self, wanted: Callable[[int], bool] = lambda _: True
    ) -> Generator[tuple[int, CommittedSegment], None, None]:
        """Execute, and yield this session's wanted segments by job-wide position as they are committed.

        One whose tree was kept is not hashed again.
        """

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
            stages=self._stages,
        )
        for segment in run:
            if segment.index >= MAXIMAL_SEGMENTS:
                raise JobTooLargeError("core segments", segment.index, MAXIMAL_SEGMENTS)
            if segment.record is not None:
                yield segment.index - 1, self._commit(CORE, segment.index - 1, segment.index - 1, segment)
            del segment  # the next one is recorded into its memory
        execution = run.result
        assert execution is not None
        parts = {kind: kind.filling().parts(program.guest, execution) for kind in KINDS}
        counts = tuple(execution.segments if kind is CORE else len(parts[kind]) for kind in KINDS)
        if sum(counts) > MAXIMAL_SEGMENTS:
            raise JobTooLargeError("segments", sum(counts), MAXIMAL_SEGMENTS)
        self.execution = execution
        self.claims = Claims(
            exit_code=execution.exit_code,
            outputs=execution.outputs,
            counts=counts,
            kind_claims=tuple(value for kind in KINDS for value in kind.filling().claims(parts[kind])),
        )
        for position in range(execution.segments, self.claims.segments):
            if asked(position):
                kind, place = self.claims.located(position)
                yield position, self._commit(kind, position, place, parts[kind][place])

    def _commit(self, kind: SegmentKind, position: int, place: int, part: Any) -> CommittedSegment:
        """Fill and commit to the segment of a kind at a place among those of the kind."""
        program, filling = self._program, kind.filling()
        fixed, backend = program.fixed_of(kind, place), self._backend
        with self._stages.stage(Stage.FILL):
            traces = filling.matrices(fixed.key.kind, fixed.values, program.guest, part, backend)
        digest, tree = program.program_key.digest, self._cache.take_tree(position)
        return commit_segment(fixed, traces, filling.publics(part), digest, backend, self._stages, tree)

    def _check_bound(self, challenge: GlobalChallenge) -> None:
        if self.claims is None:
            raise ContributionError("this session has not contributed yet")
        bound = (challenge.claims, challenge.units) == (self.claims, self._units)
        said = self._commitments.items()
        if not bound or any(challenge.leaves[place] != one.leaf for place, one in said):
            raise ContributionError("the challenge does not bind what this session contributed")


def _commitment_to(segment: CommittedSegment) -> SegmentCommitment:
    return SegmentCommitment(segment.leaf, segment.weight)
