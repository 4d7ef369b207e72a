"""The worker's hands: the stream to the coordinator, the transfer of payloads, the prover in its thread."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

import grpc
import grpc.aio

from zisk.cluster.artifacts.transfer import AsyncArtifactClient
from zisk.cluster.disk import on_disk
from zisk.cluster.engines.protocol import Keep, OnCommit, ProverEngine, Span
from zisk.cluster.engines.thread import EngineThread
from zisk.cluster.errors import ArtifactError, TaskFailedError, failure_of
from zisk.cluster.inputs import check_input_size, read_input
from zisk.cluster.protocol.address import target_of
from zisk.cluster.protocol.codec import decode_task, encode_kept, encode_result
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.generated.distributed_pb2_grpc import ZiskDistributedApiStub
from zisk.cluster.protocol.limits import (
    CHANNEL_OPTIONS,
    MAX_CONTRIBUTION_BYTES,
    MAX_PROGRAM_BYTES,
    MAX_PROOF_BYTES,
)
from zisk.cluster.protocol.payload import digest_of
from zisk.cluster.protocol.refusal import to_error
from zisk.cluster.tasks import (
    AggregateTask,
    AggregationResult,
    Binding,
    Committed,
    ContributeTask,
    ContributionResult,
    ExecuteTask,
    ExecutionResult,
    FailureResult,
    InputPath,
    JobRequest,
    Kept,
    Piece,
    ProofsResult,
    ProveTask,
    Result,
    SetupResult,
    SetupTask,
    Task,
)
from zisk.cluster.worker import commands as do
from zisk.cluster.worker import events as on
from zisk.cluster.worker.machine import Link, Worker
from zisk.cluster.worker.runner import JobRunner
from zisk.cluster.worker.settings import WorkerOptions
from zisk.errors import ZiskError
from zisk.progress_meter import Interrupted

__all__ = ["WorkerShell"]

_log = logging.getLogger("zisk.worker")

_Outbox = asyncio.Queue[wire.WorkerMessage | None]
"""Messages for the coordinator; None ends the stream behind those before it."""


class WorkerShell:
    """One worker; `elf` is the program it is started with, None takes programs from clients only."""

    def __init__(self, options: WorkerOptions, engine: ProverEngine, elf: bytes | None = None) -> None:
        self._options = options
        self._own_elf = elf
        self._target = target_of(options.coordinator_url)
        self._machine = Worker(options.heartbeat_timeout)
        self._engine = engine
        self._runner = JobRunner(engine)
        self._thread = EngineThread("worker-prover")
        self._program = digest_of(elf).hex() if elf is not None else ""
        self._elves = {self._program: elf} if elf is not None else {}
        self._outbox: _Outbox = asyncio.Queue()
        self._gone = asyncio.Event()
        self._end_stream: Callable[[], object] = lambda: None
        self._artifacts: AsyncArtifactClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._pause = self._first_pause()
        self._told = (0, 0, "")
        self._lease = 0
        self._soon: Callable[[Callable[[], object]], object] = lambda _: None

    async def run(self) -> None:
        """Work for the coordinator until cancelled or left; connect again whenever the connection ends."""
        self._soon = asyncio.get_running_loop().call_soon_threadsafe
        ticking = asyncio.create_task(self._tick())
        try:
            # Before it registers, so that no job is given to a worker that is not ready for it.
            await self._thread.prepare(self._engine, _log)
            while not self._machine.left:
                why = "it ended the connection"
                try:
                    await self._connection()
                except grpc.aio.AioRpcError as error:
                    why = error.details() or error.code().name
                except ArtifactError as error:  # The upload of its own program stood still.
                    why = str(error)
                if self._machine.left:
                    return
                _log.warning(
                    "no connection to the coordinator at %s: %s; trying again in %g s",
                    self._options.coordinator_url,
                    why,
                    self._pause,
                )
                self._tell(on.Disconnected())
                await asyncio.sleep(self._pause)
                self._pause = min(2 * self._pause, self._options.reconnect_seconds)
        finally:
            ticking.cancel()
            self._runner.meter.stop()
            self._thread.stop()
            for task in self._tasks:
                task.cancel()

    async def leave(self, seconds: float) -> bool:
        """End the task at hand, hand in what comes of it, and leave the coordinator.

        Returns whether that took no more than these seconds; where it takes more, the task is lost.
        """
        self._tell(on.EndRequested())
        try:
            await asyncio.wait_for(self._gone.wait(), seconds)
        except TimeoutError:
            return False
        return True

    # The connection

    def _first_pause(self) -> float:
        """Pause after a connection that worked; it doubles up to the configured one while none does."""
        return min(0.25, self._options.reconnect_seconds)

    async def _connection(self) -> None:
        """Open a stream and serve it to its end."""
        async with grpc.aio.insecure_channel(self._target, options=CHANNEL_OPTIONS) as channel:
            self._artifacts = AsyncArtifactClient(channel)
            if self._own_elf is not None:
                await self._artifacts.upload(self._own_elf)
            outbox = self._outbox = asyncio.Queue()
            call = ZiskDistributedApiStub(channel).WorkerStream(_outgoing(outbox))
            self._end_stream = call.cancel
            self._tell(on.Connected())
            try:
                async for message in call:
                    self._receive(message)
            except asyncio.CancelledError:
                # Raised by the end of the stream as well; only that of the task is passed on.
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
            finally:
                outbox.put_nowait(None)
                call.cancel()
                if self._machine.left:
                    self._gone.set()

    def _receive(self, message: wire.CoordinatorMessage) -> None:
        """Take a message in; one that cannot be taken in is refused, and the next one is heard."""
        try:
            self._take_in(message)
        except Exception as error:
            job_id = message.execute_task.job_id or message.setup_program.job_id
            text = str(error) if isinstance(error, ZiskError) else f"{type(error).__name__}: {error}"
            _log.warning("job %s: a message of the coordinator is refused: %s", job_id or "none", text)
            lease = message.execute_task.lease or message.setup_program.lease
            refusal = wire.WorkerError(
                worker_id=self._options.worker_id, job_id=job_id, lease=lease, error_message=text
            )
            self._outbox.put_nowait(wire.WorkerMessage(error=refusal))

    def _take_in(self, message: wire.CoordinatorMessage) -> None:
        match message.WhichOneof("payload"):
            case "heartbeat":
                self._tell(on.Heard())
            case "register_response":
                self._registration(message.register_response)
            case "execute_task" | "setup_program":
                self._tell(on.TaskArrived(*decode_task(message)))
            case "drain_confirmed":
                self._tell(on.DrainConfirmed())
            case "job_cancelled":
                _log.info("job %s dropped: %s", message.job_cancelled.job_id, message.job_cancelled.reason)
                self._tell(on.CancelArrived(message.job_cancelled.job_id))
            case "shutdown":
                _log.info("the coordinator stops: %s", message.shutdown.reason)
            case other:
                _log.warning("message of kind %s is not known to this version and ignored", other)

    def _registration(self, response: wire.WorkerRegisterResponse) -> None:
        if not response.accepted:
            _log.error("registration refused: %s", response.message)
            self._tell(on.Refused())
            return
        _log.info("registered as worker %s (capacity %d)", response.worker_id, self._options.capacity)
        self._pause = self._first_pause()
        stale = response.directive.action == wire.RECONNECTION_ACTION_CANCEL_STALE_JOB
        self._tell(on.Accepted(stale))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(min(1.0, self._options.heartbeat_timeout / 6))
            self._tell(on.Tick())
            meter = self._runner.meter
            if (meter.done, meter.total, meter.activity) != self._told:
                self._tell(on.Progressed())

    # What the state machine wants

    def _tell(self, event: on.Event) -> None:
        for command in self._machine.handle(event, time.monotonic()):
            self._do(command)

    def _do(self, command: do.Command) -> None:
        match command:
            case do.Register(again, last_job):
                self._outbox.put_nowait(self._register_message(again, last_job))
            case do.SendHeartbeat(job_id):
                meter = self._runner.meter
                self._told = (meter.done, meter.total, meter.activity)
                done, total, activity = self._told
                progress = wire.TaskProgress(job_id=job_id, done=done, total=total, activity=activity)
                beat = wire.HeartbeatAck(worker_id=self._options.worker_id, progress=progress)
                self._outbox.put_nowait(wire.WorkerMessage(heartbeat_ack=beat))
            case do.Start(job_id, lease, task):
                self._runner.meter.reset()
                self._lease = lease
                self._spawn(job_id, task)
            case do.Interrupt():
                self._runner.meter.stop()
            case do.DropJob(job_id):
                self._runner.drop(job_id)
            case do.Report(job_id, lease, task, result):
                self._outbox.put_nowait(encode_result(self._options.worker_id, job_id, lease, task, result))
            case do.Acknowledge(job_id):
                ack = wire.JobCancelledAck(worker_id=self._options.worker_id, job_id=job_id)
                self._outbox.put_nowait(wire.WorkerMessage(job_cancelled_ack=ack))
            case do.ReportRecovered():
                done = wire.WorkerRecoveryComplete(worker_id=self._options.worker_id)
                self._outbox.put_nowait(wire.WorkerMessage(recovery_complete=done))
            case do.AnnounceDrain():
                draining = wire.WorkerDraining(worker_id=self._options.worker_id)
                self._outbox.put_nowait(wire.WorkerMessage(draining=draining))
            case do.Leave():
                self._outbox.put_nowait(None)
                if self._machine.link is Link.DOWN:
                    self._gone.set()
            case do.Disconnect(reason):
                _log.warning("connection ended: %s", reason)
                self._end_stream()

    def _register_message(self, again: bool, last_job: str | None) -> wire.WorkerMessage:
        capacity = wire.ComputeCapacity(compute_units=self._options.capacity)
        about = {
            "worker_id": self._options.worker_id,
            "compute_capacity": capacity,
            "program_hash_id": self._program,
        }
        if again:
            return wire.WorkerMessage(
                reconnect=wire.WorkerReconnectRequest(last_known_job_id=last_job, **about)
            )
        return wire.WorkerMessage(register=wire.WorkerRegisterRequest(**about))

    # Tasks

    def _spawn(self, job_id: str, task: Task) -> None:
        async def finish() -> None:
            self._tell(on.TaskEnded(await self._result(job_id, task)))

        self._begin(finish())

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        running = asyncio.create_task(work)
        self._tasks.add(running)
        running.add_done_callback(self._tasks.discard)

    async def _result(self, job_id: str, task: Task) -> Result | None:
        """Do a task; None when it was interrupted."""
        name = type(task).__name__
        _log.info("job %s: %s", job_id, name)
        try:
            result = await self._carry_out(job_id, task)
            _log.info("job %s: %s done", job_id, name)
            return result
        except Interrupted:
            return None
        except grpc.RpcError as error:
            failure = FailureResult(*failure_of(to_error(self._options.coordinator_url, error)))
        except Exception as error:
            if not isinstance(error, (ZiskError, MemoryError, OSError)):
                _log.exception("job %s: %s failed", job_id, name)
            unit = error.unit if isinstance(error, TaskFailedError) else None
            failure = FailureResult(*failure_of(error), unit)
        _log.warning("job %s: %s failed: %s", job_id, name, failure.message)
        return failure

    async def _carry_out(self, job_id: str, task: Task) -> Result:
        assert self._artifacts is not None
        artifacts, runner, thread = self._artifacts, self._runner, self._thread
        match task:
            case ContributeTask(request, _, _, units, committed):
                elf, data = await self._elf(request.hash_id), await self._input(request)
                known = {each.position: each.commitment for each in committed}
                made = await thread.run(
                    lambda: runner.contribute(
                        job_id,
                        request,
                        units,
                        elf,
                        data,
                        committed=known,
                        on_commit=self._on_commit(job_id),
                    )
                )
                return ContributionResult(await artifacts.send(made))
            case ProveTask(units, binding, pieces):
                contributions, stored = await self._contributions(binding), await self._stored(pieces)
                proofs, counts = await thread.run(
                    lambda: runner.prove(
                        job_id,
                        units,
                        contributions,
                        binding.challenge,
                        stored=stored,
                        keep=self._keep(job_id),
                    )
                )
                delivered = [(unit, await artifacts.send(proof)) for unit, proof in proofs]
                return ProofsResult(tuple(delivered), counts)
            case AggregateTask():
                return await self._aggregated(job_id, task)
            case ExecuteTask(request):
                elf, data = await self._elf(request.hash_id), await self._input(request)
                return ExecutionResult(await thread.run(lambda: runner.execute(elf, data)))
            case SetupTask(request):
                elf = await self._elf(request.hash_id)
                return SetupResult(await thread.run(lambda: runner.setup(request, elf)))

    async def _aggregated(self, job_id: str, task: AggregateTask) -> AggregationResult:
        """Take in what units deliver; what this worker itself delivered is here still."""
        assert self._artifacts is not None
        runner, request = self._runner, task.request
        if task.first:
            elf, contributions = await self._elf(request.hash_id), await self._contributions(task.binding)
            stored = await self._stored(task.pieces)
            await self._thread.run(
                lambda: runner.begin_aggregation(
                    job_id,
                    request,
                    elf,
                    contributions,
                    task.binding.challenge,
                    stored=stored,
                    keep=self._keep(job_id),
                )
            )
        own, missing = runner.delivered(job_id), set(runner.missing(job_id))
        payloads = {
            unit: own[unit] if unit in own else await self._artifacts.fetch(payload)
            for unit, payload in task.proofs
            if unit in missing
        }
        proof = await self._thread.run(lambda: runner.aggregate(job_id, payloads, task.last))
        return AggregationResult(None if proof is None else await self._artifacts.send(proof))

    def _on_commit(self, job_id: str) -> OnCommit:
        """Hands in each segment that the prover, in its thread, commits to in the task at hand."""

        def hand_in(position: int, commitment: bytes) -> None:
            lease = self._lease
            self._soon(lambda: self._send_kept(job_id, lease, Committed(position, commitment)))

        return hand_in

    def _keep(self, job_id: str) -> Keep:
        """Hands in each piece that the prover, in its thread, makes in the task at hand."""

        def hand_in(span: Span, proof: bytes) -> None:
            lease = self._lease
            self._soon(lambda: self._begin(self._upload_kept(job_id, lease, span, proof)))

        return hand_in

    async def _upload_kept(self, job_id: str, lease: int, span: Span, proof: bytes) -> None:
        """Hand a piece in; where that fails it is made again, if need be."""
        assert self._artifacts is not None
        try:
            self._send_kept(job_id, lease, Piece(*span, await self._artifacts.send(proof)))
        except (ArtifactError, grpc.RpcError) as error:
            _log.warning("job %s: a piece of its proof is not kept: %s", job_id, error)

    def _send_kept(self, job_id: str, lease: int, kept: Kept) -> None:
        self._outbox.put_nowait(encode_kept(self._options.worker_id, job_id, lease, kept))

    async def _stored(self, pieces: Sequence[Piece]) -> dict[Span, bytes]:
        """Pieces that others kept; one that cannot be had is made again."""
        assert self._artifacts is not None
        stored: dict[Span, bytes] = {}
        for piece in pieces:
            try:
                stored[piece.start, piece.end] = await self._artifacts.fetch(
                    piece.proof, most=MAX_PROOF_BYTES
                )
            except ArtifactError as error:
                _log.warning("segments %d to %d are proved again: %s", piece.start, piece.end, error)
        return stored

    async def _contributions(self, binding: Binding) -> list[bytes]:
        assert self._artifacts is not None
        return [
            await self._artifacts.fetch(payload, most=MAX_CONTRIBUTION_BYTES)
            for payload in binding.contributions
        ]

    async def _elf(self, hash_id: str) -> bytes:
        """The program of that name; what was fetched once is kept."""
        if hash_id not in self._elves:
            assert self._artifacts is not None
            self._elves[hash_id] = await self._artifacts.download(bytes.fromhex(hash_id), MAX_PROGRAM_BYTES)
        return self._elves[hash_id]

    async def _input(self, request: JobRequest) -> bytes:
        if isinstance(request.input, InputPath):
            path, options = request.input.path, self._options
            return await on_disk(
                lambda: read_input(
                    options.inputs_folder,
                    path,
                    "--inputs-folder",
                    most=options.max_input_bytes,
                    size_setting="worker.max_input_bytes",
                )
            )
        assert self._artifacts is not None
        size, most = request.input.size, self._options.max_input_bytes
        check_input_size("the input", size, most, "worker.max_input_bytes")
        return await self._artifacts.fetch(request.input)


async def _outgoing(outbox: _Outbox) -> AsyncIterator[wire.WorkerMessage]:
    while (message := await outbox.get()) is not None:
        yield message
