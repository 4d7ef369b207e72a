"""How long a job would take on more workers than this machine has cores, from measured times of its segments.

Each simulated worker is as fast as the one measured and alone on its machine. Messages take no time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from support.workers import Job
from zisk.cluster.scheduling.selection import allocate
from zisk.kernels.default import new_backend
from zisk.kernels.pool import Pool
from zisk.progress import Advance
from zisk.proof_format.units import segments_of_units
from zisk.prover import Program, ProofForm, ProvingSession, global_challenge
from zisk.prover.fold_tree import fold_tree
from zisk.prover.unit_proof import assemble_job
from zisk.vm.executor import execute


@dataclass(frozen=True, slots=True)
class JobTimes:
    """Seconds of the parts of a job on one thread.

    Attributes:
        commit: of each segment in the order of the job, its share of the execution included.
        prove: of each segment.
        skip: executing one core segment that another worker proves.
        core: how many of the segments are core segments; they come first.
        join: the challenge and the assembly, which one machine does alone.
        whole: all of the job in one session.
    """

    commit: list[float]
    prove: list[float]
    skip: float
    core: int
    join: float
    whole: float


def measure_job(program: Program, job: Job) -> JobTimes:
    """Prove a job in one session of one thread, segment by segment under the clock."""
    backend, clock = new_backend(Pool(1)), _SegmentClock()
    begin = time.perf_counter()
    execution = execute(program.guest, job.data, log_size=job.size)
    skip = (time.perf_counter() - begin) / execution.segments
    begin = time.perf_counter()
    session = ProvingSession(
        program,
        job.data,
        units=job.units,
        allocation=range(job.units),
        form=ProofForm.COMPOSITE,
        backend=backend,
        progress=clock,
    )
    contributions = session.contributions()
    joining = time.perf_counter()
    challenge = global_challenge(program, [contributions], backend)
    joined = time.perf_counter()
    places: list[int] = []
    proofs = session.prove(challenge, keep=lambda span, _proof: places.append(span[0]))
    assembling = time.perf_counter()
    assemble_job(program.program_key, challenge, dict(enumerate(proofs)))
    end = time.perf_counter()
    positions = fold_tree(challenge.claims.segments, job.units).positions
    proving = dict(zip((positions[place] for place in places), clock.seconds["prove"], strict=True))
    return JobTimes(
        commit=clock.seconds["contributions"],
        prove=[proving[position] for position in sorted(proving)],
        skip=skip,
        core=execution.segments,
        join=joined - joining + end - assembling,
        whole=end - begin,
    )


def simulate(times: JobTimes, units: int, workers: int) -> float:
    """Wall seconds of the job on so many workers of one thread each.

    Units are shared out as the coordinator does it; each phase ends with its slowest worker.
    """
    shares = segments_of_units(len(times.commit), units)
    committing: list[float] = []
    proving: list[float] = []
    for run in allocate(units, [1] * workers):
        own = [position for unit in run for position in shares[unit]]
        skipped = times.core - sum(position < times.core for position in own)
        committing.append(sum(times.commit[position] for position in own) + skipped * times.skip)
        proving.append(sum(times.prove[position] for position in own))
    return max(committing) + times.join + max(proving)


class _SegmentClock:
    """Seconds of each finished step, for every phase by its name; the phases of a session count segments."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Time the steps of a phase."""
        del total
        seconds, since = self.seconds.setdefault(name, []), time.perf_counter()

        def advance(_steps: int = 1, /) -> None:
            nonlocal since
            now = time.perf_counter()
            seconds.append(now - since)
            since = now

        yield advance
