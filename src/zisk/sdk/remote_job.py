"""A job of a coordinator, as its clients see it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

import grpc

from zisk.cluster.artifacts.transfer import ArtifactClient
from zisk.cluster.errors import ClusterError, JobFailedError, failure_told
from zisk.cluster.protocol.address import target_of
from zisk.cluster.protocol.generated import coordinator_pb2 as wire
from zisk.cluster.protocol.generated.coordinator_pb2_grpc import ZiskCoordinatorApiStub
from zisk.cluster.protocol.limits import CHANNEL_OPTIONS, STALL_SECONDS
from zisk.cluster.protocol.payload import from_field
from zisk.cluster.protocol.refusal import answered
from zisk.errors import ErrorKind
from zisk.printable import printable
from zisk.sdk.deadline import Deadline
from zisk.sdk.jobs import Cancellable, JobDescription, JobEvent, JobEvents, JobState, ProofJob, ProofOptions
from zisk.sdk.results import Proof
from zisk.sdk.told import check_told, report_of
from zisk.sdk.verification import check_asked, verify
from zisk.verifier.outcome import KeyOrigin

__all__ = ["Connection", "Derivation", "RemoteJob", "RemoteProofJob"]

Derivation = Callable[[], tuple[bytes, KeyOrigin]]
"""Derives the key of a program, once."""

_POLL_SECONDS = 30
"""How long one question about a job may stay open; another follows."""

_PAUSE_SECONDS = 0.2
"""Least time from one question to the next, for a coordinator that answers before anything has happened."""

_CANCEL_SECONDS = 1.0
"""How long the answer to a cancellation is waited for; the coordinator hears it without."""

_LAST_SECONDS = 10.0
"""What the last question, and fetching a proof, may take where time ran out while a key was derived."""

_STATES = {state.value: state for state in JobState} | {
    "started": JobState.RUNNING,
    "progress": JobState.RUNNING,
    "waiting_for_input": JobState.RUNNING,
}
"""What states and events are called on the wire."""


class Connection:
    """A channel to the coordinator at `url`, and the services behind it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._channel = grpc.insecure_channel(target_of(url), options=CHANNEL_OPTIONS)
        self.api = ZiskCoordinatorApiStub(self._channel)
        self.artifacts = ArtifactClient(self._channel)

    def close(self) -> None:
        """End every call."""
        self._channel.close()

    def submit(self, kind: wire.JobKind, deadline: Deadline) -> str:
        """Have the coordinator take a job by the deadline; its name."""
        with self.in_time(deadline, "the job was not accepted"):
            request = wire.JobRequestMessage(job_kind=kind)
            return self.api.JobRequest(request, timeout=deadline.at_most(STALL_SECONDS)).job_id

    @contextmanager
    def in_time(self, deadline: Deadline, what: str) -> Iterator[None]:
        """Turn failed calls into errors that say what to do; `what` is what a deadline came before."""
        with answered(self.url):
            try:
                yield
            except grpc.RpcError:
                if deadline.passed:
                    raise deadline.failure(what) from None
                raise


class RemoteJob(Cancellable):
    """A job by the name that a coordinator gave it."""

    def __init__(self, connection: Connection, job_id: str) -> None:
        self.job_id = printable(job_id)
        self._connection = connection
        self._named = job_id
        self._over = False

    def cancel(self) -> bool:
        """Tell the coordinator that nobody wants the job, whether or not it answers."""
        if self._over:
            return False
        request = wire.CancelJobRequest(job_id=self._named)
        with suppress(grpc.RpcError):
            return self._connection.api.CancelJob(request, timeout=_CANCEL_SECONDS).cancelled
        return True

    def describe(self) -> JobDescription:
        """Ask where the job stands."""
        request = wire.WaitJobResultRequest(job_id=self._named, at_once=True)
        with answered(self._connection.url):
            status = self._connection.api.WaitJobResult(request, timeout=STALL_SECONDS).job_status
        state = _STATES.get(status.WhichOneof("status") or "", JobState.RUNNING)
        failure = printable(status.failed.failure.message)
        return JobDescription(self.job_id, state, _phase(status.running.phase), failure)

    def events(self) -> JobEvents:
        """Have the coordinator tell what has happened, and what happens."""
        return _Events(self._connection, self._named)

    def over(self, deadline: Deadline) -> wire.JobKindResponse:
        """What the job resulted in, waited for until the deadline.

        It is asked for at least once: what was done meanwhile may have outlasted the deadline and the job.

        Raises:
            TimeoutError: it is not over.
            JobFailedError, GuestError: it failed, or was cancelled.

        """
        with answered(self._connection.url):
            over = self._wait(deadline)
        self._over = True
        match over.job_status.WhichOneof("status"):
            case "failed":
                failure = over.job_status.failed.failure
                raise failure_told(self._named, failure.failure_kind, failure.message)
            case "cancelled":
                raise JobFailedError(ErrorKind.CANCELLED, f"job {self.job_id} was cancelled by a client")
            case _:
                return over.result

    def _wait(self, deadline: Deadline) -> wire.WaitJobResultResponse:
        """What a coordinator says of a job that is over; TimeoutError where it is not at the deadline."""
        not_over = f"job {self.job_id} is not over"
        while True:
            asked = time.monotonic()
            seconds = max(1, int(deadline.at_most(_POLL_SECONDS)))
            # The coordinator answers within the time asked for; a little more is for the way.
            within = _LAST_SECONDS if deadline.passed else deadline.at_most(seconds + 30)
            try:
                request = wire.WaitJobResultRequest(job_id=self._named, timeout_seconds=seconds)
                response = self._connection.api.WaitJobResult(request, timeout=within)
            except grpc.RpcError:
                deadline.check(not_over)
                raise
            state = _STATES.get(response.job_status.WhichOneof("status") or "", JobState.RUNNING)
            if state.over:
                return response
            deadline.check(not_over)
            time.sleep(deadline.at_most(max(0.0, asked + _PAUSE_SECONDS - time.monotonic())))


class RemoteProofJob(RemoteJob, ProofJob):
    """A proof that a cluster makes.

    The coordinator is not trusted with the result: what arrives is verified under the key that `derive`
    derives while the workers prove. Without it, nothing is derived: the key is that of the options, or the
    coordinator's, which has to have the digest of the options, and NumPy verifies.
    """

    def __init__(
        self, connection: Connection, job_id: str, options: ProofOptions, derive: Derivation | None
    ) -> None:
        super().__init__(connection, job_id)
        self._options = options
        self._derive = derive

    def collect(self, deadline: Deadline) -> Proof:
        """Derive the key, wait, fetch the proof and check it."""
        key, origin = (self._options.key, None) if self._derive is None else self._derive()
        response = self.over(deadline).prove
        if deadline.passed:  # by what was done meanwhile, while the job came to its end
            deadline = Deadline(_LAST_SECONDS)
        if key is None:
            key = response.proof.verification_key
        options, connection = self._options, self._connection
        with connection.in_time(deadline, "the proof of the job had not arrived"):
            data = connection.artifacts.fetch(
                from_field(response.proof.data, any_size=True), timeout=deadline.left()
            )
        outcome = verify(data, key=key, digest=options.digest, minimal_security=options.security)
        told = report_of(response.stats, response.proof.public_inputs)
        check_told(told, response.proof.form, outcome)
        check_asked(outcome, form=options.form, log_size=options.log_size)
        return Proof(data, key, told, replace(outcome, key_origin=origin or outcome.key_origin))


class _Events(JobEvents):
    """What a coordinator tells of one job; the call is made when the first event is asked for."""

    def __init__(self, connection: Connection, job_id: str) -> None:
        self._connection = connection
        self._job_id = job_id
        self._closed = False

    @cached_property
    def _call(self) -> Any:
        return self._connection.api.WatchJob(wire.WatchJobRequest(job_id=self._job_id))

    def __next__(self) -> JobEvent:
        try:
            with answered(self._connection.url):
                told = next(self._call)
        except ClusterError:
            if self._closed:
                raise StopIteration from None
            raise
        name = told.WhichOneof("event") or ""
        about = getattr(told, name or "progress")
        phase = about.phase if name == "progress" else wire.JOB_PHASE_UNSPECIFIED
        at = about.timestamp.ToMicroseconds() / 1e6
        return JobEvent(at, _STATES.get(name, JobState.RUNNING), _phase(phase))

    def close(self) -> None:
        """End the call."""
        self._closed = True
        self._call.cancel()


def _phase(phase: wire.JobPhase) -> str:
    """A phase by its name in small letters; none, or one that this version does not know, has none."""
    if phase not in wire.JobPhase.values()[1:]:
        return ""
    return wire.JobPhase.Name(phase).removeprefix("JOB_PHASE_").lower()
