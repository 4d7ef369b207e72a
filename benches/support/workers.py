"""A job shared out over worker processes of this machine, and its wall time."""

from __future__ import annotations

import multiprocessing
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from support.proving import prove_once
from zisk.cluster.scheduling.selection import allocate
from zisk.kernels.default import new_backend
from zisk.kernels.pool import Pool
from zisk.kernels.warmup import warm_up
from zisk.prover import ProofForm, ProvingSession, global_challenge, setup
from zisk.prover.unit_proof import assemble_job


@dataclass(frozen=True, slots=True)
class Job:
    """What is proved: a guest's ELF on an input, at a size, in a number of units.

    Every process first proves the input `warming`: a system gives out fresh memory slowly.
    """

    elf: bytes
    data: bytes
    warming: bytes
    size: int
    units: int


class Workers:
    """Processes of one thread each that prove a job together, as often as they are told to.

    Every worker executes the run and has a contiguous run of units, as the coordinator shares them out.
    Entering the context starts, compiles and sets up; leaving it ends the processes.

    Raises:
        RuntimeError: a worker ended early; its own message is on standard error.
    """

    def __init__(self, job: Job, workers: int) -> None:
        self._job = job
        self._shares = allocate(job.units, [1] * workers)
        self._program = setup(job.elf, log_size=job.size)
        self._started: list[tuple[SpawnProcess, Connection]] = []

    def __enter__(self) -> Workers:
        context = multiprocessing.get_context("spawn")
        for units in self._shares:
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(self._job, units, theirs), daemon=True)
            process.start()
            theirs.close()
            self._started.append((process, ours))
        self._collect()
        return self

    def __exit__(self, *error: object) -> None:
        for _, connection in self._started:
            connection.close()
        for process, _ in self._started:
            process.join()

    def prove(self) -> float:
        """Wall seconds of one proof."""
        begin = time.perf_counter()
        self._send_all(None)
        contributions = self._collect()
        self._send_all(contributions)
        challenge = global_challenge(self._program, contributions)
        proofs = [proof for share in self._collect() for proof in share]
        assemble_job(self._program.program_key, challenge, dict(enumerate(proofs)))
        return time.perf_counter() - begin

    def _send_all(self, message: object) -> None:
        for _, connection in self._started:
            connection.send(message)

    def _collect(self) -> list:
        """One message of each worker."""
        try:
            return [connection.recv() for _, connection in self._started]
        except EOFError:
            raise RuntimeError(
                "a worker process ended early; its message is above (out of memory? take a smaller --size)"
            ) from None


def _work(job: Job, units: range, connection: Connection) -> None:
    """A worker: says that it is ready, then contributes and proves each time it is told to, until the end."""
    warm_up()
    backend = new_backend(Pool(1))
    program = setup(job.elf, log_size=job.size, backend=backend)
    prove_once(program, job.warming, backend)
    connection.send(b"")
    with suppress(EOFError):
        while True:
            connection.recv()
            session = ProvingSession(
                program,
                job.data,
                units=job.units,
                allocation=units,
                form=ProofForm.COMPOSITE,
                backend=backend,
            )
            connection.send(session.contributions())
            connection.send(session.prove(global_challenge(program, connection.recv(), backend)))
