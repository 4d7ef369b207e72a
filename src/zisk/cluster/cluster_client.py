"""The client of operators: what a cluster is at, and a hand on it, by either port of its coordinator."""

from collections.abc import Generator
from contextlib import AbstractContextManager

import grpc

from zisk.cluster.artifacts.transfer import ArtifactClient
from zisk.cluster.protocol.address import target_of
from zisk.cluster.protocol.generated import cluster_pb2 as wire
from zisk.cluster.protocol.generated.cluster_pb2_grpc import ZiskClusterStub
from zisk.cluster.protocol.limits import CHANNEL_OPTIONS, STALL_SECONDS
from zisk.cluster.protocol.payload import from_field
from zisk.cluster.protocol.ports import answered_by

__all__ = ["ClusterClient"]

_PORTS = "that of its client API (7000 unless it is set) or of its workers (50051)"
"""Where the service is."""


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

    def _answered(self) -> AbstractContextManager[None]:
        return answered_by("zisk.cluster.v1", self._url, _PORTS)
