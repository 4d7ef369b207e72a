"""The client of operators: what a cluster is at, and a hand on it, by either port of its coordinator."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import grpc

from zisk.cluster.artifacts.transfer import ArtifactClient
from zisk.cluster.errors import CoordinatorUnreachableError
from zisk.cluster.protocol.address import target_of
from zisk.cluster.protocol.generated import cluster_pb2 as wire
from zisk.cluster.protocol.generated.cluster_pb2_grpc import ZiskClusterStub
from zisk.cluster.protocol.limits import CHANNEL_OPTIONS, STALL_SECONDS
from zisk.cluster.protocol.payload import from_field
from zisk.cluster.protocol.refusal import to_error

__all__ = ["ClusterClient"]

_NOT_HTTP2 = "Failed parsing HTTP/2"
"""What gRPC says of a port where something else listens."""

_PORTS = "give that of its client API (7000 unless it is set) or of its workers (50051)"


class ClusterClient:
    """A connection to a coordinator; close it when done.

    Every method may raise CoordinatorUnreachableError, where nobody answers or no coordinator of this
    version does, and whatever error a refusal is told as. Jobs and workers are named by their ids, or by how
    these alone begin.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._channel = grpc.insecure_channel(target_of(url), options=CHANNEL_OPTIONS)
        self._stub = ZiskClusterStub(self._channel)
        self._artifacts = ArtifactClient(self._channel)

    def __enter__(self) -> "ClusterClient":
        return self

    def __exit__(self, *error: object) -> None:
        self._channel.close()

    def status(self) -> wire.Status:
        """How the cluster is."""
        with self._answered():
            return self._stub.GetStatus(wire.GetStatusRequest(), timeout=STALL_SECONDS)

    def jobs(self, *, active_only: bool) -> wire.ListJobsResponse:
        """The jobs that are known, or those that wait or run, in order of submission."""
        with self._answered():
            return self._stub.ListJobs(wire.ListJobsRequest(active_only=active_only), timeout=STALL_SECONDS)

    def job(self, job_id: str, *, seen: int = 0, wait_seconds: int = 0) -> wire.Job:
        """A job: at once, or when there is news since revision `seen`, or after these seconds."""
        request = wire.GetJobRequest(job_id=job_id, seen_revision=seen, wait_seconds=wait_seconds)
        with self._answered():
            return self._stub.GetJob(request, timeout=STALL_SECONDS + wait_seconds)

    def proof(self, job_id: str) -> tuple[str, bytes]:
        """The whole id and the proof of a completed job.

        Raises:
            ArtifactError, WireError: what arrives is none.

        """
        with self._answered():
            answer = self._stub.GetProof(wire.GetProofRequest(job_id=job_id), timeout=STALL_SECONDS)
            return answer.job_id, self._artifacts.fetch(from_field(answer.proof))

    def explanation(self, job_id: str) -> wire.Explanation:
        """What a job waits for, and since when."""
        with self._answered():
            return self._stub.ExplainJob(wire.ExplainJobRequest(job_id=job_id), timeout=STALL_SECONDS)

    def cancel(self, job_id: str) -> wire.CancelJobResponse:
        """End a job."""
        with self._answered():
            return self._stub.CancelJob(wire.CancelJobRequest(job_id=job_id), timeout=STALL_SECONDS)

    def workers(self) -> wire.ListWorkersResponse:
        """The workers that are connected, in order of registration."""
        with self._answered():
            return self._stub.ListWorkers(wire.ListWorkersRequest(), timeout=STALL_SECONDS)

    def drain(self, worker_id: str, *, undo: bool) -> wire.Worker:
        """Give a worker nothing more, or again something; the worker as it is then."""
        request = wire.DrainWorkerRequest(worker_id=worker_id, undo=undo)
        with self._answered():
            return self._stub.DrainWorker(request, timeout=STALL_SECONDS)

    def events(self, *, after: wire.Event | None, follow: bool) -> Generator[wire.Event, None, None]:
        """What has happened after an event, or all that is known, and with `follow` what will."""
        request = wire.WatchEventsRequest(follow=follow)
        if after is not None:
            request.after, request.run = after.number, after.run
        with self._answered():
            yield from self._stub.WatchEvents(request, timeout=None if follow else STALL_SECONDS)

    @contextmanager
    def _answered(self) -> Iterator[None]:
        """Turn failed calls into errors that say what to do; a wrong port is named."""
        try:
            yield
        except grpc.RpcError as error:
            raise _at_wrong_port(self._url, error) or to_error(self._url, error) from error


def _at_wrong_port(url: str, error: grpc.RpcError) -> CoordinatorUnreachableError | None:
    """What a failed call says of the port, if that is why it failed."""
    if not isinstance(error, grpc.Call):
        return None
    if _NOT_HTTP2 in str(error.details()):
        return CoordinatorUnreachableError(
            f"what listens at {url} is no gRPC port of a coordinator; {_PORTS}"
        )
    if error.code() is grpc.StatusCode.UNIMPLEMENTED:
        return CoordinatorUnreachableError(
            f"what listens at {url} does not know zisk.cluster.v1: it is no coordinator, or one of another "
            f"version; {_PORTS}"
        )
    return None
