"""The worker stream as seen by a peer that writes its messages by hand."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.cluster.fake_engine import proof_of
from tests.cluster.running import ELF, RunningCluster, play
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.scheduling.limits import Limits

CAPACITY = wire.ComputeCapacity(compute_units=3)
REGISTER = wire.WorkerMessage(
    register=wire.WorkerRegisterRequest(worker_id="hand", compute_capacity=CAPACITY)
)
HEARTBEAT = wire.WorkerMessage(heartbeat_ack=wire.HeartbeatAck(worker_id="hand"))


async def say(*messages: wire.WorkerMessage) -> AsyncIterator[wire.WorkerMessage]:
    """Say these and stay on the line."""
    for message in messages:
        yield message
    await asyncio.sleep(3600)


async def end_of(call: Any) -> tuple[grpc.StatusCode, str]:
    """How a stream ends."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in call:
            pass
    return caught.value.code(), caught.value.details() or ""


def test_registration_is_confirmed_and_heartbeats_are_answered(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        call = cluster.admin.WorkerStream(say(REGISTER, HEARTBEAT))
        first, second = await call.read(), await call.read()
        assert (first.register_response.worker_id, first.register_response.accepted) == ("hand", True)
        assert first.register_response.registered_at.seconds > 1_700_000_000
        assert second.WhichOneof("payload") == "heartbeat"
        worker = cluster.shell.machine.state.workers["hand"]
        assert (worker.capacity, worker.program) == (3, "")
        call.cancel()
        await cluster.until(lambda: cluster.shell.machine.state.workers == {})

    play(tmp_path, "", story)


def test_the_first_message_registers(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        assert await end_of(cluster.admin.WorkerStream(say(HEARTBEAT))) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "First message must be registration or reconnection",
        )

    play(tmp_path, "", story)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (REGISTER, "unexpected message on a stream that is registered: register"),
        (
            wire.WorkerMessage(heartbeat_ack=wire.HeartbeatAck(worker_id="other")),
            "this stream belongs to worker hand, not other",
        ),
        (wire.WorkerMessage(), "unexpected message on a stream that is registered: None"),
        (
            wire.WorkerMessage(
                execute_task_response=wire.ExecuteTaskResponse(worker_id="hand", success=True)
            ),
            "a result with no data is not known to this version",
        ),
    ],
)
def test_messages_that_end_the_stream(tmp_path: Path, message: wire.WorkerMessage, text: str):
    async def story(cluster: RunningCluster) -> None:
        call = cluster.admin.WorkerStream(say(REGISTER, message))
        assert await end_of(call) == (grpc.StatusCode.INVALID_ARGUMENT, text)
        await cluster.until(lambda: cluster.shell.machine.state.workers == {})

    play(tmp_path, "", story)


def test_a_program_that_was_not_uploaded_is_refused(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        request = wire.WorkerRegisterRequest(
            worker_id="hand", compute_capacity=CAPACITY, program_hash_id="00" * 32
        )
        code, text = await end_of(cluster.admin.WorkerStream(say(wire.WorkerMessage(register=request))))
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert text.endswith("is not here; upload it before registering with it")

    play(tmp_path, "", story)


@pytest.mark.parametrize(
    ("worker_id", "capacity", "text"),
    [
        ("a", 3, "worker id a is already connected; give each worker its own --worker-id"),
        ("b", 0, "the compute capacity is at least 1; set --compute-capacity"),
        ("b", 3, "all 1 places of coordinator.max_total_workers are taken"),
    ],
)
def test_registrations_that_are_refused(tmp_path: Path, worker_id: str, capacity: int, text: str):
    async def story(cluster: RunningCluster) -> None:
        request = wire.WorkerRegisterRequest(
            worker_id=worker_id, compute_capacity=wire.ComputeCapacity(compute_units=capacity)
        )
        call = cluster.admin.WorkerStream(say(wire.WorkerMessage(register=request)))
        answers = [message.register_response async for message in call]
        assert [(answer.accepted, answer.message) for answer in answers] == [(False, text)]
        assert list(cluster.shell.machine.state.workers) == ["a"]

    play(tmp_path, "a", story, limits=Limits(max_total_workers=1))


def test_a_silent_worker_is_dropped_although_its_stream_is_open(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        call = cluster.admin.WorkerStream(say(REGISTER))
        kinds = [message.WhichOneof("payload") async for message in call]
        assert kinds == ["register_response"]
        assert cluster.shell.machine.state.workers == {}

    play(tmp_path, "", story, limits=Limits(heartbeat_seconds=0.5, heartbeats_missed=1))


def test_a_worker_that_returns_is_told_that_its_job_is_over(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        request = wire.WorkerReconnectRequest(
            worker_id="hand", compute_capacity=CAPACITY, last_known_job_id="some job"
        )
        call = cluster.admin.WorkerStream(say(wire.WorkerMessage(reconnect=request)))
        response = (await call.read()).register_response
        assert response.accepted
        assert response.directive.action == wire.RECONNECTION_ACTION_CANCEL_STALE_JOB
        call.cancel()

    play(tmp_path, "", story)


def test_a_worker_of_another_make_proves_nothing_but_is_understood(tmp_path: Path):
    """A worker that answers as ZisK's do, with its own numbers inside: it is shown out, and the job waits."""

    async def story(cluster: RunningCluster) -> None:
        answers: asyncio.Queue[wire.WorkerMessage] = asyncio.Queue()

        async def speak() -> AsyncIterator[wire.WorkerMessage]:
            yield REGISTER
            while True:
                yield await answers.get()

        messages = aiter(cluster.admin.WorkerStream(speak()))
        await anext(messages)
        job_id = await cluster.prove(b"input")
        task = (await anext(messages)).execute_task
        assert (task.job_id, task.task_type) == (job_id, wire.PARTIAL_CONTRIBUTION)
        assert list(task.contribution_params.worker_allocation) == list(range(10))
        response = wire.ExecuteTaskResponse(job_id=job_id, worker_id="hand", success=True)
        response.challenges.challenges.append(wire.Challenges(challenge=[1, 2, 3, 4]))
        answers.put_nowait(wire.WorkerMessage(execute_task_response=response))
        code, text = await end_of(messages)
        assert (code, text) == (grpc.StatusCode.INVALID_ARGUMENT, "1 bytes take 1 words, not 3")
        assert not cluster.shell.machine.state.workers
        await cluster.start_worker("own")
        response = await cluster.wait(job_id)
        assert response.result.prove.proof.data == proof_of(ELF, b"input")

    play(tmp_path, "", story)
