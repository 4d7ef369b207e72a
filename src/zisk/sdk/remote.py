"""The client of a coordinator."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import grpc

from zisk.choices import DEFAULT_LOG_SIZE, DEFAULT_SECURITY
from zisk.cluster.artifacts.transfer import ArtifactClient
from zisk.cluster.errors import ClusterError, JobFailedError, UnknownProgramError, WireError, failure_told
from zisk.cluster.protocol.address import target_of
from zisk.cluster.protocol.generated import coordinator_pb2 as wire
from zisk.cluster.protocol.generated.coordinator_pb2_grpc import ZiskCoordinatorApiStub
from zisk.cluster.protocol.limits import CHANNEL_OPTIONS, STALL_SECONDS
from zisk.cluster.protocol.payload import digest_of, from_field
from zisk.cluster.protocol.refusal import answered
from zisk.errors import ErrorKind
from zisk.printable import SHOWN_LETTERS, printable
from zisk.proof_format.forms import ProofForm
from zisk.sdk.arguments import elf_of, form_of, hash_id_of, whole_bytes
from zisk.sdk.client import ProverClient
from zisk.sdk.deadline import Deadline
from zisk.sdk.derived_keys import derived_key, require_derivable
from zisk.sdk.results import ExecutionReport, GuestProgram, Proof
from zisk.sdk.told import check_told, report_of
from zisk.sdk.verification import check_asked, check_key, check_shape, verify
from zisk.stark.errors import Rejection, VerificationError
from zisk.verifier.outcome import KeyOrigin

__all__ = ["RemoteClient"]

_POLL_SECONDS = 30
"""How long one question about a job may stay open; another follows."""

_PAUSE_SECONDS = 0.2
"""Least time from one question to the next, for a coordinator that answers before anything has happened."""

_CANCEL_SECONDS = 1.0
"""How long the answer to a cancellation is waited for; the coordinator hears it without."""

_LAST_SECONDS = 10.0
"""What the last question, and fetching a proof, may take where time ran out while a key was derived."""

_OVER = ("completed", "failed", "cancelled")


class RemoteClient(ProverClient):
    """Proves on a cluster.

    Beside the errors of every client, a call may raise CoordinatorUnreachableError where nobody answers,
    SubmissionRefusedError where the coordinator does not take a job, JobFailedError where a job does not
    finish for a reason that is not its guest's, and WireError or ArtifactError where the coordinator answers
    what cannot be. A call or transfer on which nothing moves for a minute ends with one of them as well.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._channel = grpc.insecure_channel(target_of(url), options=CHANNEL_OPTIONS)
        self._stub = ZiskCoordinatorApiStub(self._channel)
        self._artifacts = ArtifactClient(self._channel)
        self._elves: dict[str, bytes] = {}
        self._keys: dict[tuple[str, int, int], tuple[bytes, KeyOrigin]] = {}

    def close(self) -> None:
        """Close the connection, and forget programs."""
        self._channel.close()
        self._elves.clear()
        self._keys.clear()

    def upload(self, elf: bytes) -> GuestProgram:
        """Register a guest program with the coordinator, and remember it: proofs are verified against it."""
        elf = elf_of(elf)
        with answered(self._url):
            request = wire.RegisterGuestProgramRequest(zisk_elf=self._artifacts.send(elf).to_field())
            named = self._stub.RegisterGuestProgram(request, timeout=STALL_SECONDS).hash_id
        program = GuestProgram(digest_of(elf).hex())
        if named != program.hash_id:
            raise WireError(
                f"the coordinator calls program {program.hash_id} '{printable(named, SHOWN_LETTERS)}': "
                "it is none of this version"
            )
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
        """Have the workers derive the key of a program, so that they are ready, and check what they say.

        Their key alone would prove nothing: a proof of any program holds under that program's key. So the
        key is derived here too, while they do, or `digest` says which one is right.
        """
        hash_id = hash_id_of(program)
        options = wire.ProofOptions(log_size=log_size, security=security)
        request = wire.JobKind(setup=wire.SetupRequest(hash_id=hash_id, options=options))
        if digest is not None:
            key = self._run(request, Deadline()).setup.vk
            check_key(key, digest)
            return key
        derive = self._derivation(hash_id, log_size, security)
        key = self._run(request, Deadline(), meanwhile=derive).setup.vk
        if key != derive()[0]:
            raise VerificationError(
                Rejection.KEY, "the coordinator's key is not the one that is derived here from the ELF"
            )
        return key

    def execute(self, program: GuestProgram, data: bytes = b"") -> ExecutionReport:
        """Have a worker run a program; the report is the coordinator's word, and nothing proves it."""
        request = wire.ExecuteRequest(hash_id=hash_id_of(program), input=self._input(data, Deadline()))
        response = self._run(wire.JobKind(execute=request), Deadline()).execute
        return report_of(response.stats, response.public_outputs)

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
        """Have the workers prove a run; when this call is interrupted or times out, the job is cancelled.

        `timeout` is in seconds, from sending the input to having the proof; cancelling takes up to one more.

        The coordinator is not trusted with the result: what arrives is verified under the key that is derived
        here from the ELF that this client uploaded, while the workers prove. It is derived once for each
        program, size and level, and kept in the user's cache folder. With `key`, or with `digest` alone and
        then the coordinator's key, nothing is derived, no ELF is needed, and NumPy verifies.
        """
        deadline = Deadline(timeout)
        hash_id, form = hash_id_of(program), form_of(form)
        if key is not None:
            check_shape(key, log_size=log_size, security=security)
        request = wire.ProveRequest(
            hash_id=hash_id,
            input=self._input(data, deadline),
            options=wire.ProofOptions(log_size=log_size, security=security, form=form or ""),
            compute_capacity=compute_capacity,
        )
        derive = None if (key, digest) != (None, None) else self._derivation(hash_id, log_size, security)
        response = self._run(wire.JobKind(prove=request), deadline, meanwhile=derive).prove
        if deadline.passed:  # by what was done meanwhile, while the job came to its end
            deadline = Deadline(_LAST_SECONDS)
        origin = None
        if derive is not None:
            key, origin = derive()
        elif key is None:
            key = response.proof.verification_key
        proof = self._received(response, deadline, key, digest=digest, security=security)
        check_asked(proof.outcome, form=form, log_size=log_size)
        return replace(proof, outcome=replace(proof.outcome, key_origin=origin or proof.outcome.key_origin))

    def _received(
        self,
        response: wire.ProveResponse,
        deadline: Deadline,
        key: bytes,
        *,
        digest: bytes | str | None,
        security: int,
    ) -> Proof:
        """What came back: a proof that holds under a key, and a report that it does not contradict."""
        with self._in_time(deadline, "the proof of the job had not arrived"):
            data = self._artifacts.fetch(from_field(response.proof.data), timeout=deadline.left())
        outcome = verify(data, key=key, digest=digest, minimal_security=security)
        told = report_of(response.stats, response.proof.public_inputs)
        check_told(told, response.proof.form, outcome)
        return Proof(data, key, told, outcome)

    def _derivation(
        self, hash_id: str, log_size: int, security: int
    ) -> Callable[[], tuple[bytes, KeyOrigin]]:
        """What derives the key of a program, once for this client.

        Raises:
            UnknownProgramError: this client does not have the ELF.
            ImportError: what derives keys cannot be imported.
            InvalidGuestError: the guest does not fit this size.

        """
        if hash_id not in self._elves:
            raise UnknownProgramError(
                f"this client has not uploaded program {hash_id}, so it cannot derive its key; "
                "upload it here, or give the key or its digest"
            )
        elf = self._elves[hash_id]
        require_derivable(elf, log_size=log_size, security=security)

        def derive() -> tuple[bytes, KeyOrigin]:
            shape = (hash_id, log_size, security)
            if shape not in self._keys:
                self._keys[shape] = derived_key(elf, log_size=log_size, security=security)
            return self._keys[shape]

        return derive

    def _input(self, data: bytes, deadline: Deadline) -> wire.InputKind:
        data = whole_bytes(data, "the input")
        with self._in_time(deadline, "the input of the job had not arrived"):
            payload = self._artifacts.send(data, timeout=deadline.left())
        return wire.InputKind(inline=wire.InputChunk(data=payload.to_field()))

    def _run(
        self, kind: wire.JobKind, deadline: Deadline, meanwhile: Callable[[], object] | None = None
    ) -> wire.JobKindResponse:
        """Submit a job and wait for its result, after doing something here while it runs."""
        with self._in_time(deadline, "the job was not accepted"):
            request = wire.JobRequestMessage(job_kind=kind)
            job_id = self._stub.JobRequest(request, timeout=deadline.at_most(STALL_SECONDS)).job_id
        try:
            if meanwhile is not None:
                meanwhile()
            with answered(self._url):
                over = self._wait(job_id, deadline)
        except ClusterError:
            raise  # nobody is there who could cancel it
        except BaseException as error:
            with contextlib.suppress(grpc.RpcError):
                self._stub.CancelJob(wire.CancelJobRequest(job_id=job_id), timeout=_CANCEL_SECONDS)
            if not isinstance(error, TimeoutError):
                raise
            raise deadline.failure(f"job {printable(job_id)} was cancelled") from None
        match over.job_status.WhichOneof("status"):
            case "failed":
                failure = over.job_status.failed.failure
                raise failure_told(job_id, failure.failure_kind, failure.message)
            case "cancelled":
                raise JobFailedError(
                    ErrorKind.CANCELLED, f"job {printable(job_id)} was cancelled by a client"
                )
            case _:
                return over.result

    def _wait(self, job_id: str, deadline: Deadline) -> wire.WaitJobResultResponse:
        """What a coordinator says of a job that is over; TimeoutError where it is not at the deadline.

        It is asked for at least once: what was done meanwhile may have outlasted the deadline and the job.
        """
        while True:
            asked = time.monotonic()
            seconds = max(1, int(deadline.at_most(_POLL_SECONDS)))
            # The coordinator answers within the time asked for; a little more is for the way.
            within = _LAST_SECONDS if deadline.passed else deadline.at_most(seconds + 30)
            try:
                request = wire.WaitJobResultRequest(job_id=job_id, timeout_seconds=seconds)
                response = self._stub.WaitJobResult(request, timeout=within)
            except grpc.RpcError:
                if deadline.passed:
                    raise TimeoutError from None
                raise
            if response.job_status.WhichOneof("status") in _OVER:
                return response
            if deadline.passed:
                raise TimeoutError
            time.sleep(deadline.at_most(max(0.0, asked + _PAUSE_SECONDS - time.monotonic())))

    @contextlib.contextmanager
    def _in_time(self, deadline: Deadline, what: str) -> Iterator[None]:
        """Turn failed calls into errors that say what to do; `what` is what a deadline came before."""
        with answered(self._url):
            try:
                yield
            except grpc.RpcError:
                if deadline.passed:
                    raise deadline.failure(what) from None
                raise
