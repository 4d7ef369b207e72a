"""Inputs and programs as clients of any make send them."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.cluster.fake_engine import proof_of
from tests.cluster.running import ELF, RunningCluster, play
from zisk.cluster.artifacts.transfer import upload_messages
from zisk.cluster.coordinator.settings import Rules
from zisk.cluster.protocol.generated import artifacts_pb2 as artifacts
from zisk.cluster.protocol.generated import coordinator_pb2 as api
from zisk.cluster.protocol.generated import distributed_pb2 as admin
from zisk.cluster.protocol.generated.artifacts_pb2_grpc import ZiskArtifactsStub
from zisk.cluster.protocol.limits import INLINE_BYTES
from zisk.cluster.protocol.payload import MARK, Inline, Stored, digest_of
from zisk.cluster.protocol.refusal import to_error
from zisk.cluster.scheduling.jobs import JobState
from zisk.errors import ErrorKind


async def refusal_of(call: Any) -> tuple[ErrorKind, str]:
    """How a call is refused, within a time in which nothing may block."""
    async with asyncio.timeout(5):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
    error = to_error("URL", caught.value)
    return error.kind, str(error)


def plain(hash_id: str, data: bytes) -> api.JobRequestMessage:
    """A request for a proof, as a client sends it that knows of no artifacts."""
    chunk = api.InputChunk(data=data)
    prove = api.ProveRequest(hash_id=hash_id, input=api.InputKind(inline=chunk))
    return api.JobRequestMessage(job_kind=api.JobKind(prove=prove))


@pytest.mark.parametrize("size", [0, 1, 1 << 16, INLINE_BYTES, INLINE_BYTES + 1, 5 << 20])
def test_an_inline_input_of_any_size_is_proved(tmp_path: Path, size: int):
    async def story(cluster: RunningCluster) -> None:
        data = os.urandom(size)
        job_id = (await cluster.client.JobRequest(plain(await cluster.upload(), data))).job_id
        assert (await cluster.wait(job_id)).job_status.HasField("completed")
        launched = await cluster.launch(input_data=data, compute_capacity=4)
        assert (await cluster.wait(launched)).job_status.HasField("completed")
        proof = (tmp_path / "proofs" / f"proof_{job_id}.bin").read_bytes()
        assert proof == proof_of(ELF, data)

    play(tmp_path, "a", story)


def test_a_program_of_any_size_is_taken_inline(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        elf = bytes(INLINE_BYTES + 1)
        request = api.RegisterGuestProgramRequest(zisk_elf=elf)
        assert (await cluster.client.RegisterGuestProgram(request)).hash_id == digest_of(elf).hex()

    play(tmp_path, "", story)


def test_inputs_that_are_none_leave_no_job(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        hash_id = await cluster.upload()
        kind, text = await refusal_of(cluster.client.JobRequest(plain(hash_id, MARK + b"x")))
        assert (kind, text) == (ErrorKind.WIRE, "the name of an artifact has 56 bytes, not 17")
        missing = Stored(bytes(32), 7).to_field()
        kind, text = await refusal_of(cluster.client.JobRequest(plain(hash_id, missing)))
        assert (kind, text) == (
            ErrorKind.TRANSFER,
            f"artifact {'00' * 32} is not here: upload it before the message that names it",
        )
        kind, text = await refusal_of(cluster.admin.LaunchProof(admin.LaunchProofRequest(input_data=missing)))
        assert (kind, text.startswith("Invalid request: artifact 00")) == (ErrorKind.TRANSFER, True)
        kind, text = await refusal_of(cluster.client.JobRequest(plain(hash_id, bytes(101))))
        assert (kind, text) == (
            ErrorKind.INPUT,
            "the input has 101 bytes, at most 100 are taken; raise server.max_input_bytes",
        )
        assert cluster.shell.machine.state.jobs == {}

    play(tmp_path, "a", story, rules={"max_input_bytes": 100})


def test_a_larger_input_waits_on_disk_and_not_in_memory(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        hash_id = await cluster.upload()
        await cluster.prove(b"slow")
        small, large = b"s" * (64 << 10), b"l" * ((64 << 10) + 1)
        waiting = [(await cluster.client.JobRequest(plain(hash_id, data))).job_id for data in (small, large)]
        jobs = [cluster.shell.machine.state.jobs[job_id] for job_id in waiting]
        assert [job.state for job in jobs] == [JobState.QUEUED] * 2
        assert [job.request.input for job in jobs] == [Inline(small), Stored.of(large)]

    play(tmp_path, "a", story)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"data_id": "x" * 257}, "(193 more characters)' is no data_id: it has at most 256 printable"),
        ({"data_id": "a\nb"}, r"'a\nb' is no data_id: it has at most 256 printable characters"),
        ({"inputs_uri": "é" * 2049}, "is no inputs_uri: it has at most 4096 bytes"),
    ],
)
def test_labels_and_paths_have_bounds(tmp_path: Path, fields: dict[str, Any], text: str):
    async def story(cluster: RunningCluster) -> None:
        asked = admin.LaunchProofRequest(inputs_mode=admin.INPUT_MODE_PATH, compute_capacity=4, **fields)
        kind, told = await refusal_of(cluster.admin.LaunchProof(asked))
        assert (kind, told.startswith("Invalid request: '")) == (ErrorKind.WIRE, True)
        assert text in told
        most = {"data_id": "é" * 256, "inputs_uri": "é" * 2048}
        await cluster.launch(inputs_mode=admin.INPUT_MODE_PATH, compute_capacity=4, **most)

    play(tmp_path, "a", story)


@pytest.mark.parametrize("kind", ["a named pipe", "a socket", "a device", "a folder"])
def test_only_regular_files_are_inputs_and_nothing_waits_for_another(tmp_path: Path, kind: str):
    """On the coordinator and on a worker; both go on."""

    async def story(cluster: RunningCluster) -> None:
        name = make_special(cluster.inputs, kind)
        asked = {"inputs_mode": admin.INPUT_MODE_DATA, "inputs_uri": name, "compute_capacity": 4}
        told, text = await refusal_of(cluster.admin.LaunchProof(admin.LaunchProofRequest(**asked)))
        expected = f"input {name} cannot be read: it is {kind}; name a regular file"
        assert (told, text) == (ErrorKind.INPUT, f"Invalid request: {expected}")
        at_worker = await cluster.launch(
            inputs_mode=admin.INPUT_MODE_PATH, inputs_uri=name, compute_capacity=4
        )
        failure = (await cluster.wait(at_worker)).job_status.failed.failure
        assert (failure.failure_kind, failure.message) == ("input", f"worker a: {expected}")
        assert (await cluster.wait(await cluster.prove(b"next"))).job_status.HasField("completed")

    play(tmp_path, "a", story)


def make_special(folder: Path, kind: str) -> str:
    """Something in the folder that is no regular file; its name."""
    match kind:
        case "a named pipe":
            os.mkfifo(folder / "special")
        case "a socket":
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(folder / "special"))
        case "a device":
            if os.geteuid() != 0:
                pytest.skip("only root makes devices")
            os.mknod(folder / "special", 0o600 | 0o020000, os.makedev(1, 5))
        case "a folder":
            (folder / "special").mkdir()
    return "special"


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        with (cluster.inputs / "sparse").open("wb") as file:
            file.truncate(1 << 40)
        asked = {"inputs_mode": admin.INPUT_MODE_DATA, "inputs_uri": "sparse", "compute_capacity": 4}
        kind, text = await refusal_of(cluster.admin.LaunchProof(admin.LaunchProofRequest(**asked)))
        sizes = f"has {1 << 40:,} bytes, at most {1 << 30:,} are taken"
        assert (kind, text) == (
            ErrorKind.INPUT,
            f"Invalid request: input sparse {sizes}; raise server.max_input_bytes",
        )
        at_worker = await cluster.launch(**asked | {"inputs_mode": admin.INPUT_MODE_PATH})
        failure = (await cluster.wait(at_worker)).job_status.failed.failure
        assert failure.message == f"worker a: input sparse {sizes}; raise worker.max_input_bytes"

    play(tmp_path, "a", story)


def test_programs_have_a_bound_and_are_named_again_at_will(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        first = await cluster.upload(b"one")
        await cluster.upload(b"two")
        assert await cluster.upload(b"one") == first
        request = api.RegisterGuestProgramRequest(zisk_elf=b"three")
        kind, text = await refusal_of(cluster.client.RegisterGuestProgram(request))
        assert (kind, text) == (
            ErrorKind.NO_CAPACITY,
            "2 programs are kept, as many as server.max_programs allows; raise it, "
            "or start the coordinator again without those that are not needed",
        )

    play(tmp_path, "", story, rules={"max_programs": 2})


def test_a_program_whose_artifact_was_damaged_is_refused_until_it_is_uploaded_again(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        elf = bytes(INLINE_BYTES + 1)
        stored = await cluster.artifacts.upload(elf)
        cluster.shell.artifacts.path(stored.digest).write_bytes(bytes(INLINE_BYTES) + b"x")
        request = api.RegisterGuestProgramRequest(zisk_elf=stored.to_field())
        kind, text = await refusal_of(cluster.client.RegisterGuestProgram(request))
        assert (kind, text.endswith("was damaged; upload it again")) == (ErrorKind.TRANSFER, True)
        assert await cluster.upload(elf) == digest_of(elf).hex()

    play(tmp_path, "", story)


def test_the_bounds_are_settings():
    assert Rules().max_input_bytes == 1 << 30


def test_there_is_a_most_of_artifacts_and_a_job_that_meets_it_says_so(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        data = bytes(INLINE_BYTES + 1)
        await cluster.artifacts.upload(data)
        kind, text = await refusal_of(cluster.artifacts.upload(data[:-1] + b"x"))
        assert kind is ErrorKind.NO_CAPACITY
        assert "1,054,152 are kept and 0 under way, of 2,000,000 that server.max_artifact_bytes" in text
        assert not await uploaded_anew(cluster, data)
        job_id = await cluster.prove(b"large", options={"form": "composite"})
        failure = (await cluster.wait(job_id)).job_status.failed.failure
        assert failure.failure_kind == "store"
        assert failure.message.startswith("worker a: there is no room for an artifact of 1,048,577 bytes: ")

    play(tmp_path, "a", story, rules={"max_artifact_bytes": 2_000_000})


async def uploaded_anew(cluster: RunningCluster, data: bytes) -> bool:
    """Whether an upload wrote something."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{cluster.endpoints.api_port}") as channel:
        return (await ZiskArtifactsStub(channel).Upload(upload_messages(data))).written


def test_uploads_leave_some_of_the_disk_free(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        kind, text = await refusal_of(cluster.artifacts.upload(b"content"))
        assert kind is ErrorKind.NO_CAPACITY
        assert "stay free as server.min_free_bytes says; make room there, or lower it" in text

    play(tmp_path, "", story, rules={"min_free_bytes": 1 << 62})


def test_uploads_under_way_count(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        async def begun() -> AsyncIterator[artifacts.UploadRequest]:
            yield artifacts.UploadRequest(header=artifacts.ArtifactHeader(digest=bytes(32), size=900))
            await asyncio.sleep(3600)

        async with grpc.aio.insecure_channel(f"127.0.0.1:{cluster.endpoints.api_port}") as channel:
            call = ZiskArtifactsStub(channel).Upload(begun())
            folder = cluster.shell.artifacts.folder
            while not list(folder.iterdir()):
                await asyncio.sleep(0.01)
            kind, text = await refusal_of(cluster.artifacts.upload(bytes(200)))
            assert (kind, "0 are kept and 900 under way, of 1,000" in text) == (ErrorKind.NO_CAPACITY, True)
            call.cancel()
            while list(folder.iterdir()):
                await asyncio.sleep(0.01)
            await cluster.artifacts.upload(bytes(200))

    play(tmp_path, "", story, rules={"max_artifact_bytes": 1000})


def test_time_passes_where_there_is_no_room_for_a_canary(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    async def story(cluster: RunningCluster) -> None:
        state = cluster.shell.machine.state
        await cluster.until(lambda: state.ticked is not None)
        assert state.canary is None

    play(tmp_path, "", story, rules={"max_artifact_bytes": 1000})
    assert "there is no room for their canary: " in caplog.text
