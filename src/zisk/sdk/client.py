"""The client that host applications use."""

from types import TracebackType
from typing import Self

from zisk.choices import DEFAULT_LOG_SIZE, DEFAULT_SECURITY
from zisk.proof_format.forms import ProofForm
from zisk.sdk.arguments import form_of, whole_bytes
from zisk.sdk.deadline import Deadline
from zisk.sdk.jobs import ProofJob, ProofOptions, Prover, cancelled_with
from zisk.sdk.requirements import require_cluster, require_proving
from zisk.sdk.results import ExecutionReport, GuestProgram, Proof
from zisk.sdk.verification import check_shape, verify

__all__ = ["ProverClient"]


class ProverClient:
    """Proves guest programs, in this process (`embedded`) or on a cluster (`remote`).

    Close it when done, or use it in a `with` statement. It may be used from several threads.

    Example:
        with ProverClient.remote("http://127.0.0.1:7000") as client:
            program = client.upload(elf)
            proof = client.prove(program, data)  # verified against this elf
        outcome = zisk.verify(proof.data, elf=elf)  # whoever has the proof and the guest

    """

    verify = staticmethod(verify)

    def __init__(self, prover: Prover) -> None:
        self._prover = prover

    @classmethod
    def embedded(cls, *, threads: int | None = None) -> Self:
        """A client that proves in this process, on `threads` threads or on every core, one job at a time.

        Raises:
            ImportError: Numba or BLAKE3 cannot be imported.

        """
        require_proving("proving in this process", "prove on a cluster: ProverClient.remote")
        from zisk.sdk.embedded import EmbeddedProver

        return cls(EmbeddedProver(threads))

    @classmethod
    def remote(cls, url: str = "http://127.0.0.1:7000") -> Self:
        """A client of the coordinator whose client API is at `url`.

        Nothing is sent until the first call.

        Raises:
            ConfigurationError: the URL is not of the form http://HOST:PORT.
            ImportError: gRPC or protobuf cannot be imported.

        """
        require_cluster("proving on a cluster", "prove in this process: ProverClient.embedded")
        from zisk.sdk.remote import RemoteProver

        return cls(RemoteProver(url))

    def upload(self, elf: bytes) -> GuestProgram:
        """Make a guest program known.

        Raises:
            TypeError: it is not bytes.
            InvalidGuestError: it is no ELF file of a guest.

        """
        return self._prover.upload(elf)

    def setup(
        self,
        program: GuestProgram,
        *,
        log_size: int = DEFAULT_LOG_SIZE,
        security: int = DEFAULT_SECURITY,
        digest: bytes | str | None = None,
    ) -> bytes:
        """The verifying key of a program, for segments of 2^`log_size` steps at `security` bits.

        It is derived here from the ELF, or at least has the program digest `digest` where one is given.

        Raises:
            VerificationError: the key is another.
            UnknownProgramError: the program was not uploaded.

        """
        return self._prover.setup(program, log_size=log_size, security=security, digest=digest)

    def execute(self, program: GuestProgram, data: bytes = b"") -> ExecutionReport:
        """Run a program on an input without proving it.

        Raises:
            UnknownProgramError: the program was not uploaded.
            GuestError: the guest or its input cannot be run; a GuestFault or StepLimitError where it was.

        """
        return self._prover.execute(program, whole_bytes(data, "the input"))

    def submit(
        self,
        program: GuestProgram,
        data: bytes = b"",
        *,
        log_size: int = DEFAULT_LOG_SIZE,
        security: int = DEFAULT_SECURITY,
        form: ProofForm | str | None = None,
        compute_capacity: int | None = None,
        key: bytes | None = None,
        digest: bytes | str | None = None,
    ) -> ProofJob:
        """Ask for a proof of a run of a program on an input, and return at once with a handle on the job.

        `form` says what the proof is made of: a final proof, or what the coordinator is set to.
        `compute_capacity` is the number of compute units that share the job: 10, or what the coordinator is
        set to.
        The handle's `result` is verified under a key that is derived here from the ELF, or under `key` where
        one is given, and is refused unless its program digest is `digest` where one is given: see
        `zisk.verify`.

        Raises:
            VerificationError: `key` is no key of this size and level.
            UnknownProgramError: the program was not uploaded.

        """
        options = _options(log_size, security, form, compute_capacity, key, digest)
        return self._prover.submit(program, whole_bytes(data, "the input"), options, Deadline())

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
        """Prove a run of a program on an input, and verify the proof before it is handed out.

        It is `submit` and the handle's `result`, but a job that is not done in `timeout` seconds, from
        sending the input to having the proof, is cancelled, and so is one whose waiting is interrupted.

        Raises:
            VerificationError: the proof does not hold, or is not what was asked for.
            UnknownProgramError, GuestError: see `execute`.
            JobFailedError: the job did not finish, or not in time.

        """
        options = _options(log_size, security, form, compute_capacity, key, digest)
        deadline = Deadline(timeout)
        job = self._prover.submit(program, whole_bytes(data, "the input"), options, deadline)
        with cancelled_with(job, deadline):
            return job.collect(deadline)

    def close(self) -> None:
        """Let go of connections and memory; jobs of this process are cancelled, those of a cluster go on."""
        self._prover.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _options(
    log_size: int,
    security: int,
    form: ProofForm | str | None,
    compute_capacity: int | None,
    key: bytes | None,
    digest: bytes | str | None,
) -> ProofOptions:
    """What was asked for, checked before anything is sent or proved."""
    if key is not None:
        check_shape(key, log_size=log_size, security=security)
    return ProofOptions(log_size, security, form_of(form), compute_capacity, key, digest)
