"""The client-facing service on port 7000."""

# ruff: noqa: N802 - methods bear the names of the calls they answer.

import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from zisk.choices import DEFAULT_LOG_SIZE, DEFAULT_SECURITY
from zisk.cluster.coordinator.intake import taken_in
from zisk.cluster.coordinator.settings import Rules
from zisk.cluster.coordinator.shell import CoordinatorShell
from zisk.cluster.errors import SubmissionRefusedError
from zisk.cluster.protocol.forms import form_of_dest, kind_of
from zisk.cluster.protocol.generated import coordinator_pb2 as wire
from zisk.cluster.protocol.generated.coordinator_pb2_grpc import ZiskCoordinatorApiServicer
from zisk.cluster.protocol.payload import Inline, Payload, from_field
from zisk.cluster.protocol.refusal import refuse
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.jobs import Failure, Happening, Job, JobEvent, JobState
from zisk.cluster.scheduling.phase import Phase
from zisk.cluster.tasks import Demand, Execution, InputPath, JobKind, JobRequest
from zisk.errors import ErrorKind

__all__ = ["ClientService", "public_bytes"]

_DEFAULT_WAIT_SECONDS = 5
_WAIT_SECONDS = range(1, 3601)
"""WaitJobResult waits 5 s where the client says nothing, and otherwise within these bounds, as in ZisK."""

_NO_STREAMS = "this version takes inputs inline, and above 1 MiB by zisk.artifacts.v1; send them so"

_PHASES = {
    Phase.CONTRIBUTIONS: wire.JOB_PHASE_CONTRIBUTIONS,
    Phase.PROVE: wire.JOB_PHASE_PROVE,
    Phase.AGGREGATE: wire.JOB_PHASE_AGGREGATE,
}


def public_bytes(outputs: tuple[int, ...]) -> bytes:
    """Output words as ZisK's clients expect them: 32 zero bytes, then 8 bytes a word, little-endian."""
    return bytes(32) + struct.pack(f"<{len(outputs)}Q", *outputs)


class ClientService(ZiskCoordinatorApiServicer):
    """Answers host applications."""

    def __init__(self, shell: CoordinatorShell) -> None:
        self._shell = shell

    async def RegisterGuestProgram(
        self, request: wire.RegisterGuestProgramRequest, context: Any
    ) -> wire.RegisterGuestProgramResponse:
        """Keep a guest program and name it."""
        if not request.zisk_elf:
            await refuse(context, ErrorKind.USAGE, "zisk_elf must not be empty")
        elf = from_field(request.zisk_elf, any_size=True)
        return wire.RegisterGuestProgramResponse(hash_id=await self._shell.register_program(elf))

    async def JobRequest(self, request: wire.JobRequestMessage, context: Any) -> wire.JobResponse:
        """Take a job in; it waits while workers are busy."""
        wanted = _request(request.job_kind, self._shell.rules)
        if not isinstance(wanted.input, InputPath):
            kept = await taken_in(wanted.input, self._shell.artifacts, self._shell.rules)
            wanted = replace(wanted, input=kept)
        return wire.JobResponse(job_id=self._shell.submit(wanted, may_wait=True))

    async def WaitJobResult(
        self, request: wire.WaitJobResultRequest, context: Any
    ) -> wire.WaitJobResultResponse:
        """Answer when a job is over, or when the time is up."""
        seconds = request.timeout_seconds or _DEFAULT_WAIT_SECONDS
        left = 0.0 if request.at_once else float(min(max(seconds, _WAIT_SECONDS[0]), _WAIT_SECONDS[-1]))
        job = await self._job(request.job_id, context)
        deadline = self._shell.now() + left
        while not job.state.terminal and (left := deadline - self._shell.now()) > 0:
            await self._shell.change(left)
        response = wire.WaitJobResultResponse(job_id=job.job_id, job_status=self._status(job))
        if job.state is JobState.COMPLETED:
            response.result.CopyFrom(self._result(job))
        return response

    async def WatchJob(self, request: wire.WatchJobRequest, context: Any) -> AsyncIterator[wire.JobEvent]:
        """Tell everything that has happened to a job and will, up to its end."""
        job = await self._job(request.job_id, context)
        told = 0
        while True:
            for event in job.events[told:]:
                yield self._event(job, event)
                told += 1
            if told < len(job.events):
                continue
            if job.state.terminal:
                return
            await self._shell.change()

    async def CancelJob(self, request: wire.CancelJobRequest, context: Any) -> wire.CancelJobResponse:
        """End a job; false when it is over already."""
        job = await self._job(request.job_id, context)
        was_over = job.state.terminal
        self._shell.tell(on.CancelRequested(job.job_id))
        return wire.CancelJobResponse(job_id=job.job_id, cancelled=not was_over)

    async def PushJobInput(self, request_iterator: Any, context: Any) -> None:
        """Refuse: inputs come with the request."""
        await refuse(context, ErrorKind.UNSUPPORTED, _NO_STREAMS)

    async def PushJobHintsInput(self, request_iterator: Any, context: Any) -> None:
        """Refuse: this prover needs no hints."""
        await refuse(context, ErrorKind.UNSUPPORTED, "this version takes no hints; leave them out")

    async def _job(self, job_id: str, context: Any) -> Job:
        job = self._shell.machine.state.jobs.get(job_id)
        if job is None:
            text = f"there is no job {job_id}; it was never submitted here, or is long over"
            await refuse(context, ErrorKind.NOT_FOUND, text)
        return job

    def _status(self, job: Job) -> wire.JobStatus:
        match job.state:
            case JobState.QUEUED:
                return wire.JobStatus(queued=wire.JobStatusQueued())
            case JobState.RUNNING:
                phase = _PHASES.get(job.phase) if job.phase is not None else None
                return wire.JobStatus(running=wire.JobStatusRunning(phase=phase))
            case JobState.COMPLETED:
                return wire.JobStatus(completed=wire.JobStatusCompleted())
            case JobState.CANCELLED:
                return wire.JobStatus(cancelled=wire.JobStatusCancelled())
            case JobState.FAILED:
                return wire.JobStatus(failed=wire.JobStatusFailed(failure=_failure(job)))

    def _result(self, job: Job) -> wire.JobKindResponse:
        """What a completed job produced."""
        match job.request.kind:
            case JobKind.SETUP:
                return wire.JobKindResponse(setup=wire.SetupResponse(vk=job.key))
            case JobKind.EXECUTE:
                assert job.execution is not None
                response = wire.ExecuteResponse(
                    stats=_stats(job.execution), public_outputs=public_bytes(job.execution.outputs)
                )
                return wire.JobKindResponse(execute=response)
            case JobKind.PROVE:
                return wire.JobKindResponse(prove=self._proof(job))

    def _proof(self, job: Job) -> wire.ProveResponse:
        assert job.execution is not None
        assert job.proof is not None
        assert job.started is not None
        assert job.ended is not None
        proof = wire.Proof(
            proof_id=job.job_id,
            hash_id=job.request.hash_id,
            verification_key=job.key or b"",
            proof_kind=kind_of(job.request.form),
            form=job.request.form,
            data=job.proof.to_field(),
            public_inputs=public_bytes(job.execution.outputs),
            started_at=self._shell.timestamp(job.started),
            completed_at=self._shell.timestamp(job.ended),
        )
        stats = _stats(job.execution)
        stats.duration_nanos = int((job.ended - job.started) * 1e9)
        return wire.ProveResponse(proof=proof, stats=stats)

    def _event(self, job: Job, event: JobEvent) -> wire.JobEvent:
        about = {"job_id": job.job_id, "timestamp": self._shell.timestamp(event.at)}
        match event.happening:
            case Happening.QUEUED:
                return wire.JobEvent(queued=wire.JobEventQueued(**about))
            case Happening.STARTED:
                return wire.JobEvent(started=wire.JobEventStarted(**about))
            case Happening.PROGRESS:
                assert event.phase is not None
                return wire.JobEvent(progress=wire.JobEventProgress(phase=_PHASES[event.phase], **about))
            case Happening.COMPLETED:
                return wire.JobEvent(completed=wire.JobEventCompleted(result=self._result(job), **about))
            case Happening.CANCELLED:
                return wire.JobEvent(cancelled=wire.JobEventCancelled(**about))
            case Happening.FAILED:
                return wire.JobEvent(failed=wire.JobEventFailed(failure=_failure(job), **about))


def _request(kind: wire.JobKind, rules: Rules) -> JobRequest:
    """What a client asks for; what it leaves out is as the rules say.

    Raises:
        SubmissionRefusedError: it is incomplete, or of a kind that this version does not do.
        WireError: there is no proof of the form that it asks for.

    """
    units = rules.default_compute_units
    match kind.WhichOneof("kind"):
        case "setup":
            options = _options(kind.setup.options)
            return JobRequest(JobKind.SETUP, kind.setup.hash_id, Inline(b""), Demand(units, None), *options)
        case "execute":
            data = _input(kind.execute.HasField("input"), kind.execute.input)
            options = (DEFAULT_LOG_SIZE, DEFAULT_SECURITY)
            return JobRequest(JobKind.EXECUTE, kind.execute.hash_id, data, Demand(units, None), *options)
        case "prove":
            prove = kind.prove
            form = form_of_dest(prove.proof_dest, prove.options.form, rules.default_form)
            asked = prove.HasField("compute_capacity")
            demand = Demand(prove.compute_capacity, prove.compute_capacity) if asked else Demand(units, None)
            data = _input(prove.HasField("input"), prove.input)
            options = _options(prove.options)
            return JobRequest(JobKind.PROVE, prove.hash_id, data, demand, *options, form=form)
        case "wrap":
            raise SubmissionRefusedError(ErrorKind.UNSUPPORTED, "this version does not wrap proofs")
        case _:
            raise SubmissionRefusedError(ErrorKind.USAGE, "job_kind must name setup, execute or prove")


def _input(given: bool, kind: wire.InputKind) -> Payload:
    """The input of a job; none at all is an empty one.

    Raises:
        SubmissionRefusedError: it is to be streamed.

    """
    if given and kind.WhichOneof("kind") == "stream_uri":
        raise SubmissionRefusedError(ErrorKind.UNSUPPORTED, _NO_STREAMS)
    return from_field(kind.inline.data, any_size=True)


def _options(options: wire.ProofOptions) -> tuple[int, int]:
    return options.log_size or DEFAULT_LOG_SIZE, options.security or DEFAULT_SECURITY


def _stats(execution: Execution) -> wire.ExecutionStats:
    return wire.ExecutionStats(
        steps=execution.steps,
        duration_nanos=int(execution.seconds * 1e9),
        segments=execution.segments,
        exit_code=execution.exit_code,
        cycles=execution.cycles,
    )


def _failure(job: Job) -> wire.JobFailure:
    """Why a job failed, under the kind that ZisK's clients know it by."""
    failure = job.failure or Failure(ErrorKind.WORKER_ERROR, "")
    result = wire.JobFailure(failure_kind=failure.kind, message=failure.message)
    match failure.kind:
        case ErrorKind.TIMEOUT:
            result.timeout.limit.seconds = int(failure.limit_seconds or 0)
            if failure.phase is not None and failure.phase in _PHASES:
                result.timeout.phase = _PHASES[failure.phase]
        case ErrorKind.INPUT:
            result.input.reason = failure.message
        case ErrorKind.STORE | ErrorKind.STOPPED:
            result.internal.trace_id = job.job_id
        case _:
            result.execution.reason = failure.message
    return result
