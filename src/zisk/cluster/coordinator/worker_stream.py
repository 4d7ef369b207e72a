"""The stream that a worker opens: its messages become events, commands for it become messages."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, NoReturn

from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.coordinator.intake import kept
from zisk.cluster.coordinator.shell import CoordinatorShell, Outbox
from zisk.cluster.disk import on_disk
from zisk.cluster.errors import ArtifactError, SubmissionRefusedError, WireError, failure_of
from zisk.cluster.protocol.codec import decode_kept, decode_result
from zisk.cluster.protocol.fields import (
    MOST_ACTIVITY_LETTERS,
    check_capacity,
    check_hash_id,
    check_job_id,
    check_worker_id,
)
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.limits import STALL_SECONDS
from zisk.cluster.protocol.payload import Inline, Payload, Stored
from zisk.cluster.protocol.refusal import refuse
from zisk.cluster.scheduling import events as on
from zisk.cluster.tasks import (
    AggregationResult,
    ContributionResult,
    FailureResult,
    Piece,
    ProofsResult,
    Result,
)
from zisk.errors import ErrorKind, ZiskError
from zisk.printable import printable

__all__ = ["serve_worker"]

_log = logging.getLogger("zisk.coordinator")

_MOST_UNREAD = 1024
"""Messages that wait for a worker that does not read them, before its stream is ended."""


async def serve_worker(
    shell: CoordinatorShell, requests: AsyncIterator[wire.WorkerMessage], context: Any
) -> AsyncIterator[wire.CoordinatorMessage]:
    """Serve one stream from registration to its end."""
    first = await _first(requests, context)
    connection, outbox = shell.open_connection()
    try:
        worker_id = _register(shell, connection, first)
    except ZiskError as error:
        shell.close_connection(connection)
        await _refuse_registration(error.kind, str(error), context)
    reader = asyncio.create_task(_read(shell, worker_id, connection, requests, outbox))
    gone = on.WorkerGone(worker_id, connection)
    try:
        while (message := await outbox.get()) is not None:
            yield message
        error = reader.exception() if reader.done() else None
        if isinstance(error, WireError):
            _log.warning("worker %s broke the protocol: %s", worker_id, error)
            gone = on.WorkerGone(worker_id, connection, printable(f"it broke the protocol: {error}"))
            await refuse(context, error.kind, str(error))
        elif error is not None:
            gone = on.WorkerGone(worker_id, connection, "the coordinator met a defect in its stream")
            raise error
    finally:
        reader.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await reader
        shell.close_connection(connection)
        shell.tell(gone)


async def _first(requests: AsyncIterator[wire.WorkerMessage], context: Any) -> wire.WorkerMessage:
    """The first message of a stream, which asks for registration; anything else, or nothing, is refused."""
    try:
        async with asyncio.timeout(STALL_SECONDS):
            first = await anext(aiter(requests), wire.WorkerMessage())
    except TimeoutError:
        text = f"no registration came within {STALL_SECONDS:g} s of the stream"
        await _refuse_registration(ErrorKind.TIMEOUT, text, context)
    if first.WhichOneof("payload") not in ("register", "reconnect"):
        text = "First message must be registration or reconnection"
        await _refuse_registration(ErrorKind.WIRE, text, context)
    return first


async def _refuse_registration(kind: ErrorKind, text: str, context: Any) -> NoReturn:
    _log.warning("worker refused: %s", text)
    await refuse(context, kind, text)


def _register(shell: CoordinatorShell, connection: int, first: wire.WorkerMessage) -> str:
    """Pass the request for registration on; the id of the worker.

    Raises:
        ZiskError: a field of it is not what it may be, or there is no room for its program.

    """
    reconnecting = first.WhichOneof("payload") == "reconnect"
    request = first.reconnect if reconnecting else first.register
    last_job = first.reconnect.last_known_job_id if reconnecting else ""
    check_worker_id(request.worker_id)
    check_capacity(request.compute_capacity.compute_units)
    if last_job:
        check_job_id(last_job)
    if request.program_hash_id:
        check_hash_id(request.program_hash_id)
        shell.keep_program(request.program_hash_id)
    shell.tell(
        on.WorkerConnected(
            request.worker_id,
            connection,
            request.compute_capacity.compute_units,
            request.program_hash_id,
            reconnecting,
            last_job or None,
        )
    )
    return request.worker_id


async def _read(
    shell: CoordinatorShell,
    worker_id: str,
    connection: int,
    requests: AsyncIterator[wire.WorkerMessage],
    outbox: Outbox,
) -> None:
    """Pass on what the worker says, until it says no more; then end its stream."""
    try:
        async for message in requests:
            for event in _events(worker_id, connection, message):
                if (taken := await _taken_in(event, shell.artifacts)) is not None:
                    shell.tell(taken)
            if outbox.qsize() > _MOST_UNREAD:
                raise WireError(f"{_MOST_UNREAD} messages wait for this worker, which reads none of them")
    finally:
        # In this order: the server looks at how this task ended once it has seen the end of the outbox.
        asyncio.get_running_loop().call_soon(outbox.put_nowait, None)


async def _taken_in(event: on.Event, artifacts: ArtifactStore) -> on.Event | None:
    """The event once what it brings is where it can wait; None for a piece that there is no room for."""
    match event:
        case on.WorkKept(kept=Piece(proof=Inline(data)) as piece):
            try:
                return replace(event, kept=replace(piece, proof=await kept(data, artifacts)))
            except (ArtifactError, SubmissionRefusedError) as error:
                _log.warning("job %s: a piece of its proof is not kept: %s", event.job_id, error)
                return None
        case _:
            return await _delivered(event, artifacts)


async def _delivered(event: on.Event, artifacts: ArtifactStore) -> on.Event:
    """The event; where a result names an artifact that is not here, the failure of its worker."""
    if not isinstance(event, on.TaskDone) or not (named := _named_by(event.result)):
        return event
    for payload in named:
        artifacts.touch(payload.digest)
    try:
        await on_disk(lambda: [artifacts.check(payload) for payload in named])
    except ArtifactError as error:
        return replace(event, result=FailureResult(*failure_of(error)))
    return event


def _named_by(result: Result) -> list[Stored]:
    """The artifacts that a result names."""
    match result:
        case ContributionResult(payload) | AggregationResult(payload):
            payloads: list[Payload | None] = [payload]
        case ProofsResult(proofs):
            payloads = [payload for _, payload in proofs]
        case _:
            payloads = []
    return [payload for payload in payloads if isinstance(payload, Stored)]


def _events(worker_id: str, connection: int, message: wire.WorkerMessage) -> list[on.Event]:
    """What a message means.

    Raises:
        WireError: it speaks for another worker, or cannot be understood.

    """
    kind = message.WhichOneof("payload")
    body = getattr(message, kind) if kind else None
    if body is None or kind in ("register", "reconnect"):
        raise WireError(f"unexpected message on a stream that is registered: {kind}")
    if body.worker_id != worker_id:
        raise WireError(f"this stream belongs to worker {worker_id}, not {body.worker_id}")
    match kind:
        case "heartbeat_ack":
            progress = body.progress
            activity = printable(progress.activity, MOST_ACTIVITY_LETTERS)
            told = (progress.job_id, progress.done, progress.total, activity)
            return [on.HeartbeatSeen(worker_id, connection, *told)]
        case "work_kept":
            return [on.WorkKept(worker_id, connection, body.job_id, body.lease, decode_kept(body))]
        case "recovery_complete":
            return [on.WorkerRecovered(worker_id, connection)]
        case "draining":
            return [on.WorkerDraining(worker_id, connection)]
        case "error":
            failure = FailureResult(ErrorKind.WORKER_ERROR, printable(body.error_message))
            return [on.TaskDone(worker_id, connection, body.job_id, body.lease, failure)]
        case "job_cancelled_ack":
            return []
        case _:
            recovering = message.execute_task_response.worker_in_recovery
            job_id, lease, result = decode_result(message)
            if isinstance(result, FailureResult):
                result = replace(result, message=printable(result.message))
            return [on.TaskDone(worker_id, connection, job_id, lease, result, recovering)]
