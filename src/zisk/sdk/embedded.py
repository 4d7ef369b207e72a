"""The client that proves in its own process."""

from dataclasses import replace
from functools import lru_cache

from blake3 import blake3

from zisk import prover
from zisk.kernels.pool import Pool
from zisk.prover.forms import ProofForm
from zisk.sdk.client import ProverClient
from zisk.sdk.results import ExecutionReport, GuestProgram, Proof

__all__ = ["EmbeddedClient"]

_PROGRAMS_KEPT = 4
"""Programs that stay set up; each holds its tables in memory."""


class EmbeddedClient(ProverClient):
    """Proves here; raises the errors of `zisk.vm` and `zisk.prover`."""

    def __init__(self, threads: int | None = None) -> None:
        self._pool = Pool(threads)
        self._elves: dict[str, bytes] = {}
        self._set_up = lru_cache(_PROGRAMS_KEPT)(self._setup)

    def upload(self, elf: bytes) -> GuestProgram:
        """Remember a guest program."""
        program = GuestProgram(blake3(elf).hexdigest())
        self._elves[program.hash_id] = elf
        return program

    def setup(self, program: GuestProgram, *, log_size: int = 20, security: int = 128) -> bytes:
        """Derive the key of a program."""
        return self._set_up(program.hash_id, log_size, security).key

    def execute(self, program: GuestProgram, data: bytes = b"") -> ExecutionReport:
        """Run a program."""
        run = prover.execute(self._elf(program.hash_id), data)
        return ExecutionReport(run.steps, run.cycles, run.segments, run.exit_code, run.outputs)

    def prove(
        self,
        program: GuestProgram,
        data: bytes = b"",
        *,
        log_size: int = 20,
        security: int = 128,
        form: ProofForm | None = None,
        compute_capacity: int | None = None,
        timeout: float | None = None,
    ) -> Proof:
        """Prove a run, and check the proof before handing it out."""
        del timeout
        set_up = self._set_up(program.hash_id, log_size, security)
        units = prover.DEFAULT_UNITS if compute_capacity is None else compute_capacity
        form = form or ProofForm.FINAL
        proved = prover.prove(set_up, data, units=units, form=form, pool=self._pool)
        run = proved.execution
        report = replace(self.verify(proved.proof, set_up.key), steps=run.steps, cycles=run.cycles)
        return Proof(proved.proof, set_up.key, report, form)

    def close(self) -> None:
        """Forget programs and what was set up for them."""
        self._set_up.cache_clear()
        self._elves.clear()

    def _elf(self, hash_id: str) -> bytes:
        try:
            return self._elves[hash_id]
        except KeyError:
            raise KeyError(f"program {hash_id} is not known to this client; upload it first") from None

    def _setup(self, hash_id: str, log_size: int, security: int) -> prover.Program:
        return prover.setup(self._elf(hash_id), log_size=log_size, security=security, pool=self._pool)
