"""Uploads and downloads over a real connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from zisk.cluster.artifacts.service import ArtifactsService
from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.artifacts.transfer import ArtifactClient, AsyncArtifactClient, upload_messages
from zisk.cluster.errors import ArtifactError
from zisk.cluster.protocol.generated import artifacts_pb2 as wire
from zisk.cluster.protocol.generated.artifacts_pb2_grpc import (
    ZiskArtifactsServicer,
    ZiskArtifactsStub,
    add_ZiskArtifactsServicer_to_server,
)
from zisk.cluster.protocol.limits import CHUNK_BYTES, INLINE_BYTES, MAX_ARTIFACT_BYTES
from zisk.cluster.protocol.payload import Inline, Stored, digest_of
from zisk.cluster.protocol.refusal import to_error
from zisk.errors import ErrorKind

DATA = bytes(range(256)) * 20_000


def play(folder: Path, story: Callable[[grpc.aio.Channel, ArtifactStore], Awaitable[None]]) -> None:
    """Tell a story to a service of its own."""

    async def run() -> None:
        server = grpc.aio.server()
        store = ArtifactStore(folder)
        add_ZiskArtifactsServicer_to_server(ArtifactsService(store), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        async with asyncio.timeout(20), grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            await story(channel, store)
        await server.stop(None)

    asyncio.run(run())


def test_there_and_back(tmp_path: Path):
    async def story(channel: grpc.aio.Channel, store: ArtifactStore) -> None:
        client = AsyncArtifactClient(channel)
        payload = await client.send(DATA)
        assert payload == Stored.of(DATA)
        assert store.read(payload) == DATA
        assert await client.fetch(payload) == DATA
        assert await client.send(bytes(INLINE_BYTES)) == Inline(bytes(INLINE_BYTES))

    play(tmp_path, story)


def test_what_is_there_is_not_written_again(tmp_path: Path):
    async def story(channel: grpc.aio.Channel, _store: ArtifactStore) -> None:
        stub = ZiskArtifactsStub(channel)
        assert (await stub.Upload(upload_messages(DATA))).written
        assert not (await stub.Upload(upload_messages(DATA))).written

    play(tmp_path, story)


@pytest.mark.parametrize("damaged", [b"x" + DATA[1:], DATA[:-1], b""])
def test_an_upload_of_the_right_bytes_repairs_what_was_damaged(tmp_path: Path, damaged: bytes):
    async def story(channel: grpc.aio.Channel, store: ArtifactStore) -> None:
        client = AsyncArtifactClient(channel)
        payload = await client.send(DATA)
        store.path(digest_of(DATA)).write_bytes(damaged)
        with pytest.raises(ArtifactError):
            await client.fetch(payload)
        assert (await ZiskArtifactsStub(channel).Upload(upload_messages(DATA))).written
        assert await client.fetch(payload) == DATA

    play(tmp_path, story)


def test_an_upload_that_fills_the_disk_is_the_hosts_failure_and_leaves_nothing(tiny: Path):
    async def story(channel: grpc.aio.Channel, store: ArtifactStore) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await AsyncArtifactClient(channel).upload(bytes(100_000))
        error = to_error("URL", caught.value)
        assert error.kind is ErrorKind.HOST
        assert str(error) == (
            f"the coordinator cannot store an artifact in {tiny}: No space left on device; "
            "make room there, or change server.artifacts_dir"
        )
        assert list(store.folder.iterdir()) == []
        assert (await ZiskArtifactsStub(channel).Upload(upload_messages(b"content"))).written

    play(tiny, story)


def test_an_upload_that_nobody_goes_on_with_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("zisk.cluster.artifacts.service.STALL_SECONDS", 0.2)

    async def begun() -> AsyncIterator[wire.UploadRequest]:
        yield wire.UploadRequest(header=HEADER)
        yield wire.UploadRequest(chunk=b"con")
        await asyncio.sleep(3600)

    async def story(channel: grpc.aio.Channel, store: ArtifactStore) -> None:
        with pytest.raises(grpc.aio.AioRpcError, match=r"the upload stood still for 0\.2 s; send it again"):
            await ZiskArtifactsStub(channel).Upload(begun())
        assert list(store.folder.iterdir()) == []

    play(tmp_path, story)


def test_an_upload_that_its_client_gives_up_leaves_nothing(tmp_path: Path):
    async def story(channel: grpc.aio.Channel, store: ArtifactStore) -> None:
        async def begun() -> AsyncIterator[wire.UploadRequest]:
            yield wire.UploadRequest(header=HEADER)
            yield wire.UploadRequest(chunk=b"con")
            await asyncio.sleep(3600)

        call = ZiskArtifactsStub(channel).Upload(begun())
        while not list(store.folder.iterdir()):
            await asyncio.sleep(0.01)
        call.cancel()
        while list(store.folder.iterdir()):
            await asyncio.sleep(0.01)

    play(tmp_path, story)


HEADER = wire.ArtifactHeader(digest=digest_of(b"content"), size=7)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "the first message of an upload is its header"),
        ([wire.UploadRequest(chunk=b"content")], "the first message of an upload is its header"),
        ([wire.UploadRequest(header=wire.ArtifactHeader(digest=b"short"))], "32 bytes"),
        (
            [wire.UploadRequest(header=wire.ArtifactHeader(digest=bytes(32), size=MAX_ARTIFACT_BYTES + 1))],
            "at most",
        ),
        ([wire.UploadRequest(header=HEADER), wire.UploadRequest(chunk=b"CONTENT")], "has digest"),
        (
            [wire.UploadRequest(header=HEADER), wire.UploadRequest(chunk=bytes(CHUNK_BYTES + 1))],
            f"a chunk has at most {CHUNK_BYTES} bytes, at least 1, not {CHUNK_BYTES + 1}",
        ),
        ([wire.UploadRequest(header=HEADER), wire.UploadRequest(chunk=b"")], "at least 1, not 0"),
    ],
)
def test_malformed_uploads(tmp_path: Path, parts: list[wire.UploadRequest], message: str):
    async def story(channel: grpc.aio.Channel, store: ArtifactStore) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ZiskArtifactsStub(channel).Upload(iter(parts))
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert message in (caught.value.details() or "")
        assert list(store.folder.iterdir()) == []

    play(tmp_path, story)


def test_what_is_not_there_cannot_be_fetched(tmp_path: Path):
    async def story(channel: grpc.aio.Channel, _store: ArtifactStore) -> None:
        with pytest.raises(ArtifactError, match="is not here; it was freed or never uploaded"):
            await AsyncArtifactClient(channel).download(bytes(32), 1)

    play(tmp_path, story)


class Flood(ZiskArtifactsServicer):
    """A coordinator that sends chunks without end, whatever it is asked for."""

    def __init__(self) -> None:
        self.sent = 0

    async def Download(self, request: wire.DownloadRequest, context: Any) -> AsyncIterator[Any]:  # noqa: N802
        while True:
            self.sent += 1
            yield wire.DownloadResponse(chunk=bytes(CHUNK_BYTES))


@pytest.mark.parametrize("size", [1, 3 * CHUNK_BYTES])
def test_a_download_ends_at_the_size_that_was_announced(size: int):
    async def run() -> None:
        server, flood = grpc.aio.server(), Flood()
        add_ZiskArtifactsServicer_to_server(flood, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        text = f"is longer than the {size} bytes that it may have"
        async with asyncio.timeout(20), grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            client = AsyncArtifactClient(channel)
            with pytest.raises(ArtifactError, match=text):
                await client.fetch(Stored(bytes(32), size))
            with pytest.raises(ArtifactError, match=text):
                await client.download(bytes(32), size)
        with grpc.insecure_channel(f"127.0.0.1:{port}") as plain, pytest.raises(ArtifactError, match=text):
            await asyncio.to_thread(ArtifactClient(plain).fetch, Stored(bytes(32), size))
        assert flood.sent < 100
        await server.stop(None)

    asyncio.run(run())


class Silence(ZiskArtifactsServicer):
    """A coordinator that sends `chunks` and then nothing, and takes nothing."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks

    async def Download(self, request: wire.DownloadRequest, context: Any) -> AsyncIterator[Any]:  # noqa: N802
        for chunk in self.chunks:
            yield wire.DownloadResponse(chunk=chunk)
        await asyncio.sleep(3600)

    async def Upload(self, request_iterator: Any, context: Any) -> wire.UploadResponse:  # noqa: N802
        await asyncio.sleep(3600)
        return wire.UploadResponse()


def test_a_transfer_that_stands_still_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("zisk.cluster.artifacts.watch.STALL_SECONDS", 0.3)

    async def run() -> None:
        server = grpc.aio.server()
        add_ZiskArtifactsServicer_to_server(Silence(b"chunk"), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        async with asyncio.timeout(20), grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            client = AsyncArtifactClient(channel)
            with pytest.raises(ArtifactError, match=r"a download stood still for 0\.3 s; look after"):
                await client.fetch(Stored(bytes(32), 10))
            with pytest.raises(ArtifactError, match=r"an upload stood still for 0\.3 s; look after"):
                await client.send(DATA)
        await server.stop(None)

    asyncio.run(run())


def test_an_empty_chunk_is_refused():
    async def run() -> None:
        server = grpc.aio.server()
        add_ZiskArtifactsServicer_to_server(Silence(b"chunk", b""), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        async with asyncio.timeout(20), grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            with pytest.raises(ArtifactError, match="comes with a chunk of no bytes"):
                await AsyncArtifactClient(channel).fetch(Stored(bytes(32), 10))
        await server.stop(None)

    asyncio.run(run())


def test_a_size_above_the_limit_is_refused_before_anything_is_asked_for(tmp_path: Path):
    async def story(channel: grpc.aio.Channel, _store: ArtifactStore) -> None:
        client = AsyncArtifactClient(channel)
        with pytest.raises(ArtifactError, match=f"at most {MAX_ARTIFACT_BYTES} are taken"):
            await client.fetch(Stored(bytes(32), MAX_ARTIFACT_BYTES + 1))
        with pytest.raises(ArtifactError, match="said to have 11 bytes, at most 10 are taken"):
            await client.fetch(Stored(bytes(32), 11), most=10)

    play(tmp_path, story)


def test_less_than_was_announced_is_refused(tmp_path: Path):
    async def story(channel: grpc.aio.Channel, store: ArtifactStore) -> None:
        stored = store.put(b"content")
        with pytest.raises(ArtifactError, match="7 bytes arrived of the 8"):
            await AsyncArtifactClient(channel).fetch(Stored(stored.digest, 8))

    play(tmp_path, story)
