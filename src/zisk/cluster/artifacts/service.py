"""The server of `zisk.artifacts.v1`, on both ports of the coordinator."""

# ruff: noqa: N802 - methods bear the names of the calls they answer.

from collections.abc import AsyncIterator
from typing import Any

import grpc

from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.errors import ArtifactError
from zisk.cluster.protocol.generated import artifacts_pb2 as wire
from zisk.cluster.protocol.generated.artifacts_pb2_grpc import ZiskArtifactsServicer
from zisk.cluster.protocol.limits import CHUNK_BYTES, MAX_ARTIFACT_BYTES
from zisk.cluster.protocol.payload import DIGEST_BYTES, Stored

__all__ = ["ArtifactsService"]


class ArtifactsService(ZiskArtifactsServicer):
    """Stores what is uploaded and streams what is asked for."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store

    async def Upload(
        self, request_iterator: AsyncIterator[wire.UploadRequest], context: Any
    ) -> wire.UploadResponse:
        """Take in one artifact: a header, then chunks."""
        first = await anext(aiter(request_iterator), wire.UploadRequest())
        if first.WhichOneof("part") != "header":
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                "the first message of an upload is its header: digest and size",
            )
        header = first.header
        if len(header.digest) != DIGEST_BYTES:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, "the digest is BLAKE3 of the content, 32 bytes"
            )
        if header.size > MAX_ARTIFACT_BYTES:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"an artifact has at most {MAX_ARTIFACT_BYTES} bytes, not {header.size}",
            )
        if header.digest in self._store:
            self._store.touch(header.digest)
            return wire.UploadResponse(written=False)
        try:
            with self._store.receive(Stored(header.digest, header.size)) as partial:
                async for message in request_iterator:
                    if not 0 < len(message.chunk) <= CHUNK_BYTES:
                        raise ArtifactError(
                            f"a chunk has at most {CHUNK_BYTES} bytes, at least 1, not {len(message.chunk)}"
                        )
                    partial.write(message.chunk)
        except ArtifactError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return wire.UploadResponse(written=True)

    async def Download(
        self, request: wire.DownloadRequest, context: Any
    ) -> AsyncIterator[wire.DownloadResponse]:
        """Stream one artifact."""
        try:
            for chunk in self._store.chunks(request.digest):
                yield wire.DownloadResponse(chunk=chunk)
        except ArtifactError as error:
            await context.abort(grpc.StatusCode.NOT_FOUND, str(error))
