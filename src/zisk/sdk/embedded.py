"""The prover of a client that proves in its own process."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import count
from threading import Lock

from blake3 import blake3

from zisk import prover
from zisk.choices import DEFAULT_UNITS
from zisk.cluster.errors import UnknownProgramError
from zisk.kernels.backend import Backend
from zisk.kernels.default import new_backend
from zisk.kernels.pool import Pool
from zisk.progress import Progress
from zisk.proof_format.forms import ProofForm
from zisk.sdk.arguments import elf_of, hash_id_of
from zisk.sdk.deadline import Deadline
from zisk.sdk.embedded_job import EmbeddedJob
from zisk.sdk.jobs import ProofJob, ProofOptions
from zisk.sdk.results import Counted, ExecutionReport, GuestProgram, Proof
from zisk.sdk.verification import check_key, verify
from zisk.verifier.outcome import KeyOrigin

__all__ = ["EmbeddedProver"]

_PROGRAMS_KEPT = 4
"""Programs that stay set up; each holds its tables in memory."""


class EmbeddedProver:
    """Proves here, one job after the other, in a thread of its own."""

    def __init__(self, threads: int | None = None) -> None:
        self._pool = Pool(threads)
        self._elves: dict[str, bytes] = {}
        self._set_up = lru_cache(_PROGRAMS_KEPT)(self._setup)
        self._thread = ThreadPoolExecutor(1, "zisk-prover")
        self._numbers = count(1)
        self._jobs: list[EmbeddedJob] = []
        self._lock = Lock()

    @cached_property
    def _backend(self) -> Backend:
        """What proves; only here are the kernels loaded."""
        return new_backend(self._pool)

    def upload(self, elf: bytes) -> GuestProgram:
        """Remember a guest program."""
        elf = elf_of(elf)
        program = GuestProgram(blake3(elf).hexdigest())
        self._elves[program.hash_id] = elf
        return program

    def setup(
        self, program: GuestProgram, *, log_size: int, security: int, digest: bytes | str | None
    ) -> bytes:
        """Derive the key of a program."""
        key = self._set_up(hash_id_of(program), log_size, security).key
        if digest is not None:
            check_key(key, digest)
        return key

    def execute(self, program: GuestProgram, data: bytes) -> ExecutionReport:
        """Run a program."""
        run = prover.execute(self._elf(hash_id_of(program)), data)
        return ExecutionReport(run.steps, run.cycles, run.segments, run.exit_code, run.outputs, Counted.HERE)

    def submit(
        self, program: GuestProgram, data: bytes, options: ProofOptions, deadline: Deadline
    ) -> ProofJob:
        """Prove a run when the jobs before it are over."""
        del deadline  # it is taken at once
        hash_id = hash_id_of(program)
        self._elf(hash_id)
        name = f"embedded-{next(self._numbers)}"
        job = EmbeddedJob(name, lambda progress: self._prove(hash_id, data, options, progress))
        with self._lock:
            self._jobs = [*(other for other in self._jobs if not other.state.over), job]
        self._thread.submit(job.run)
        return job

    def close(self) -> None:
        """Cancel what is not over, and forget programs and what was set up for them."""
        for job in self._jobs:
            job.cancel()
        self._thread.shutdown()
        self._set_up.cache_clear()
        self._elves.clear()

    def _prove(self, hash_id: str, data: bytes, options: ProofOptions, progress: Progress) -> Proof:
        """Prove a run, and check the proof before handing it out."""
        set_up = self._set_up(hash_id, options.log_size, options.security)
        units = DEFAULT_UNITS if options.compute_capacity is None else options.compute_capacity
        form = options.form or ProofForm.FINAL
        proved = prover.prove(set_up, data, units=units, form=form, backend=self._backend, progress=progress)
        run, trusted = proved.execution, set_up.key if options.key is None else options.key
        outcome = verify(proved.proof, key=trusted, digest=options.digest, minimal_security=options.security)
        if options.key is None:
            outcome = replace(outcome, key_origin=KeyOrigin.DERIVED)
        report = ExecutionReport(
            run.steps, run.cycles, outcome.segments, outcome.exit_code, outcome.outputs, Counted.HERE
        )
        return Proof(proved.proof, trusted, report, outcome)

    def _elf(self, hash_id: str) -> bytes:
        try:
            return self._elves[hash_id]
        except KeyError:
            raise UnknownProgramError(
                f"program {hash_id} is not known to this client; upload it first"
            ) from None

    def _setup(self, hash_id: str, log_size: int, security: int) -> prover.Program:
        return prover.setup(self._elf(hash_id), log_size=log_size, security=security, backend=self._backend)
