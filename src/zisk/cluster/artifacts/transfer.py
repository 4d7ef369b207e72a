"""The client of `zisk.artifacts.v1`: payloads to and from a coordinator."""

from collections.abc import Iterator

import grpc
import grpc.aio

from zisk.cluster.errors import ArtifactError
from zisk.cluster.protocol.generated import artifacts_pb2 as wire
from zisk.cluster.protocol.generated.artifacts_pb2_grpc import ZiskArtifactsStub
from zisk.cluster.protocol.limits import CHUNK_BYTES
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

    async def fetch(self, payload: Payload) -> bytes:
        """The bytes of a payload.

        Raises:
            ArtifactError: the coordinator does not have it, or what arrived has another digest.

        """
        return payload.data if isinstance(payload, Inline) else await self.download(payload.digest)

    async def download(self, digest: bytes) -> bytes:
        """The artifact of that digest.

        Raises:
            ArtifactError: the coordinator does not have it, or what arrived has another digest.

        """
        data = bytearray()
        try:
            async for message in self._stub.Download(wire.DownloadRequest(digest=digest)):
                data += message.chunk
        except grpc.aio.AioRpcError as error:
            raise ArtifactError(f"cannot fetch an artifact: {error.details()}") from error
        return _checked(bytes(data), digest)


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
        """The bytes of a payload.

        Raises:
            ArtifactError: what arrived has another digest.
            grpc.RpcError: the coordinator does not have it, or is gone.

        """
        if isinstance(payload, Inline):
            return payload.data
        messages = self._stub.Download(wire.DownloadRequest(digest=payload.digest))
        return _checked(b"".join(message.chunk for message in messages), payload.digest)


def _checked(data: bytes, digest: bytes) -> bytes:
    if digest_of(data) != digest:
        raise ArtifactError(f"artifact {digest.hex()} arrived damaged: its content has another digest")
    return data
