"""The server of `zisk.artifacts.v1`, on both ports of the coordinator."""

# ruff: noqa: N802 - methods bear the names of the calls they answer.

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.disk import held_on_disk, on_disk
from zisk.cluster.errors import ArtifactError
from zisk.cluster.protocol.generated import artifacts_pb2 as wire
from zisk.cluster.protocol.generated.artifacts_pb2_grpc import ZiskArtifactsServicer
from zisk.cluster.protocol.limits import CHUNK_BYTES, MAX_ARTIFACT_BYTES, STALL_SECONDS
from zisk.cluster.protocol.payload import DIGEST_BYTES, Stored
from zisk.cluster.protocol.refusal import refuse
from zisk.errors import ErrorKind, ZiskError

__all__ = ["ArtifactsService"]

_log = logging.getLogger("zisk.coordinator")

_Message = TypeVar("_Message")


class ArtifactsService(ZiskArtifactsServicer):
    """Stores what is uploaded and streams what is asked for."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store

    async def Upload(
        self, request_iterator: AsyncIterator[wire.UploadRequest], context: Any
    ) -> wire.UploadResponse:
        """Take in one artifact: a header, then chunks."""
        messages = aiter(request_iterator)
        try:
            expected = _announced(await _next(messages))
            return wire.UploadResponse(written=await self._take_in(expected, messages))
        except ZiskError as error:
            await refuse(context, error.kind, str(error))

    async def _take_in(self, expected: Stored, messages: AsyncIterator[wire.UploadRequest]) -> bool:
        """Write what follows the header; false where it is here already, and sound."""
        if expected.digest in self._store:
            self._store.touch(expected.digest)
            if await on_disk(lambda: self._store.is_sound(expected.digest)):
                return False
            _log.warning("artifact %s was damaged and is taken in afresh", expected.digest.hex())
        async with held_on_disk(self._store.receive(expected)) as partial:
            while (message := await _next(messages)) is not None:
                chunk = message.chunk
                if not 0 < len(chunk) <= CHUNK_BYTES:
                    raise ArtifactError(
                        f"a chunk has at most {CHUNK_BYTES} bytes, at least 1, not {len(chunk)}"
                    )
                await on_disk(lambda chunk=chunk: partial.write(chunk))
        return True

    async def Download(
        self, request: wire.DownloadRequest, context: Any
    ) -> AsyncIterator[wire.DownloadResponse]:
        """Stream one artifact."""
        chunks = self._store.chunks(request.digest)
        try:
            while (chunk := await on_disk(lambda: next(chunks, None))) is not None:
                yield wire.DownloadResponse(chunk=chunk)
        except ArtifactError as error:
            await refuse(context, ErrorKind.NOT_FOUND, str(error))


def _announced(first: wire.UploadRequest | None) -> Stored:
    """The artifact that the first message of an upload announces.

    Raises:
        ArtifactError: it announces none, or too large a one.

    """
    if first is None or first.WhichOneof("part") != "header":
        raise ArtifactError("the first message of an upload is its header: digest and size")
    header = first.header
    if len(header.digest) != DIGEST_BYTES:
        raise ArtifactError("the digest is BLAKE3 of the content, 32 bytes")
    if header.size > MAX_ARTIFACT_BYTES:
        raise ArtifactError(f"an artifact has at most {MAX_ARTIFACT_BYTES} bytes, not {header.size}")
    return Stored(header.digest, header.size)


async def _next(messages: AsyncIterator[_Message]) -> _Message | None:
    """The next message of an upload; None after the last.

    Raises:
        ArtifactError: none comes.

    """
    try:
        async with asyncio.timeout(STALL_SECONDS):
            return await anext(messages, None)
    except TimeoutError:
        raise ArtifactError(f"the upload stood still for {STALL_SECONDS:g} s; send it again") from None
