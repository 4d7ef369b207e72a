"""The client that proves in its own process."""

from dataclasses import replace
from functools import cached_property, lru_cache

from blake3 import blake3

from zisk import prover
from zisk.choices import DEFAULT_LOG_SIZE, DEFAULT_SECURITY, DEFAULT_UNITS
from zisk.cluster.errors import UnknownProgramError
from zisk.kernels.backend import Backend
from zisk.kernels.default import new_backend
from zisk.kernels.pool import Pool
from zisk.proof_format.forms import ProofForm
from zisk.sdk.arguments import elf_of, form_of, hash_id_of, whole_bytes
from zisk.sdk.client import ProverClient
from zisk.sdk.results import Counted, ExecutionReport, GuestProgram, Proof
from zisk.sdk.verification import check_key, check_shape, verify
from zisk.verifier.outcome import KeyOrigin

__all__ = ["EmbeddedClient"]

_PROGRAMS_KEPT = 4
"""Programs that stay set up; each holds its tables in memory."""


class EmbeddedClient(ProverClient):
    """Proves here."""

    def __init__(self, threads: int | None = None) -> None:
        self._pool = Pool(threads)
        self._elves: dict[str, bytes] = {}
        self._set_up = lru_cache(_PROGRAMS_KEPT)(self._setup)

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
        self,
        program: GuestProgram,
        *,
        log_size: int = DEFAULT_LOG_SIZE,
        security: int = DEFAULT_SECURITY,
        digest: bytes | str | None = None,
    ) -> bytes:
        """Derive the key of a program."""
        key = self._set_up(hash_id_of(program), log_size, security).key
        if digest is not None:
            check_key(key, digest)
        return key

    def execute(self, program: GuestProgram, data: bytes = b"") -> ExecutionReport:
        """Run a program."""
        data = whole_bytes(data, "the input")
        run = prover.execute(self._elf(hash_id_of(program)), data)
        return ExecutionReport(run.steps, run.cycles, run.segments, run.exit_code, run.outputs, Counted.HERE)

    def prove(
        self,
        program: GuestProgram,
        data: bytes = b"",
        *,
        log_size: int = DEFAULT_LOG_SIZE,
        security: int = DEFAULT_SECURITY,
        form: ProofForm | str | None = None,
        compute_capacity: int | None = None,
        timeout: float | None = None,
        key: bytes | None = None,
        digest: bytes | str | None = None,
    ) -> Proof:
        """Prove a run, and check the proof before handing it out."""
        del timeout
        data, form = whole_bytes(data, "the input"), form_of(form) or ProofForm.FINAL
        if key is not None:
            check_shape(key, log_size=log_size, security=security)
        set_up = self._set_up(hash_id_of(program), log_size, security)
        units = DEFAULT_UNITS if compute_capacity is None else compute_capacity
        proved = prover.prove(set_up, data, units=units, form=form, backend=self._backend)
        run, trusted = proved.execution, set_up.key if key is None else key
        outcome = verify(proved.proof, key=trusted, digest=digest, minimal_security=security)
        if key is None:
            outcome = replace(outcome, key_origin=KeyOrigin.DERIVED)
        report = ExecutionReport(
            run.steps, run.cycles, outcome.segments, outcome.exit_code, outcome.outputs, Counted.HERE
        )
        return Proof(proved.proof, trusted, report, outcome)

    def close(self) -> None:
        """Forget programs and what was set up for them."""
        self._set_up.cache_clear()
        self._elves.clear()

    def _elf(self, hash_id: str) -> bytes:
        try:
            return self._elves[hash_id]
        except KeyError:
            raise UnknownProgramError(
                f"program {hash_id} is not known to this client; upload it first"
            ) from None

    def _setup(self, hash_id: str, log_size: int, security: int) -> prover.Program:
        return prover.setup(self._elf(hash_id), log_size=log_size, security=security, backend=self._backend)
