"""The client of `zisk.artifacts.v1`: payloads to and from a coordinator."""

import io
from collections.abc import Iterator

import grpc
import grpc.aio
from blake3 import blake3

from zisk.cluster.artifacts.watch import Movement, watched
from zisk.cluster.disk import on_disk
from zisk.cluster.errors import ArtifactError
from zisk.cluster.protocol.generated import artifacts_pb2 as wire
from zisk.cluster.protocol.generated.artifacts_pb2_grpc import ZiskArtifactsStub
from zisk.cluster.protocol.limits import CHUNK_BYTES, MAX_ARTIFACT_BYTES, MAX_PROOF_BYTES
from zisk.cluster.protocol.payload import Inline, Payload, Stored

__all__ = ["ArtifactClient", "AsyncArtifactClient", "upload_messages"]


def upload_messages(data: bytes, name: Stored | None = None) -> Iterator[wire.UploadRequest]:
    """The messages of one upload: header, then chunks; `name` is that of `data`, if it is known."""
    name = name or Stored.of(data)
    yield wire.UploadRequest(header=wire.ArtifactHeader(digest=name.digest, size=name.size))
    for start in range(0, len(data), CHUNK_BYTES):
        yield wire.UploadRequest(chunk=data[start : start + CHUNK_BYTES])


class AsyncArtifactClient:
    """Transfers over a channel of `grpc.aio`: the worker's side."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = ZiskArtifactsStub(channel)

    async def send(self, data: bytes) -> Payload:
        """Make a payload of `data`: inline when it fits a message, uploaded otherwise."""
        payload = Inline(data)
        if payload.fits:
            return payload
        return await self.upload(data)

    async def upload(self, data: bytes) -> Stored:
        """Upload `data`, whatever its size, and name it.

        Raises:
            ArtifactError: the coordinator takes no more of it.
            grpc.RpcError: it refuses, or is gone.

        """
        name = await on_disk(lambda: Stored.of(data))
        movement = Movement("an upload")
        call = self._stub.Upload(movement.noting(upload_messages(data, name)))
        try:
            await movement.while_moving(call)
        finally:
            call.cancel()
        return name

    async def fetch(self, payload: Payload, *, most: int = MAX_ARTIFACT_BYTES) -> bytes:
        """The bytes of a payload, of which no more than it announces, or than `most`, are taken in.

        Raises:
            ArtifactError: the coordinator does not have it or sends no more of it, it is too large, or what
                arrives is another one.

        """
        if isinstance(payload, Inline):
            return payload.data
        arriving = _Arriving(payload.digest, payload.size, most)
        return await self._received(arriving)

    async def download(self, digest: bytes, most: int) -> bytes:
        """The artifact of that digest, whose size nobody announces: of at most `most` bytes.

        Raises:
            ArtifactError: the coordinator does not have it, it is too large, or what arrives is another one.

        """
        return await self._received(_Arriving(digest, None, most))

    async def _received(self, arriving: "_Arriving") -> bytes:
        movement = Movement("a download")
        call = self._stub.Download(wire.DownloadRequest(digest=arriving.digest))
        try:
            messages = aiter(call)
            while (message := await movement.while_moving(anext(messages, None))) is not None:
                arriving.take(message.chunk)
                movement.note()
        except grpc.aio.AioRpcError as error:
            raise ArtifactError(f"cannot fetch an artifact: {error.details()}") from error
        finally:
            call.cancel()
        return arriving.whole()


class ArtifactClient:
    """Transfers over an ordinary channel: the side of the SDK and of `zisk-coordinator prove`."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = ZiskArtifactsStub(channel)

    def send(self, data: bytes, *, timeout: float | None = None) -> Payload:
        """Make a payload of `data`: inline when it fits a message, uploaded otherwise.

        `timeout` is for the whole upload, in seconds.

        Raises:
            ArtifactError: the coordinator takes no more of it.
            grpc.RpcError: it refuses, is gone, or the time is up.

        """
        payload = Inline(data)
        if payload.fits:
            return payload
        name = Stored.of(data)
        movement = Movement("an upload")
        call = self._stub.Upload.future(movement.noting(upload_messages(data, name)), timeout=timeout)
        with watched(call, movement):
            call.result()
        return name

    def fetch(self, payload: Payload, *, most: int = MAX_PROOF_BYTES, timeout: float | None = None) -> bytes:
        """The bytes of a payload, of which no more than it announces are taken in: `most`, that of a proof.

        `timeout` is for the whole download, in seconds.

        Raises:
            ArtifactError: it is too large, what arrives is another one, or no more arrives.
            grpc.RpcError: the coordinator does not have it, is gone, or the time is up.

        """
        if isinstance(payload, Inline):
            return payload.data
        arriving = _Arriving(payload.digest, payload.size, most)
        movement = Movement("a download")
        call = self._stub.Download(wire.DownloadRequest(digest=payload.digest), timeout=timeout)
        with watched(call, movement):
            for message in call:
                arriving.take(message.chunk)
                movement.note()
        return arriving.whole()


class _Arriving:
    """A download: what has arrived of an artifact, and how much there may be of it.

    `size` is what was announced, None where nobody announced it.
    """

    def __init__(self, digest: bytes, size: int | None, most: int) -> None:
        if size is not None and size > most:
            raise ArtifactError(
                f"artifact {digest.hex()} is said to have {size} bytes, at most {most} are taken"
            )
        self.digest = digest
        self._size, self._most = size, most if size is None else size
        self._data = io.BytesIO()
        self._hash = blake3()

    def take(self, chunk: bytes) -> None:
        if not chunk:
            raise ArtifactError(f"artifact {self.digest.hex()} comes with a chunk of no bytes")
        if self._data.tell() + len(chunk) > self._most:
            raise ArtifactError(
                f"artifact {self.digest.hex()} is longer than the {self._most} bytes that it may have"
            )
        self._data.write(chunk)
        self._hash.update(chunk)

    def whole(self) -> bytes:
        if self._size is not None and self._data.tell() != self._size:
            raise ArtifactError(
                f"{self._data.tell()} bytes arrived of the {self._size} that artifact {self.digest.hex()} has"
            )
        if self._hash.digest() != self.digest:
            raise ArtifactError(
                f"artifact {self.digest.hex()} arrived damaged: its content has another digest"
            )
        return self._data.getvalue()
