"""The worker-facing service on port 50051: the worker stream and the admin calls of earlier versions."""

# ruff: noqa: N802 - methods bear the names of the calls they answer.

import logging
import time
from collections.abc import AsyncIterator
from typing import Any
from zlib import crc32

from zisk.choices import DEFAULT_LOG_SIZE, DEFAULT_SECURITY
from zisk.cluster.coordinator.intake import read_below_inputs_folder, taken_in
from zisk.cluster.coordinator.shell import CoordinatorShell
from zisk.cluster.coordinator.worker_stream import serve_worker
from zisk.cluster.errors import ArtifactError, InputError, SubmissionRefusedError, WireError
from zisk.cluster.protocol.fields import check_data_id, check_inputs_uri
from zisk.cluster.protocol.forms import form_of_name
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.generated.distributed_pb2_grpc import ZiskDistributedApiServicer
from zisk.cluster.protocol.payload import Inline, Payload, from_field
from zisk.cluster.protocol.refusal import refuse
from zisk.cluster.scheduling.jobs import Job, JobState
from zisk.cluster.scheduling.state import Worker, WorkerState
from zisk.cluster.tasks import Demand, InputPath, JobKind, JobRequest
from zisk.errors import ErrorKind
from zisk.version import __version__

__all__ = ["AdminService"]

_log = logging.getLogger("zisk.coordinator")

_LONGEST_WAIT_SECONDS = 60
"""How long JobStatus waits for news at most."""

_MOST_OF_32_BITS = (1 << 32) - 1


class AdminService(ZiskDistributedApiServicer):
    """Answers workers and administrators."""

    def __init__(self, shell: CoordinatorShell) -> None:
        self._shell = shell

    async def WorkerStream(
        self, request_iterator: AsyncIterator[wire.WorkerMessage], context: Any
    ) -> AsyncIterator[wire.CoordinatorMessage]:
        """Serve one worker for as long as it stays."""
        async for message in serve_worker(self._shell, request_iterator, context):
            yield message

    async def HealthCheck(self, request: wire.HealthCheckRequest, context: Any) -> wire.HealthCheckResponse:
        """Answer at all."""
        return wire.HealthCheckResponse()

    async def SystemStatus(
        self, request: wire.SystemStatusRequest, context: Any
    ) -> wire.SystemStatusResponse:
        """Count workers, capacity and jobs."""
        workers = self._shell.machine.state.workers.values()
        idle = sum(worker.state is WorkerState.IDLE for worker in workers)
        status = wire.SystemStatus(
            total_workers=len(workers),
            compute_capacity=min(self._shell.machine.state.capacity, _MOST_OF_32_BITS),
            idle_workers=idle,
            busy_workers=len(workers) - idle,
            active_jobs=len(self._shell.machine.state.running()),
        )
        return wire.SystemStatusResponse(status=status)

    async def StatusInfo(self, request: wire.StatusInfoRequest, context: Any) -> wire.StatusInfoResponse:
        """Say who this is and since when."""
        return wire.StatusInfoResponse(
            service_name=self._shell.rules.name,
            version=__version__,
            uptime_seconds=int(time.monotonic() - self._shell.started),
            start_time=self._shell.timestamp(self._shell.started),
            metrics=wire.Metrics(active_connections=len(self._shell.machine.state.workers)),
        )

    async def JobsList(self, request: wire.JobsListRequest, context: Any) -> wire.JobsListResponse:
        """List jobs in order of submission; with `active_only`, those that wait or run."""
        jobs = self._shell.machine.state.jobs.values()
        shown = [job for job in jobs if job.canary_of is None]
        chosen = [self._status(job) for job in shown if not (request.active_only and job.state.terminal)]
        return wire.JobsListResponse(jobs_list=wire.JobsList(jobs=chosen))

    async def JobStatus(self, request: wire.JobStatusRequest, context: Any) -> wire.JobStatusResponse:
        """Say where a job stands: at once, or when that is other than what the client has seen."""
        job = self._shell.machine.state.jobs.get(request.job_id)
        if job is None:
            text = f"there is no job {request.job_id}; it was never submitted here, or is long over"
            await refuse(context, ErrorKind.NOT_FOUND, text)
        deadline = self._shell.now() + min(request.wait_seconds, _LONGEST_WAIT_SECONDS)
        while (
            not job.state.terminal
            and self._revision(job) == request.seen_revision
            and (left := deadline - self._shell.now()) > 0
        ):
            await self._shell.change(left)
        return wire.JobStatusResponse(job=self._status(job))

    async def WorkersList(self, request: wire.WorkersListRequest, context: Any) -> wire.WorkersListResponse:
        """List workers in order of registration; with `available_only`, those that could take a job."""
        workers = self._shell.machine.state.workers.values()
        chosen = [
            self._worker(worker)
            for worker in workers
            if worker.state is WorkerState.IDLE or not request.available_only
        ]
        return wire.WorkersListResponse(workers_list=wire.WorkersList(workers=chosen))

    async def LaunchProof(self, request: wire.LaunchProofRequest, context: Any) -> wire.LaunchProofResponse:
        """Start a proof of the program that the workers were started with, or refuse at once."""
        try:
            job_id = self._shell.submit(await self._request(request), may_wait=False)
        except (InputError, WireError, ArtifactError) as error:
            await refuse(context, error.kind, f"Invalid request: {error}")
        return wire.LaunchProofResponse(job_id=job_id)

    async def _request(self, request: wire.LaunchProofRequest) -> JobRequest:
        """What a launch asks for."""
        if request.hints_mode != wire.HINTS_MODE_NONE or request.HasField("simulated_node"):
            _log.warning(
                "LaunchProof: hints and simulated_node have no meaning for this prover and are unused"
            )
        check_data_id(request.data_id)
        check_inputs_uri(request.inputs_uri)
        units = request.compute_capacity
        demand = Demand(units, request.minimal_compute_capacity or units)
        if request.default_capacity:
            demand = Demand(self._shell.rules.default_compute_units, request.minimal_compute_capacity or None)
        return JobRequest(
            JobKind.PROVE,
            self._program(),
            await self._input(request),
            demand,
            request.options.log_size or DEFAULT_LOG_SIZE,
            request.options.security or DEFAULT_SECURITY,
            request.data_id,
            form_of_name(request.options.form, self._shell.rules.default_form),
        )

    def _program(self) -> str:
        """The one program that all workers were started with.

        Raises:
            SubmissionRefusedError: there is none, or more than one.

        """
        programs: dict[str, str] = {}
        for worker in self._shell.machine.state.workers.values():
            if worker.program:
                programs.setdefault(worker.program, worker.worker_id)
        if not self._shell.machine.state.workers:
            raise SubmissionRefusedError(
                ErrorKind.UNREACHABLE,
                "no worker is connected; start one: zisk-worker --elf FILE --coordinator-url URL",
            )
        if not programs:
            raise SubmissionRefusedError(
                ErrorKind.NOT_READY,
                "no worker was started with --elf; start one with it, or upload a program to the client API",
            )
        if len(programs) > 1:
            held = ", ".join(f"worker {worker} has {program}" for program, worker in programs.items())
            raise SubmissionRefusedError(
                ErrorKind.NOT_READY,
                f"the workers were started with different programs: {held}; give all of them one --elf",
            )
        return next(iter(programs))

    async def _input(self, request: wire.LaunchProofRequest) -> Payload | InputPath:
        artifacts, rules = self._shell.artifacts, self._shell.rules
        if request.HasField("input_data"):
            return await taken_in(from_field(request.input_data, any_size=True), artifacts, rules)
        if request.inputs_mode == wire.INPUT_MODE_NONE:
            return Inline(b"")
        if not request.inputs_uri:
            raise InputError("this input mode needs inputs_uri")
        if request.inputs_mode == wire.INPUT_MODE_PATH:
            return InputPath(request.inputs_uri)
        return await read_below_inputs_folder(request.inputs_uri, artifacts, rules)

    def _status(self, job: Job) -> wire.JobStatus:
        end = job.ended if job.ended is not None else time.monotonic()
        status = wire.JobStatus(
            job_id=job.job_id,
            data_id=job.request.data_id,
            phase=job.phase or "None",
            state=f"Running ({job.phase})" if job.state is JobState.RUNNING else job.state,
            assigned_workers=job.workers,
            start_time=int(self._shell.wall(job.started)) if job.started is not None else 0,
            duration_ms=int((end - job.started) * 1000) if job.started is not None else 0,
            proof=job.proof.to_field() if job.proof is not None and job.state is JobState.COMPLETED else b"",
            progress_permille=int(self._shell.machine.state.progress(job) * 1000),
            activities=self._activities(job),
            form=job.request.form if job.request.kind is JobKind.PROVE else "",
            revision=self._revision(job),
        )
        if job.failure is not None:
            status.failure_kind, status.failure_message = job.failure.kind, job.failure.message
        return status

    def _activities(self, job: Job) -> list[str]:
        """What each worker of a job is at."""
        crew = {worker.worker_id: worker.activity for worker in self._shell.machine.state.crew(job)}
        return [crew.get(name, "") for name in job.workers]

    def _revision(self, job: Job) -> int:
        """A number, not 0, that is another one whenever there is news of a job."""
        progress = int(self._shell.machine.state.progress(job) * 1000)
        news = (job.state, job.phase, progress, job.workers, self._activities(job))
        return crc32(repr(news).encode()) | 1

    def _worker(self, worker: Worker) -> wire.WorkerInfo:
        phase = self._shell.machine.state.jobs[worker.job_id].phase if worker.job_id is not None else None
        return wire.WorkerInfo(
            worker_id=worker.worker_id,
            state=f"Computing({phase})" if phase is not None else worker.state,
            compute_capacity=wire.ComputeCapacity(compute_units=worker.capacity),
            connected_at=self._shell.timestamp(worker.connected_at),
            last_heartbeat=self._shell.timestamp(worker.last_heartbeat),
        )
