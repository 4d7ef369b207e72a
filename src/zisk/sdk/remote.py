"""The client of a coordinator."""

import contextlib
import struct
import time
from collections.abc import Iterator

import grpc

from zisk.cluster.artifacts.transfer import ArtifactClient
from zisk.cluster.errors import FailureKind, JobFailedError
from zisk.cluster.protocol.address import target_of
from zisk.cluster.protocol.generated import coordinator_pb2 as wire
from zisk.cluster.protocol.generated.coordinator_pb2_grpc import ZiskCoordinatorApiStub
from zisk.cluster.protocol.limits import CHANNEL_OPTIONS
from zisk.cluster.protocol.payload import from_field
from zisk.cluster.protocol.refusal import to_error
from zisk.prover.forms import ProofForm
from zisk.sdk.client import ProverClient
from zisk.sdk.results import ExecutionReport, GuestProgram, Proof

__all__ = ["RemoteClient"]

_POLL_SECONDS = 30
"""How long one question about a job may stay open; another follows."""


class RemoteClient(ProverClient):
    """Proves on a cluster; raises the errors of `zisk.cluster.errors`.

    Every call may raise CoordinatorUnreachableError where nobody answers, SubmissionRefusedError where the
    coordinator does not take a job, and JobFailedError where a job does not finish.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._channel = grpc.insecure_channel(target_of(url), options=CHANNEL_OPTIONS)
        self._stub = ZiskCoordinatorApiStub(self._channel)
        self._artifacts = ArtifactClient(self._channel)

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def upload(self, elf: bytes) -> GuestProgram:
        """Register a guest program with the coordinator."""
        with self._answered():
            request = wire.RegisterGuestProgramRequest(zisk_elf=self._artifacts.send(elf).to_field())
            return GuestProgram(self._stub.RegisterGuestProgram(request).hash_id)

    def setup(self, program: GuestProgram, *, log_size: int = 20, security: int = 128) -> bytes:
        """Have the workers derive the key of a program."""
        options = wire.ProofOptions(log_size=log_size, security=security)
        request = wire.SetupRequest(hash_id=program.hash_id, options=options)
        return self._run(wire.JobKind(setup=request), None).setup.vk

    def execute(self, program: GuestProgram, data: bytes = b"") -> ExecutionReport:
        """Have a worker run a program."""
        request = wire.ExecuteRequest(hash_id=program.hash_id, input=self._input(data))
        response = self._run(wire.JobKind(execute=request), None).execute
        return _report(response.stats, response.public_outputs)

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
        """Have the workers prove a run; when this call is interrupted or times out, the job is cancelled."""
        request = wire.ProveRequest(
            hash_id=program.hash_id,
            input=self._input(data),
            options=wire.ProofOptions(log_size=log_size, security=security, form=form or ""),
            compute_capacity=compute_capacity,
        )
        response = self._run(wire.JobKind(prove=request), timeout).prove
        with self._answered():
            proof = self._artifacts.fetch(from_field(response.proof.data))
        report = _report(response.stats, response.proof.public_inputs)
        return Proof(proof, response.proof.verification_key, report, ProofForm(response.proof.form))

    def _input(self, data: bytes) -> wire.InputKind:
        with self._answered():
            return wire.InputKind(inline=wire.InputChunk(data=self._artifacts.send(data).to_field()))

    def _run(self, kind: wire.JobKind, timeout: float | None) -> wire.JobKindResponse:
        """Submit a job and wait for its result."""
        with self._answered():
            job_id = self._stub.JobRequest(wire.JobRequestMessage(job_kind=kind)).job_id
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            with self._answered():
                return self._wait(job_id, deadline)
        except (KeyboardInterrupt, TimeoutError) as error:
            with contextlib.suppress(grpc.RpcError):
                self._stub.CancelJob(wire.CancelJobRequest(job_id=job_id))
            if isinstance(error, KeyboardInterrupt):
                raise
            text = f"job {job_id} was cancelled after the {timeout:g} s that it was given; allow it more"
            raise JobFailedError(FailureKind.TIMEOUT, text) from None

    def _wait(self, job_id: str, deadline: float | None) -> wire.JobKindResponse:
        """The result of a job; TimeoutError when the deadline comes first."""
        while True:
            left = _POLL_SECONDS if deadline is None else deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            seconds = max(1, min(_POLL_SECONDS, int(left)))
            # The coordinator answers within the time asked for; a little more is for the way.
            response = self._stub.WaitJobResult(
                wire.WaitJobResultRequest(job_id=job_id, timeout_seconds=seconds), timeout=seconds + 30
            )
            match response.job_status.WhichOneof("status"):
                case "completed":
                    return response.result
                case "failed":
                    failure = response.job_status.failed.failure
                    text = f"job {job_id} failed: {failure.message}"
                    raise JobFailedError(FailureKind(failure.failure_kind), text)
                case "cancelled":
                    raise JobFailedError(FailureKind.CANCELLED, f"job {job_id} was cancelled by a client")
                case _:
                    continue

    @contextlib.contextmanager
    def _answered(self) -> Iterator[None]:
        """Turn failed calls into errors that say what to do."""
        try:
            yield
        except grpc.RpcError as error:
            raise to_error(self._url, error) from error


def _report(stats: wire.ExecutionStats, public: bytes) -> ExecutionReport:
    """A report from its statistics and the public words, which follow 32 bytes of something else."""
    outputs = struct.unpack("<64Q", public[32:])
    cycles = stats.cycles if stats.HasField("cycles") else None
    return ExecutionReport(stats.steps, cycles, stats.segments, stats.exit_code, outputs)
