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
from zisk.cluster.protocol.payload import Inline, Stored, digest_of
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


Said = asyncio.Queue[wire.WorkerMessage]
"""What a worker that a test plays says, in its order."""


async def speak(said: Said) -> AsyncIterator[wire.WorkerMessage]:
    """Register, and say what is put into the queue for as long as the stream lasts."""
    yield REGISTER
    while True:
        yield await said.get()


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


ID_RULE = "it has 1 to 128 of A-Z a-z 0-9 . _ : @ % + - and begins with a letter or a digit; set --worker-id"
NO_CAPACITY = "no worker has a compute capacity of {}: it is from 1 to 4096; set --compute-capacity"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"worker_id": ""}, f"'' is no id of a worker: {ID_RULE}"),
        (
            {"worker_id": "w\n2026 ERROR forged \x1b[2J"},
            rf"'w\n2026 ERROR forged \x1b[2J' is no id of a worker: {ID_RULE}",
        ),
        (
            {"worker_id": "w" * (1 << 20)},
            f"'{'w' * 64}... (1,048,512 more characters)' is no id of a worker: {ID_RULE}",
        ),
        ({"worker_id": "w" * 129}, f"'{'w' * 64}... (65 more characters)' is no id of a worker: {ID_RULE}"),
        ({"worker_id": "-w"}, f"'-w' is no id of a worker: {ID_RULE}"),
        ({"worker_id": "größe"}, f"'größe' is no id of a worker: {ID_RULE}"),
        ({"compute_capacity": wire.ComputeCapacity()}, NO_CAPACITY.format(0)),
        (
            {"compute_capacity": wire.ComputeCapacity(compute_units=2**32 - 1)},
            NO_CAPACITY.format(2**32 - 1),
        ),
        ({"compute_capacity": wire.ComputeCapacity(compute_units=65_537)}, NO_CAPACITY.format(65_537)),
        (
            {"program_hash_id": "AB" * 32},
            f"'{'AB' * 32}' is no program: its hash_id has 64 digits of 0-9 a-f",
        ),
        (
            {"last_known_job_id": "a\nb"},
            r"'a\nb' is no id of a job: it has 1 to 64 of A-Z a-z 0-9 _ -",
        ),
    ],
)
def test_fields_of_a_registration_are_checked_at_the_door(
    tmp_path: Path, fields: dict[str, Any], text: str, caplog: pytest.LogCaptureFixture
):
    async def story(cluster: RunningCluster) -> None:
        asked = {"worker_id": "hand", "compute_capacity": CAPACITY} | fields
        message = wire.WorkerMessage(reconnect=wire.WorkerReconnectRequest(**asked))
        assert await end_of(cluster.admin.WorkerStream(say(message))) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            text,
        )
        if "last_known_job_id" not in fields:
            message = wire.WorkerMessage(register=wire.WorkerRegisterRequest(**asked))
            assert (await end_of(cluster.admin.WorkerStream(say(message))))[1] == text
        assert list(cluster.shell.machine.state.workers) == ["a"]
        await cluster.admin.SystemStatus(wire.SystemStatusRequest())
        await cluster.admin.WorkersList(wire.WorkersListRequest())

    play(tmp_path, "a", story)
    assert f"worker refused: {text}" in caplog.text


@pytest.mark.parametrize(
    "name", ["host.example.org", "10.0.0.7:8080", "fe80::1%eth0", "pod_7@rack-2", "a" * 128, "7"]
)
def test_names_of_machines_are_ids(tmp_path: Path, name: str):
    async def story(cluster: RunningCluster) -> None:
        about = wire.WorkerRegisterRequest(
            worker_id=name, compute_capacity=wire.ComputeCapacity(compute_units=4_096)
        )
        call = cluster.admin.WorkerStream(say(wire.WorkerMessage(register=about)))
        assert (await call.read()).register_response.accepted
        status = (await cluster.admin.SystemStatus(wire.SystemStatusRequest())).status
        assert status.compute_capacity == 4_096
        call.cancel()

    play(tmp_path, "", story)


def test_a_stream_on_which_nobody_registers_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("zisk.cluster.coordinator.worker_stream.STALL_SECONDS", 0.2)

    async def story(cluster: RunningCluster) -> None:
        assert await end_of(cluster.admin.WorkerStream(say())) == (
            grpc.StatusCode.DEADLINE_EXCEEDED,
            "no registration came within 0.2 s of the stream",
        )

    play(tmp_path, "", story)


def test_a_worker_that_reads_nothing_is_not_answered_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("zisk.cluster.coordinator.worker_stream._MOST_UNREAD", 50)

    async def beat() -> AsyncIterator[wire.WorkerMessage]:
        yield REGISTER
        while True:
            yield HEARTBEAT

    async def story(cluster: RunningCluster) -> None:
        call = cluster.admin.WorkerStream(beat())
        assert (await call.read()).register_response.accepted
        await cluster.until(lambda: cluster.shell.machine.state.workers == {})
        call.cancel()

    play(tmp_path, "", story)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (
            Stored(bytes(32), 7),
            f"artifact {'00' * 32} is not here: upload it before the message that names it",
        ),
        (Stored(digest_of(b"there"), 4), "has 5 bytes, not the 4 announced"),
    ],
    ids=["missing", "of another size"],
)
def test_a_result_that_names_what_is_not_here_fails_by_the_name_of_its_worker(
    tmp_path: Path, name: Stored, why: str
):
    async def story(cluster: RunningCluster) -> None:
        said: Said = asyncio.Queue()
        await cluster.artifacts.upload(b"there")
        messages = aiter(cluster.admin.WorkerStream(speak(said)))
        await anext(messages)
        job_id = await cluster.prove(b"input")
        lease = (await anext(messages)).execute_task.lease
        response = wire.ExecuteTaskResponse(job_id=job_id, worker_id="hand", lease=lease, success=True)
        response.challenges.challenges.append(wire.Challenges(challenge=name.to_words()))
        said.put_nowait(wire.WorkerMessage(execute_task_response=response))
        failure = (await cluster.wait(job_id)).job_status.failed.failure
        assert failure.failure_kind == "store"
        assert failure.message.startswith("worker hand: artifact ")
        assert why in failure.message

    play(tmp_path, "", story)


def test_a_large_piece_of_a_proof_waits_on_disk(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        said: Said = asyncio.Queue()
        messages = aiter(cluster.admin.WorkerStream(speak(said)))
        await anext(messages)
        job_id = await cluster.prove(b"input")
        task = (await anext(messages)).execute_task
        for number, size in enumerate((100, 100_000)):
            piece = wire.ProofPiece(start=number, end=number + 1, proof=bytes(size))
            kept = wire.WorkKept(worker_id="hand", job_id=job_id, lease=task.lease, piece=piece)
            said.put_nowait(wire.WorkerMessage(work_kept=kept))
        (share,) = cluster.shell.machine.state.jobs[job_id].shares
        await cluster.until(lambda: len(share.pieces) == 2)
        assert [piece.proof for piece in share.pieces] == [Inline(bytes(100)), Stored.of(bytes(100_000))]

    play(tmp_path, "", story)


def test_what_a_worker_says_is_cut_and_cleaned(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        said: Said = asyncio.Queue()
        messages = aiter(cluster.admin.WorkerStream(speak(said)))
        await anext(messages)
        job_id = await cluster.prove(b"input")
        lease = (await anext(messages)).execute_task.lease
        progress = wire.TaskProgress(job_id=job_id, done=9, total=3, activity="\x1b[2J" + "x" * 10_000)
        beat = wire.HeartbeatAck(worker_id="hand", progress=progress)
        said.put_nowait(wire.WorkerMessage(heartbeat_ack=beat))
        await anext(messages)
        status = (await cluster.admin.JobStatus(wire.JobStatusRequest(job_id=job_id))).job
        assert status.activities[0].startswith("\\x1b[2Jxxx")
        assert status.activities[0].endswith("x... (9,748 more characters)")
        assert status.progress_permille == 1000
        failed = wire.ExecuteTaskResponse(
            job_id=job_id,
            worker_id="hand",
            lease=lease,
            failure_kind="guest_fault",
            error_message="\n" * 100_000,
        )
        said.put_nowait(wire.WorkerMessage(execute_task_response=failed))
        failure = (await cluster.wait(job_id)).job_status.failed.failure
        assert failure.failure_kind == "guest_fault"
        assert failure.message.startswith("worker hand: \\n\\n")
        assert len(failure.message) < 10_000

    play(tmp_path, "", story)


@pytest.mark.parametrize(
    ("worker_id", "capacity", "text"),
    [
        ("a", 3, "worker id a is already connected; give each worker its own --worker-id"),
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
            worker_id="hand", compute_capacity=CAPACITY, last_known_job_id="some-job"
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
        answers: Said = asyncio.Queue()
        messages = aiter(cluster.admin.WorkerStream(speak(answers)))
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
