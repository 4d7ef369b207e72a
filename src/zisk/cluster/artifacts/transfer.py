"""The client of `zisk.artifacts.v1`: payloads to and from a coordinator."""

from collections.abc import Iterator

import grpc
import grpc.aio

from zisk.cluster.errors import ArtifactError
from zisk.cluster.protocol.generated import artifacts_pb2 as wire
from zisk.cluster.protocol.generated.artifacts_pb2_grpc import ZiskArtifactsStub
from zisk.cluster.protocol.limits import CHUNK_BYTES, MAX_ARTIFACT_BYTES
from zisk.cluster.protocol.payload import Inline, Payload, Stored, digest_of

__all__ = ["ArtifactClient", "AsyncArtifactClient", "upload_messages"]


def upload_messages(data: bytes) -> Iterator[wire.UploadRequest]:
    """The messages of one upload: header, then chunks."""
    name = Stored.of(data)
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
        await self.upload(data)
        return Stored.of(data)

    async def upload(self, data: bytes) -> None:
        """Upload `data`, whatever its size."""
        await self._stub.Upload(upload_messages(data))

    async def fetch(self, payload: Payload, *, most: int = MAX_ARTIFACT_BYTES) -> bytes:
        """The bytes of a payload, of which no more than it announces, or than `most`, are taken in.

        Raises:
            ArtifactError: the coordinator does not have it, it is too large, or what arrives is another one.

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
        call = self._stub.Download(wire.DownloadRequest(digest=arriving.digest))
        try:
            async for message in call:
                arriving.take(message.chunk)
        except grpc.aio.AioRpcError as error:
            raise ArtifactError(f"cannot fetch an artifact: {error.details()}") from error
        finally:
            call.cancel()
        return arriving.whole()


class ArtifactClient:
    """Transfers over an ordinary channel: the side of the SDK and of `zisk-coordinator prove`."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = ZiskArtifactsStub(channel)

    def send(self, data: bytes) -> Payload:
        """Make a payload of `data`: inline when it fits a message, uploaded otherwise."""
        payload = Inline(data)
        if payload.fits:
            return payload
        self._stub.Upload(upload_messages(data))
        return Stored.of(data)

    def fetch(self, payload: Payload) -> bytes:
        """The bytes of a payload, of which no more than it announces are taken in.

        Raises:
            ArtifactError: it is too large, or what arrives is another one.
            grpc.RpcError: the coordinator does not have it, or is gone.

        """
        if isinstance(payload, Inline):
            return payload.data
        arriving = _Arriving(payload.digest, payload.size, MAX_ARTIFACT_BYTES)
        call = self._stub.Download(wire.DownloadRequest(digest=payload.digest))
        try:
            for message in call:
                arriving.take(message.chunk)
        finally:
            call.cancel()
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
        self._data = bytearray()

    def take(self, chunk: bytes) -> None:
        if len(self._data) + len(chunk) > self._most:
            raise ArtifactError(
                f"artifact {self.digest.hex()} is longer than the {self._most} bytes that it may have"
            )
        self._data += chunk

    def whole(self) -> bytes:
        if self._size is not None and len(self._data) != self._size:
            raise ArtifactError(
                f"{len(self._data)} bytes arrived of the {self._size} that artifact {self.digest.hex()} has"
            )
        data = bytes(self._data)
        if digest_of(data) != self.digest:
            raise ArtifactError(
                f"artifact {self.digest.hex()} arrived damaged: its content has another digest"
            )
        return data
