"""The client that host applications use."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from zisk.choices import DEFAULT_LOG_SIZE, DEFAULT_SECURITY
from zisk.proof_format.forms import ProofForm
from zisk.sdk.requirements import require_cluster, require_proving
from zisk.sdk.results import ExecutionReport, GuestProgram, Proof
from zisk.sdk.verification import verify

__all__ = ["ProverClient"]


class ProverClient(ABC):
    """Proves guest programs, in this process (`embedded`) or on a cluster (`remote`).

    Close it when done, or use it in a `with` statement.

    Example:
        with ProverClient.remote("http://127.0.0.1:7000") as client:
            program = client.upload(elf)
            proof = client.prove(program, data)  # verified against this elf
        outcome = zisk.verify(proof.data, elf=elf)  # whoever has the proof and the guest

    """

    verify = staticmethod(verify)

    @staticmethod
    def embedded(*, threads: int | None = None) -> "ProverClient":
        """A client that proves in this process, on `threads` threads or on every core.

        Raises:
            ImportError: Numba or BLAKE3 cannot be imported.

        """
        require_proving("proving in this process", "prove on a cluster: ProverClient.remote")
        from zisk.sdk.embedded import EmbeddedClient

        return EmbeddedClient(threads)

    @staticmethod
    def remote(url: str = "http://127.0.0.1:7000") -> "ProverClient":
        """A client of the coordinator whose client API is at `url`.

        Nothing is sent until the first call.

        Raises:
            ConfigurationError: the URL is not of the form http://HOST:PORT.
            ImportError: gRPC or protobuf cannot be imported.

        """
        require_cluster("proving on a cluster", "prove in this process: ProverClient.embedded")
        from zisk.sdk.remote import RemoteClient

        return RemoteClient(url)

    @abstractmethod
    def upload(self, elf: bytes) -> GuestProgram:
        """Make a guest program known.

        Raises:
            TypeError: it is not bytes.
            InvalidGuestError: it is no ELF file of a guest.

        """

    @abstractmethod
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

    @abstractmethod
    def execute(self, program: GuestProgram, data: bytes = b"") -> ExecutionReport:
        """Run a program on an input without proving it.

        Raises:
            UnknownProgramError: the program was not uploaded.
            GuestError: the guest or its input cannot be run; a GuestFault or StepLimitError where it was.

        """

    @abstractmethod
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

        `form` says what the proof is made of: a final proof, or what the coordinator is set to.
        `compute_capacity` is the number of compute units that share the job: 10, or what the coordinator is
        set to.
        A cluster gives up after `timeout` seconds; in this process it has no effect.
        The proof is verified under a key that is derived here from the ELF, or under `key` where one is
        given, and is refused unless its program digest is `digest` where one is given: see `zisk.verify`.

        Raises:
            VerificationError: the proof does not hold, or is not what was asked for.
            UnknownProgramError, GuestError: see `execute`.

        """

    def close(self) -> None:
        """Let go of connections and memory."""
        return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
