"""The client of `zisk.artifacts.v1`: payloads to and from a coordinator."""

from collections.abc import Iterator

import grpc
import grpc.aio
from blake3 import blake3

from zisk.cluster.errors import ArtifactError
from zisk.cluster.protocol.generated import artifacts_pb2 as wire
from zisk.cluster.protocol.generated.artifacts_pb2_grpc import ZiskArtifactsStub
from zisk.cluster.protocol.limits import CHUNK_BYTES
from zisk.cluster.protocol.payload import Inline, Payload, Stored

__all__ = ["ArtifactClient", "AsyncArtifactClient", "upload_messages"]


def upload_messages(data: bytes) -> Iterator[wire.UploadRequest]:
    """The messages of one upload: header, then chunks."""
    name = Stored.of(data)
    yield wire.UploadRequest(header=wire.ArtifactHeader(digest=name.digest, size=name.size))
    for start in range(0, len(data), CHUNK_BYTES):
        yield wire.UploadRequest(chunk=data[start : start + CHUNK_BYTES])


class _Assembly:
    """What has arrived of a download."""

    def __init__(self, name: Stored) -> None:
        self._name = name
        self._data = bytearray()

    def add(self, chunk: bytes) -> None:
        self._data += chunk
        if len(self._data) > self._name.size:
            raise ArtifactError(
                f"artifact {self._name.digest.hex()} is longer than its {self._name.size} bytes"
            )

    def finish(self) -> bytes:
        data = bytes(self._data)
        if len(data) != self._name.size or blake3(data).digest() != self._name.digest:
            raise ArtifactError(f"artifact {self._name.digest.hex()} arrived damaged: size or digest differ")
        return data


def _download_error(name: Stored, error: grpc.RpcError) -> ArtifactError:
    """What a failed download means."""
    details = error.details() if isinstance(error, grpc.Call | grpc.aio.AioRpcError) else error
    return ArtifactError(f"cannot fetch artifact {name.digest.hex()}: {details}")


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
        if isinstance(payload, Inline):
            return payload.data
        assembly = _Assembly(payload)
        try:
            async for message in self._stub.Download(wire.DownloadRequest(digest=payload.digest)):
                assembly.add(message.chunk)
        except grpc.RpcError as error:
            raise _download_error(payload, error) from error
        return assembly.finish()


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
            ArtifactError: the coordinator does not have it, or what arrived has another digest.

        """
        if isinstance(payload, Inline):
            return payload.data
        assembly = _Assembly(payload)
        try:
            for message in self._stub.Download(wire.DownloadRequest(digest=payload.digest)):
                assembly.add(message.chunk)
        except grpc.RpcError as error:
            raise _download_error(payload, error) from error
        return assembly.finish()
