"""One core proof under the clock."""

from __future__ import annotations

import time
from dataclasses import dataclass

from zisk.kernels.pool import Pool
from zisk.prover import Program, ProofForm, ProvingSession, global_challenge
from zisk.prover.job_proof import assemble_job
from zisk.prover.session import DEFAULT_CACHE_BYTES
from zisk.stages import Stage, StageClock


@dataclass(frozen=True, slots=True)
class Proving:
    """One proof of a run: the proof, what was proved, wall and processor seconds, and those of each stage."""

    proof: bytes
    cycles: int
    steps: int
    segments: int
    wall: float
    processor: float
    stages: dict[Stage, float]


def prove_once(program: Program, data: bytes, pool: Pool, cache_bytes: int = DEFAULT_CACHE_BYTES) -> Proving:
    """Prove everything in one session of one unit. Times of stages are processor time.

    Segments beyond `cache_bytes` are committed to twice.
    """
    stages = StageClock(time.process_time)
    wall, processor = time.perf_counter(), time.process_time()
    session = ProvingSession(
        program,
        data,
        units=1,
        allocation=[0],
        form=ProofForm.COMPOSITE,
        pool=pool,
        stages=stages,
        cache_bytes=cache_bytes,
    )
    challenge = global_challenge(program, [session.contributions()], pool)
    proof = assemble_job(program.program_key, challenge, dict(enumerate(session.prove(challenge))))
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    execution = session.execution
    assert execution is not None
    return Proving(
        proof,
        execution.cycles,
        execution.steps,
        challenge.claims.segments,
        wall,
        processor,
        stages.seconds,
    )
