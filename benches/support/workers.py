"""A job shared out over worker processes of this machine, and its wall time."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from zisk.cluster.coordinator.selection import allocate
from zisk.kernels.pool import Pool
from zisk.kernels.warmup import warm_up
from zisk.prover import ProofForm, ProvingSession, global_challenge, setup
from zisk.prover.job_proof import assemble_job

CACHE_BYTES = 1 << 50
"""No session commits to a segment twice, so that sharing is all that the measures differ in."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is proved: a guest's ELF on an input, at a size, in a number of units."""

    elf: bytes
    data: bytes
    size: int
    units: int


def prove_shared(job: Job, workers: int, repeat: int) -> list[float]:
    """Wall seconds of each of `repeat` proofs by so many processes of one thread each.

    Every worker executes the run and has a contiguous run of units, as the coordinator shares them out.
    Starting processes, compiling and set-up are not counted.

    Raises:
        RuntimeError: a worker ended early; its own message is on standard error.
    """
    context = multiprocessing.get_context("spawn")
    program = setup(job.elf, log_size=job.size)
    started: list[tuple[SpawnProcess, Connection]] = []
    for units in allocate(job.units, [1] * workers):
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(job, units, repeat, theirs), daemon=True)
        process.start()
        theirs.close()
        started.append((process, ours))
    connections = [connection for _, connection in started]
    _collect(connections)
    found: list[float] = []
    for _ in range(repeat):
        begin = time.perf_counter()
        _send_all(connections, None)
        contributions = _collect(connections)
        _send_all(connections, contributions)
        challenge = global_challenge(program, contributions)
        proofs = [proof for share in _collect(connections) for proof in share]
        assemble_job(program.program_key, challenge, dict(enumerate(proofs)))
        found.append(time.perf_counter() - begin)
    for process, connection in started:
        process.join()
        connection.close()
    return found


def _work(job: Job, units: range, repeat: int, connection: Connection) -> None:
    """A worker: says that it is ready, then for each proof contributes and proves when it is told to."""
    warm_up()
    pool = Pool(1)
    program = setup(job.elf, log_size=job.size, pool=pool)
    connection.send(b"")
    for _ in range(repeat):
        connection.recv()
        session = ProvingSession(
            program,
            job.data,
            units=job.units,
            allocation=units,
            form=ProofForm.COMPOSITE,
            pool=pool,
            cache_bytes=CACHE_BYTES,
        )
        connection.send(session.contributions())
        connection.send(session.prove(global_challenge(program, connection.recv(), pool)))


def _send_all(connections: Sequence[Connection], message: object) -> None:
    for connection in connections:
        connection.send(message)


def _collect(connections: Sequence[Connection]) -> list:
    """One message of each worker."""
    try:
        return [connection.recv() for connection in connections]
    except EOFError:
        raise RuntimeError(
            "a worker process ended early; its message is above (out of memory? take a smaller --size)"
        ) from None
