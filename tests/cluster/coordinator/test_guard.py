"""No call ends with an error of Python, whatever its handler meets; and there are no more than allowed."""

import asyncio
import errno
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2

from tests.cluster.coordinator.test_worker_stream import HEARTBEAT, REGISTER, say
from tests.cluster.running import RunningCluster, play
from zisk.cluster.coordinator.guard import Guard
from zisk.cluster.coordinator.shell import CoordinatorShell
from zisk.cluster.errors import CoordinatorUnreachableError, InputError
from zisk.cluster.protocol.generated import coordinator_pb2 as api
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.refusal import to_error
from zisk.errors import ErrorKind, ZiskError

METHOD = "/zisk.Test/Call"


def served(
    handler: Any, *, streaming: bool = False, most: int = 0, calls: int = 1
) -> list[ZiskError | bytes]:
    """What calls at one time come to at a guarded server: the answer, or the error a client makes of it."""

    async def one(channel: grpc.aio.Channel) -> ZiskError | bytes:
        try:
            if streaming:
                return b"".join([part async for part in channel.unary_stream(METHOD)(b"")])
            return await channel.unary_unary(METHOD)(b"")
        except grpc.RpcError as error:
            return to_error("URL", error)

    async def run() -> list[ZiskError | bytes]:
        server = grpc.aio.server(interceptors=(Guard(most),))
        make = grpc.unary_stream_rpc_method_handler if streaming else grpc.unary_unary_rpc_method_handler
        server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler("zisk.Test", {"Call": make(handler)})]
        )
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        async with asyncio.timeout(20), grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            found = await asyncio.gather(*(one(channel) for _ in range(calls)))
        await server.stop(None)
        return found

    return asyncio.run(run())


def raising(error: Exception) -> Any:
    async def handler(_request: bytes, _context: Any) -> bytes:
        raise error

    return handler


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (InputError("no input"), ErrorKind.INPUT, "no input"),
        (CoordinatorUnreachableError("nobody"), ErrorKind.UNREACHABLE, "nobody"),
        (MemoryError(), ErrorKind.OUT_OF_MEMORY, "the machine has no memory left"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), ErrorKind.OUT_OF_MEMORY, "no memory left"),
        (OSError(errno.ENOSPC, "No space left", "/x"), ErrorKind.HOST, "No space left: '/x'; check free"),
    ],
)
def test_what_is_raised_on_purpose_is_a_refusal_of_its_kind(error: Exception, kind: ErrorKind, text: str):
    (refused,) = served(raising(error))
    assert isinstance(refused, ZiskError)
    assert (refused.kind, text in str(refused)) == (kind, True)


@pytest.mark.parametrize("streaming", [False, True])
def test_a_defect_is_logged_with_its_traceback_and_told_as_one(
    streaming: bool, caplog: pytest.LogCaptureFixture
):
    async def stream(_request: bytes, _context: Any) -> AsyncIterator[bytes]:
        yield b"part"
        raise ValueError("a secret")

    (refused,) = served(stream if streaming else raising(ValueError("a secret")), streaming=streaming)
    assert isinstance(refused, ZiskError)
    assert refused.kind is ErrorKind.DEFECT
    assert "a secret" not in str(refused)
    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert record.getMessage() == "Call met a defect"
    assert record.exc_info is not None


def test_above_the_most_calls_one_is_refused_and_later_ones_are_not():
    async def slow(_request: bytes, _context: Any) -> bytes:
        await asyncio.sleep(0.3)
        return b"done"

    found = served(slow, most=2, calls=3)
    assert found.count(b"done") == 2
    (refused,) = [one for one in found if isinstance(one, ZiskError)]
    assert refused.kind is ErrorKind.NO_CAPACITY
    assert str(refused) == (
        "2 calls are under way, as many as server.max_calls allows; call again later, or raise it"
    )


def test_calls_of_the_coordinator_are_guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A handler of each kind, over the real servers."""

    def broken(*_: object, **__: object) -> None:
        raise IndexError("a defect")

    async def story(cluster: RunningCluster) -> None:
        monkeypatch.setattr(CoordinatorShell, "submit", broken)
        monkeypatch.setattr(CoordinatorShell, "open_connection", broken)
        calls = [
            cluster.client.JobRequest(
                api.JobRequestMessage(job_kind=api.JobKind(setup=api.SetupRequest(hash_id="00" * 32)))
            ),
            cluster.admin.WorkerStream(say(REGISTER, HEARTBEAT)).read(),
        ]
        for call in calls:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            assert caught.value.code() is grpc.StatusCode.INTERNAL
            assert to_error("URL", caught.value).kind is ErrorKind.DEFECT
        assert (await cluster.admin.HealthCheck(wire.HealthCheckRequest())) is not None

    play(tmp_path, "", story)


@pytest.mark.parametrize(
    ("port", "method", "streams"),
    [
        ("api", "/zisk.coordinator.v1.ZiskCoordinatorApi/JobRequest", False),
        ("api", "/zisk.coordinator.v1.ZiskCoordinatorApi/WatchJob", False),
        ("api", "/zisk.artifacts.v1.ZiskArtifacts/Upload", True),
        ("api", "/grpc.health.v1.Health/Check", False),
        ("cluster", "/zisk.distributed.api.v1.ZiskDistributedApi/WorkerStream", True),
        ("cluster", "/zisk.distributed.api.v1.ZiskDistributedApi/LaunchProof", False),
    ],
)
def test_bytes_that_are_no_message_are_refused_as_such(
    tmp_path: Path, port: str, method: str, streams: bool, caplog: pytest.LogCaptureFixture
):
    async def story(cluster: RunningCluster) -> None:
        number = getattr(cluster.endpoints, f"{port}_port")
        async with grpc.aio.insecure_channel(f"127.0.0.1:{number}") as channel:
            call: Any = (
                channel.stream_stream(method)(say_bytes()) if streams else channel.unary_stream(method)(JUNK)
            )
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                async for _ in call:
                    pass
        error = to_error("URL", caught.value)
        assert error.kind is ErrorKind.WIRE
        assert str(error).startswith("a message of 2 bytes cannot be read: Error parsing message")

    play(tmp_path, "", story)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


def test_a_coordinator_takes_no_more_calls_than_it_may_and_says_that_it_lives(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        stream = cluster.admin.WorkerStream(say(REGISTER))
        assert (await stream.read()).register_response.accepted
        job_id = await cluster.prove(b"input")
        watch = cluster.client.WatchJob(api.WatchJobRequest(job_id=job_id))
        await watch.read()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await cluster.admin.SystemStatus(wire.SystemStatusRequest())
        error = to_error("URL", caught.value)
        assert (error.kind, "server.max_calls" in str(error)) == (ErrorKind.NO_CAPACITY, True)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{cluster.endpoints.api_port}") as channel:
            answer = await channel.unary_unary("/grpc.health.v1.Health/Check")(b"")
            assert health_pb2.HealthCheckResponse.FromString(answer).status == 1
        watch.cancel()
        async with asyncio.timeout(5):
            while True:
                try:
                    await cluster.admin.SystemStatus(wire.SystemStatusRequest())
                    break
                except grpc.aio.AioRpcError:
                    await asyncio.sleep(0.02)
        stream.cancel()

    play(tmp_path, "", story, rules={"max_calls": 2})


JUNK = b"\xff\xff"


async def say_bytes() -> AsyncIterator[bytes]:
    yield JUNK


def test_a_registered_worker_that_says_junk_is_lost_by_name(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    async def junk() -> AsyncIterator[bytes]:
        yield REGISTER.SerializeToString()
        await ready.wait()
        yield JUNK

    async def story(cluster: RunningCluster) -> None:
        number = cluster.endpoints.cluster_port
        async with grpc.aio.insecure_channel(f"127.0.0.1:{number}") as channel:
            method = "/zisk.distributed.api.v1.ZiskDistributedApi/WorkerStream"
            messages = aiter(channel.stream_stream(method)(junk()))
            await anext(messages)
            job_id = await cluster.prove(b"input")
            ready.set()
            await cluster.until(lambda: not cluster.shell.machine.state.workers)
        await cluster.start_worker("another")
        assert (await cluster.wait(job_id)).job_status.WhichOneof("status") == "completed"

    ready = asyncio.Event()
    caplog.set_level(logging.INFO, "zisk.coordinator")
    play(tmp_path, "", story)
    assert "worker hand was lost: it broke the protocol: a message of 2 bytes cannot be read: " in caplog.text


@pytest.mark.parametrize("name", ["x" * (1 << 20), "字" * (1 << 16), "%" * 5000, "\U0001f600" * 5000])
def test_what_a_client_names_at_length_is_refused_in_a_status_that_arrives(tmp_path: Path, name: str):
    """Headers have bounds: a refusal that is longer ends as something else."""

    async def story(cluster: RunningCluster) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await cluster.client.CancelJob(api.CancelJobRequest(job_id=name))
        refused = to_error("URL", caught.value)
        assert refused.kind is ErrorKind.NOT_FOUND
        assert str(refused).startswith("there is no job ")

    play(tmp_path, "", story)
