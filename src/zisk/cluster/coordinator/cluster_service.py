"""The service of operators, on both ports: what there is, why it waits, and a hand on it."""

# ruff: noqa: N802 - methods bear the names of the calls they answer.

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

from zisk.cluster.coordinator.cluster_view import ClusterView
from zisk.cluster.coordinator.health import HealthWatch
from zisk.cluster.coordinator.shell import CoordinatorShell
from zisk.cluster.protocol.generated import cluster_pb2 as wire
from zisk.cluster.protocol.generated.cluster_pb2_grpc import ZiskClusterServicer
from zisk.cluster.protocol.refusal import refuse
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Job, JobState
from zisk.cluster.scheduling.journal import Entry
from zisk.cluster.scheduling.state import Worker
from zisk.cluster.tasks import JobKind
from zisk.errors import ErrorKind
from zisk.printable import SHOWN_LETTERS, printable

__all__ = ["ClusterService"]

_LONGEST_WAIT_SECONDS = 60
"""How long GetJob waits for news at most."""

_PAUSE_SECONDS = 0.1
"""Least time between two looks at a job that a client waits for, however much happens meanwhile."""

_AT_ONCE = 500
"""Jobs that are looked at before others have their turn on the event loop."""

_MOST_NAMED = 3
"""Ids that a refusal names where a beginning fits several."""

Named = TypeVar("Named", Job, Worker)


class ClusterService(ZiskClusterServicer):
    """Answers operators."""

    def __init__(self, shell: CoordinatorShell, watch: HealthWatch) -> None:
        self._shell = shell
        self._run = uuid.uuid4().hex
        self._view = ClusterView(shell, watch, self._run)

    async def GetStatus(self, request: wire.GetStatusRequest, context: Any) -> wire.Status:
        """Say how the cluster is."""
        return self._view.status()

    async def ListJobs(self, request: wire.ListJobsRequest, context: Any) -> wire.ListJobsResponse:
        """List jobs in order of submission; with `active_only`, those that wait or run."""
        jobs = self._shell.machine.state.jobs.values()
        chosen = [job for job in jobs if not (request.active_only and job.state.terminal)]
        listed = wire.ListJobsResponse()
        for start in range(0, len(chosen), _AT_ONCE):
            listed.jobs.extend(map(self._view.row, chosen[start : start + _AT_ONCE]))
            await asyncio.sleep(0)
        return listed

    async def GetJob(self, request: wire.GetJobRequest, context: Any) -> wire.Job:
        """Say where a job stands: at once, or when that is other than what the client has seen."""
        job = await self._job(request.job_id, context)
        deadline = self._shell.now() + min(request.wait_seconds, _LONGEST_WAIT_SECONDS)
        while True:
            shown = self._view.job(job)
            left = deadline - self._shell.now()
            if job.state.terminal or shown.revision != request.seen_revision or left <= 0:
                return shown
            await self._shell.change(left)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def GetProof(self, request: wire.GetProofRequest, context: Any) -> wire.Proof:
        """Hand out the proof of a completed job; for any other, say what it is instead."""
        job = await self._job(request.job_id, context)
        if job.request.kind is not JobKind.PROVE:
            text = f"job {job.job_id} is of kind {job.request.kind}, which makes no proof"
            await refuse(context, ErrorKind.USAGE, text)
        if job.proof is None or job.state is not JobState.COMPLETED:
            await refuse(context, *_no_proof(job))
        return wire.Proof(job_id=job.job_id, proof=job.proof.to_field())

    async def ExplainJob(self, request: wire.ExplainJobRequest, context: Any) -> wire.Explanation:
        """Say what a job waits for, and since when."""
        return self._view.explanation(await self._job(request.job_id, context))

    async def CancelJob(self, request: wire.CancelJobRequest, context: Any) -> wire.CancelJobResponse:
        """End a job; one that is over stays as it is."""
        job = await self._job(request.job_id, context)
        was_over = job.state.terminal
        self._shell.tell(on.CancelRequested(job.job_id))
        return wire.CancelJobResponse(job_id=job.job_id, cancelled=not was_over, state=job.state)

    async def ListWorkers(self, request: wire.ListWorkersRequest, context: Any) -> wire.ListWorkersResponse:
        """List workers in order of registration."""
        workers = self._shell.machine.state.workers.values()
        return wire.ListWorkersResponse(workers=map(self._view.worker, workers))

    async def DrainWorker(self, request: wire.DrainWorkerRequest, context: Any) -> wire.Worker:
        """Give a worker nothing more, or again something."""
        worker = await self._worker(request.worker_id, context)
        if request.undo and worker.leaving:
            text = f"worker {worker.worker_id} leaves: its process was told to end; start it again"
            await refuse(context, ErrorKind.NOT_READY, text)
        self._shell.tell(on.DrainRequested(worker.worker_id, request.undo))
        return self._view.worker(worker)

    async def WatchEvents(self, request: wire.WatchEventsRequest, context: Any) -> AsyncIterator[wire.Event]:
        """Tell what has happened, and with `follow` what will; entries that are gone are counted."""
        journal = self._shell.machine.state.journal
        told = min(request.after, journal.written) if request.run == self._run else 0
        while True:
            for entry in journal.after(told):
                if gap := entry.number - told - 1:
                    yield self._view.event(Entry(entry.number - 1, entry.at, f"{gap} earlier ones are gone"))
                yield self._view.event(entry)
                told = entry.number
            if told < journal.written:
                continue
            if not request.follow:
                return
            await self._shell.change()

    async def _job(self, name: str, context: Any) -> Job:
        rule = "it was never submitted here, or is long over; zisk cluster jobs lists all"
        return await _found(self._shell.machine.state.jobs, name, "job", rule, context)

    async def _worker(self, name: str, context: Any) -> Worker:
        rule = "it is not connected; zisk cluster workers lists all"
        return await _found(self._shell.machine.state.workers, name, "worker", rule, context)


async def _found(things: Mapping[str, Named], name: str, what: str, rule: str, context: Any) -> Named:
    """The thing of that id, or the only one whose id begins so."""
    if name in things:
        return things[name]
    fitting = [key for key in things if key.startswith(name)] if name else []
    shown = printable(name, SHOWN_LETTERS)
    if not fitting:
        await refuse(context, ErrorKind.NOT_FOUND, f"there is no {what} '{shown}': {rule}")
    if len(fitting) > 1:
        some = ", ".join(fitting[:_MOST_NAMED]) + (", ..." if len(fitting) > _MOST_NAMED else "")
        text = f"'{shown}' begins the ids of {len(fitting)} {what}s, {some}: give more of the one you mean"
        await refuse(context, ErrorKind.USAGE, text)
    return things[fitting[0]]


def _no_proof(job: Job) -> tuple[ErrorKind, str]:
    """Why a job has no proof."""
    if job.failure is not None:
        return job.failure.kind, f"job {job.job_id} failed, so it has no proof: {job.failure.message}"
    if job.state is JobState.CANCELLED:
        return ErrorKind.CANCELLED, f"job {job.job_id} was cancelled, so it has no proof; submit it again"
    where = job.state.lower() if job.phase is None else f"{job.state.lower()}, in phase {job.phase}"
    remedy = f"wait for it with zisk cluster watch {job.job_id}"
    return ErrorKind.NOT_READY, f"job {job.job_id} is {where}, and has no proof yet; {remedy}"
