"""A worker hears on, whatever the coordinator says."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

import grpc.aio

from tests.cluster.fake_engine import FakeEngine
from zisk.cluster.protocol import codec
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.generated.distributed_pb2_grpc import (
    ZiskDistributedApiServicer,
    add_ZiskDistributedApiServicer_to_server,
)
from zisk.cluster.worker.settings import WorkerOptions
from zisk.cluster.worker.shell import WorkerShell

ACCEPTED = wire.CoordinatorMessage(register_response=wire.WorkerRegisterResponse(accepted=True))


def task(job_id: str, **params) -> wire.CoordinatorMessage:
    return wire.CoordinatorMessage(execute_task=wire.ExecuteTaskRequest(job_id=job_id, **params))


HUGE = task("huge", contribution_params=wire.ContributionParams(worker_allocation=[0, 2**32 - 1]))
WORDS = task("words", prove_params=wire.ProveParams(challenges=[wire.Challenges(challenge=[8])]))
EMPTY = task("empty")
SOUND = task("sound", prove_params=wire.ProveParams())


class Script(ZiskDistributedApiServicer):
    """A coordinator that says its lines and keeps what it hears, but for heartbeats."""

    def __init__(self, *lines: wire.CoordinatorMessage) -> None:
        self.lines = lines
        self.heard: asyncio.Queue[wire.WorkerMessage] = asyncio.Queue()

    async def WorkerStream(self, request_iterator: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802
        for line in self.lines:
            yield line
        async for message in request_iterator:
            if message.WhichOneof("payload") not in ("register", "heartbeat_ack"):
                self.heard.put_nowait(message)


async def answers(count: int, *lines: wire.CoordinatorMessage) -> list[wire.WorkerMessage]:
    """The first answers of a worker to these messages, all on one stream."""
    server, script = grpc.aio.server(), Script(ACCEPTED, *lines)
    add_ZiskDistributedApiServicer_to_server(script, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    worker = asyncio.create_task(
        WorkerShell(WorkerOptions("w", 1, f"http://127.0.0.1:{port}"), FakeEngine()).run()
    )
    async with asyncio.timeout(20):
        found = [await script.heard.get() for _ in range(count)]
    worker.cancel()
    await server.stop(None)
    return found


def test_messages_that_cannot_be_read_are_refused_and_the_next_is_done():
    found = asyncio.run(answers(4, HUGE, WORDS, EMPTY, SOUND))
    assert [(one.error.job_id, one.error.error_message) for one in found[:3]] == [
        ("huge", "worker_allocation is one contiguous run of units"),
        ("words", "8 bytes take 1 words, not 0"),
        ("empty", "tasks with no parameters are not known to this version"),
    ]
    assert found[3].execute_task_response.job_id == "sound"


def test_a_message_for_which_memory_does_not_suffice_is_refused():
    original = codec.from_words

    def short(words: Any) -> Any:
        if list(words) == [8]:
            raise MemoryError
        return original(words)

    with patch.object(codec, "from_words", short):
        found = asyncio.run(answers(2, WORDS, SOUND))
    assert found[0].error.error_message == "a task cannot be read: MemoryError: "
    assert found[1].execute_task_response.job_id == "sound"
