"""The coordinator's hands: decisions of the state machine become messages, files and work for the prover."""

import asyncio
import contextlib
import logging
import re
import time
import uuid
from collections.abc import Coroutine

from google.protobuf.timestamp_pb2 import Timestamp

from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.coordinator.canary import canary_elf, canary_request
from zisk.cluster.coordinator.intake import check_place, kept_program
from zisk.cluster.coordinator.prover import CoordinatorProver
from zisk.cluster.coordinator.settings import Rules
from zisk.cluster.disk import on_disk
from zisk.cluster.engines.protocol import ProverEngine
from zisk.cluster.errors import ArtifactError, SubmissionRefusedError, UnknownProgramError, WireError
from zisk.cluster.protocol.codec import encode_task
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.payload import Payload, Stored
from zisk.cluster.scheduling import commands as do
from zisk.cluster.scheduling import events as on
from zisk.cluster.scheduling.limits import Limits
from zisk.cluster.scheduling.machine import Coordinator
from zisk.cluster.tasks import JobRequest
from zisk.printable import SHOWN_LETTERS, printable

__all__ = ["CoordinatorShell"]

_log = logging.getLogger("zisk.coordinator")

_HASH_ID = re.compile("[0-9a-f]{64}")

_CANARY = "canary"
"""The holder of the program that workers in quarantine are tried with."""

_PROGRAMS = "programs"
"""The holder of uploaded guest programs in the artifact store; they stay as long as the process."""

_ARTIFACT_GRACE_SECONDS = 600.0
"""How long an upload may wait for the message that names it."""

_LAST_WORDS_SECONDS = 0.5
"""How long clients that keep asking are still told that their job was ended."""

_COLLECT_SECONDS = 30.0
"""Pause between searches for artifacts that nobody needs."""

Outbox = asyncio.Queue[wire.CoordinatorMessage | None]
"""Messages for one worker; None ends its stream."""


class CoordinatorShell:
    """One coordinator: state machine, artifacts, connections, prover.

    Everything but the prover's work happens on the event loop that `run` is awaited on.
    """

    def __init__(self, limits: Limits, rules: Rules, engine: ProverEngine, artifacts: ArtifactStore) -> None:
        self.machine = Coordinator(limits)
        self.rules = rules
        self.artifacts = artifacts
        self.started = time.monotonic()
        self._wall_offset = time.time() - self.started
        self._prover = CoordinatorProver(engine, artifacts, rules.saved_in)
        self._outboxes: dict[int, Outbox] = {}
        self._connections = 0
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def unsaved(self) -> str:
        """What is wrong with saving proofs, in words; empty where the last one was saved."""
        return self._prover.unsaved

    # Time

    def now(self) -> float:
        """The time on the coordinator's clock, in seconds."""
        return time.monotonic()

    def timestamp(self, at: float) -> Timestamp:
        """The time of day of a time on the coordinator's clock, as a message."""
        return _timestamp(self.wall(at))

    def wall(self, at: float) -> float:
        """Seconds since 1970 of a time on the coordinator's clock."""
        return at + self._wall_offset

    # In

    def tell(self, event: on.Event) -> list[do.Command]:
        """Pass an event to the state machine and do what it wants."""
        commands = self.machine.handle(event, self.now())
        for command in commands:
            self._do(command)
        self._changed.set()
        self._changed = asyncio.Event()
        return commands

    def open_connection(self) -> tuple[int, Outbox]:
        """A number and an outbox for a worker's stream."""
        self._connections += 1
        outbox: Outbox = asyncio.Queue()
        self._outboxes[self._connections] = outbox
        return self._connections, outbox

    def close_connection(self, connection: int) -> None:
        """Forget a stream that has ended."""
        self._outboxes.pop(connection, None)

    def submit(self, request: JobRequest, *, may_wait: bool) -> str:
        """Take a job in and return its id.

        Raises:
            SubmissionRefusedError: it is not accepted; the text says why and what to do.
            UnknownProgramError: its program is not here.

        """
        if not self.has_program(request.hash_id):
            raise UnknownProgramError(
                f"program {request.hash_id} is not registered; upload it with RegisterGuestProgram first"
            )
        job_id = str(uuid.uuid4())
        for command in self.tell(on.JobSubmitted(job_id, request, may_wait)):
            if isinstance(command, do.RefuseJob):
                raise SubmissionRefusedError(command.kind, command.message)
        _log.info("job %s accepted: %s, %d units", job_id, request.kind, request.demand.units)
        return job_id

    def has_program(self, hash_id: str) -> bool:
        """Whether a program is here."""
        return bool(_HASH_ID.fullmatch(hash_id)) and bytes.fromhex(hash_id) in self.artifacts

    async def register_program(self, elf: Payload) -> str:
        """Keep a guest program and return its `hash_id`.

        Raises:
            ArtifactError: it names an artifact that is not here, is damaged, or is no program by its size.
            SubmissionRefusedError: there is no room for it.

        """
        stored = await kept_program(elf, self.artifacts)
        self._hold_program(stored)
        return stored.digest.hex()

    def keep_program(self, hash_id: str) -> None:
        """Keep the program that a worker was started with; it has uploaded it before it says so.

        Raises:
            WireError: it is not here.
            SubmissionRefusedError: there is no room for it.

        """
        if not self.has_program(hash_id):
            raise WireError(
                f"program '{printable(hash_id, SHOWN_LETTERS)}' is not here; "
                "upload it before registering with it"
            )
        self._hold_program(Stored(bytes.fromhex(hash_id), 0))

    def _hold_program(self, stored: Stored) -> None:
        check_place(stored.digest, self.artifacts.held_by(_PROGRAMS), self.rules)
        self.artifacts.hold(_PROGRAMS, [stored])

    async def change(self, timeout: float | None = None) -> None:
        """Wait until something has happened, or `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), timeout)

    async def run(self) -> None:
        """Let time pass, until cancelled."""
        collected = self.now()
        self._begin(self._prover.warm_up(_log))
        await self._keep_canary()
        while True:
            await asyncio.sleep(1.0)
            try:
                self.tell(on.Tick())
            except Exception:  # A clock that stood still would be noticed by nobody.
                _log.exception("passing time met a defect; report it")
            if self.now() - collected >= _COLLECT_SECONDS:
                collected = self.now()
                try:
                    await on_disk(lambda: self.artifacts.collect(self.now(), _ARTIFACT_GRACE_SECONDS))
                except OSError as error:
                    _log.error("artifacts cannot be cleared away: %s", error)

    async def _keep_canary(self) -> None:
        """Keep what workers in quarantine are tried with; without it they stay there."""
        try:
            canary = await on_disk(lambda: self.artifacts.put(canary_elf()))
        except (ArtifactError, SubmissionRefusedError) as error:
            _log.warning(
                "workers in quarantine will stay there, there is no room for their canary: %s", error
            )
            return
        self.artifacts.hold(_CANARY, [canary])
        self.machine.state.canary = canary_request()

    async def stop(self, grace: float) -> None:
        """Refuse new jobs, give those that run `grace` seconds, then end everything."""
        self.tell(on.StopRequested(now=False))
        deadline = time.monotonic() + grace
        while self.machine.state.running() and (left := deadline - time.monotonic()) > 0:
            await self.change(left)
        interrupted = bool(self.machine.state.running())
        self.tell(on.StopRequested(now=True))
        if interrupted:
            await asyncio.sleep(_LAST_WORDS_SECONDS)
        for outbox in self._outboxes.values():
            outbox.put_nowait(wire.CoordinatorMessage(shutdown=wire.Shutdown(reason="it was told to")))
            outbox.put_nowait(None)
        for task in self._tasks:
            task.cancel()
        self._prover.stop()

    # Out

    def _do(self, command: do.Command) -> None:
        match command:
            case do.ConfirmRegistration():
                self._confirm(command)
            case do.RefuseRegistration(worker_id, connection, message):
                _log.warning("worker refused: %s: %s", worker_id, message)
                answer = wire.WorkerRegisterResponse(worker_id=worker_id, accepted=False, message=message)
                self._send(connection, wire.CoordinatorMessage(register_response=answer))
                self._send(connection, None)
            case do.AnswerHeartbeat(connection):
                beat = wire.Heartbeat(timestamp=_timestamp(time.time()))
                self._send(connection, wire.CoordinatorMessage(heartbeat=beat))
            case do.ConfirmDrain(connection):
                confirmed = wire.CoordinatorMessage(drain_confirmed=wire.DrainConfirmed())
                self._send(connection, confirmed)
            case do.CloseConnection(connection, message):
                _log.warning("connection closed: %s", message)
                self._send(connection, None)
            case do.SendTask(worker_id, connection, job_id, lease, task):
                _log.debug("job %s: %s to worker %s", job_id, type(task).__name__, worker_id)
                self._send(connection, encode_task(worker_id, job_id, lease, task))
            case do.LogOfJob(job_id, message):
                _log.info("job %s: %s", job_id, message)
            case do.CancelTask(_, connection, job_id, reason):
                cancelled = wire.JobCancelled(job_id=job_id, reason=reason)
                self._send(connection, wire.CoordinatorMessage(job_cancelled=cancelled))
            case do.RefuseJob(_, kind, message):
                _log.warning("job refused: %s: %s", kind, message)
            case do.PrepareProgram(request):
                self._begin(self._prover.prepare(request))
            case do.DeriveChallenge() | do.CheckProof():
                self._begin(self._prover.carry_out(command))
            case do.Hold(job_id, payloads):
                self.artifacts.hold(job_id, payloads)
            case do.Forget(job_id, keep):
                self.artifacts.hold(f"{job_id} result", keep)
                self.artifacts.release(job_id)
                self._report_end(job_id)

    def _send(self, connection: int, message: wire.CoordinatorMessage | None) -> None:
        outbox = self._outboxes.get(connection)
        if outbox is not None:
            outbox.put_nowait(message)

    def _confirm(self, command: do.ConfirmRegistration) -> None:
        _log.info("worker registered: %s capacity=%d", command.worker_id, command.capacity)
        answer = wire.WorkerRegisterResponse(
            worker_id=command.worker_id, accepted=True, registered_at=_timestamp(time.time())
        )
        if command.directive is do.Directive.CANCEL_STALE_JOB:
            answer.directive.action = wire.RECONNECTION_ACTION_CANCEL_STALE_JOB
        self._send(command.connection, wire.CoordinatorMessage(register_response=answer))

    def _report_end(self, job_id: str) -> None:
        job = self.machine.state.jobs.get(job_id)
        if job is None:
            self.artifacts.release(f"{job_id} result")
        elif job.failure is not None:
            _log.warning("job %s failed: %s", job_id, job.failure.message)
        else:
            _log.info("job %s: %s", job_id, job.state.lower())

    def _begin(self, work: Coroutine[None, None, on.Event | None]) -> None:
        async def finish() -> None:
            if (event := await work) is not None:
                self.tell(event)

        task = asyncio.create_task(finish())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _timestamp(seconds: float) -> Timestamp:
    """Seconds since 1970 as a message."""
    whole = int(seconds)
    return Timestamp(seconds=whole, nanos=int((seconds - whole) * 1e9))
