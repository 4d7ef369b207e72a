"""A folder of files named by the digest of their content."""

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from blake3 import blake3

from zisk.cluster.errors import ArtifactError
from zisk.cluster.protocol.limits import CHUNK_BYTES, MAX_ARTIFACT_BYTES, MAX_PROGRAM_BYTES
from zisk.cluster.protocol.payload import DIGEST_BYTES, Inline, Payload, Stored, digest_of
from zisk.whole_file import replacing

__all__ = ["ArtifactStore", "PartialArtifact"]

_INCOMING = ".incoming-"
"""How the names of files begin that are not complete."""

_NAME = re.compile("[0-9a-f]{64}")


class ArtifactStore:
    """Artifacts in one folder, each kept while at least one holder needs it.

    A file appears under its name only when it is complete, and its content is checked again whenever it is
    read.
    Holders are names chosen by the caller: a job's id, or `programs`.
    An artifact that nobody holds goes with `collect`, not at once: its holder may still be on the way.
    Holders live in memory; methods may be called from one thread at a time, except `read`, which any may
    call.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(f"{_INCOMING}*"):
            leftover.unlink()
        self._folder = folder
        self._holders: dict[bytes, set[str]] = {}
        self._idle_since: dict[bytes, float] = {}

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self._folder

    def __contains__(self, digest: bytes) -> bool:
        return self.path(digest).exists()

    def path(self, digest: bytes) -> Path:
        """The file of an artifact, whether or not it is there."""
        return self._folder / digest.hex()

    def put(self, data: bytes) -> Stored:
        """Store `data` and name it."""
        with self.receive(Stored.of(data)) as partial:
            partial.write(data)
        return Stored.of(data)

    def keep(self, data: bytes) -> Payload:
        """Make a payload of `data`: inline when it fits a message, stored otherwise."""
        payload = Inline(data)
        return payload if payload.fits else self.put(data)

    @contextlib.contextmanager
    def receive(self, expected: Stored) -> Iterator["PartialArtifact"]:
        """Take in an artifact piece by piece; it is published when the context ends well.

        Raises:
            ArtifactError: the pieces do not make up what was announced, or the disk refused them.

        """
        try:
            with replacing(self.path(expected.digest), prefix=_INCOMING) as file:
                partial = PartialArtifact(file.write, expected)
                yield partial
                partial.check()
        except OSError as error:
            raise ArtifactError(f"cannot store an artifact in {self._folder}: {error}") from error

    def read(self, payload: Payload, *, most: int = MAX_ARTIFACT_BYTES) -> bytes:
        """The bytes of a payload, wherever they are.

        Raises:
            ArtifactError: the artifact is not here, its size is not what the payload says or above `most`, or
                its file was damaged.

        """
        if isinstance(payload, Inline):
            return payload.data
        return self._read(payload.digest, payload.size, most)

    def program(self, digest: bytes) -> bytes:
        """The bytes of a guest program, by the digest that names it.

        Raises:
            ArtifactError: it is not here, is larger than any, or its file was damaged.

        """
        return self._read(digest, None, MAX_PROGRAM_BYTES)

    def chunks(self, digest: bytes) -> Iterator[bytes]:
        """The content of an artifact in pieces of at most 1 MiB.

        Raises:
            ArtifactError: it is not here.

        """
        with self._open(
            digest, f"artifact {digest.hex()} is not here; it was freed or never uploaded"
        ) as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def _read(self, digest: bytes, announced: int | None, most: int) -> bytes:
        missing = f"artifact {digest.hex()} is not here: upload it before the message that names it"
        with self._open(digest, missing) as file:
            size = os.fstat(file.fileno()).st_size
            if announced not in (None, size):
                raise ArtifactError(
                    f"artifact {digest.hex()} has {size} bytes, not the {announced} announced"
                )
            if size > most:
                raise ArtifactError(
                    f"artifact {digest.hex()} has {size} bytes, at most {most} are taken here"
                )
            data = file.read()
        if digest_of(data) != digest:
            raise ArtifactError(f"file {self.path(digest)} was damaged: its content has another digest")
        return data

    def _open(self, digest: bytes, missing: str) -> BinaryIO:
        """The file of an artifact; `missing` is the text of the error where there is none."""
        if len(digest) != DIGEST_BYTES:
            raise ArtifactError(f"an artifact is named by {DIGEST_BYTES} bytes, not {len(digest)}")
        try:
            return self.path(digest).open("rb")
        except FileNotFoundError:
            raise ArtifactError(missing) from None

    def hold(self, holder: str, payloads: Iterable[Payload]) -> None:
        """Keep the artifacts among `payloads` until `holder` is released."""
        for payload in payloads:
            if isinstance(payload, Stored):
                self._holders.setdefault(payload.digest, set()).add(holder)
                self._idle_since.pop(payload.digest, None)

    def release(self, holder: str) -> None:
        """Let go of everything that `holder` holds; what nobody else holds is left to `collect`."""
        for digest in [digest for digest, holders in self._holders.items() if holder in holders]:
            self._holders[digest].discard(holder)
            if not self._holders[digest]:
                del self._holders[digest]

    def touch(self, digest: bytes) -> None:
        """Start the time that an artifact may lie idle afresh: somebody has just named it."""
        self._idle_since.pop(digest, None)

    def collect(self, now: float, grace: float) -> int:
        """Delete the artifacts that nobody has held for `grace` seconds; the number of files deleted.

        `now` is the time in seconds of any clock that does not run backwards.
        """
        deleted = 0
        for path in self._folder.iterdir():
            if not _NAME.fullmatch(path.name):
                continue
            digest = bytes.fromhex(path.name)
            if digest in self._holders:
                continue
            if now - self._idle_since.setdefault(digest, now) >= grace:
                path.unlink(missing_ok=True)
                del self._idle_since[digest]
                deleted += 1
        return deleted


class PartialArtifact:
    """The part of an artifact that has arrived."""

    def __init__(self, write: Callable[[bytes], object], expected: Stored) -> None:
        self._write = write
        self._expected = expected
        self._hasher = blake3()
        self._size = 0

    def write(self, chunk: bytes) -> None:
        """Add a piece.

        Raises:
            ArtifactError: there is now more than was announced.

        """
        self._size += len(chunk)
        if self._size > self._expected.size:
            raise ArtifactError(f"more than the {self._expected.size} bytes that were announced")
        self._hasher.update(chunk)
        self._write(chunk)

    def check(self) -> None:
        """Compare what arrived with what was announced.

        Raises:
            ArtifactError: size or digest differ.

        """
        if self._size != self._expected.size:
            raise ArtifactError(
                f"{self._size} bytes arrived of the {self._expected.size} that were announced"
            )
        if (found := self._hasher.digest()) != self._expected.digest:
            raise ArtifactError(
                f"the content has digest {found.hex()}, announced was {self._expected.digest.hex()}"
            )
