"""A folder of files named by the digest of their content."""

import contextlib
import errno
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from blake3 import blake3

from zisk.cluster.errors import ArtifactError, HostError, SubmissionRefusedError
from zisk.cluster.protocol.limits import CHUNK_BYTES, MAX_ARTIFACT_BYTES, MAX_PROGRAM_BYTES
from zisk.cluster.protocol.payload import DIGEST_BYTES, Inline, Payload, Stored, digest_of
from zisk.errors import ErrorKind
from zisk.whole_file import replacing

__all__ = ["ArtifactStore", "PartialArtifact"]

_INCOMING = ".incoming-"
"""How the names of files begin that are not complete, or on their way out."""

_NAME = re.compile("[0-9a-f]{64}")


class ArtifactStore:
    """Artifacts in one folder, each kept while at least one holder needs it.

    A file appears under its name only when it is complete, and its content is checked again whenever it is
    read.
    Holders are names chosen by the caller: a job's id, or `programs`.
    An artifact that nobody holds goes with `collect`, not at once: its holder may still be on the way.
    Holders live in memory. Any thread may call any method: what is in memory is behind a lock that nobody
    holds while a file is read or written.

    `most_bytes` are the most that are kept and under way, `least_free` the bytes that stay free on the disk;
    0 is no bound.
    """

    def __init__(self, folder: Path, most_bytes: int = 0, least_free: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(f"{_INCOMING}*"):
            leftover.unlink()
        self._folder = folder
        self._most_bytes, self._least_free = most_bytes, least_free
        self._lock = threading.Lock()
        self._holders: dict[bytes, set[str]] = {}
        self._idle_since: dict[bytes, float] = {}
        self._sizes = {digest: self.path(digest).stat().st_size for digest in self._listed()}
        self._under_way = 0

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self._folder

    @property
    def kept_bytes(self) -> int:
        """Bytes of all artifacts that are kept."""
        with self._lock:
            return sum(self._sizes.values())

    def __contains__(self, digest: bytes) -> bool:
        return self.path(digest).exists()

    def path(self, digest: bytes) -> Path:
        """The file of an artifact, whether or not it is there."""
        return self._folder / digest.hex()

    def put(self, data: bytes) -> Stored:
        """Store `data` and name it."""
        stored = Stored.of(data)
        with self.receive(stored) as partial:
            partial.write(data)
        return stored

    @contextlib.contextmanager
    def receive(self, expected: Stored) -> Iterator["PartialArtifact"]:
        """Take in an artifact piece by piece; it is published when the context ends well.

        Raises:
            ArtifactError: the pieces do not make up what was announced.
            SubmissionRefusedError: a budget has no room for it.
            HostError: the disk refuses it.

        """
        with self._taking(), self._room_for(expected):
            with replacing(self.path(expected.digest), prefix=_INCOMING) as file:
                partial = PartialArtifact(file.write, expected)
                yield partial
                partial.check()
            with self._lock:
                self._sizes[expected.digest] = expected.size

    @contextlib.contextmanager
    def _taking(self) -> Iterator[None]:
        """Name the folder where its disk refuses something; lack of memory is no fault of that."""
        try:
            yield
        except OSError as error:
            if error.errno == errno.ENOMEM:
                raise
            raise HostError(
                f"the coordinator cannot store an artifact in {self._folder}: {error.strerror or error}; "
                "make room there, or change server.artifacts_dir"
            ) from error

    @contextlib.contextmanager
    def _room_for(self, expected: Stored) -> Iterator[None]:
        """Count an artifact as under way within the context."""
        self._folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._folder).free
        with self._lock:
            if lack := self._lack_of_room(expected.size, free):
                raise SubmissionRefusedError(ErrorKind.NO_CAPACITY, lack)
            self._under_way += expected.size
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= expected.size

    def _lack_of_room(self, size: int, free: int) -> str:
        """Why there is no room for that many bytes more; empty where there is."""
        kept = sum(self._sizes.values())
        if 0 < self._most_bytes < kept + self._under_way + size:
            return (
                f"there is no room for an artifact of {size:,} bytes: {kept:,} are kept and "
                f"{self._under_way:,} under way, of {self._most_bytes:,} that server.max_artifact_bytes "
                "allows; try again when jobs are over, or raise it"
            )
        if self._least_free and free < self._under_way + size + self._least_free:
            return (
                f"there is no room for an artifact of {size:,} bytes: {free:,} are free in {self._folder}, "
                f"of which {self._under_way:,} are promised and {self._least_free:,} stay free as "
                "server.min_free_bytes says; make room there, or lower it"
            )
        return ""

    def is_sound(self, digest: bytes) -> bool:
        """Whether an artifact is here and its content is what its name says."""
        hasher = blake3()
        try:
            for chunk in self.chunks(digest):
                hasher.update(chunk)
        except (ArtifactError, OSError):
            return False
        return hasher.digest() == digest

    def check(self, payload: Payload, most: int = MAX_ARTIFACT_BYTES) -> None:
        """Make sure that a payload is here, without reading it.

        Raises:
            ArtifactError: the artifact is not here, or its size is not what the payload says or above `most`.

        """
        if isinstance(payload, Stored):
            with self._opened(payload.digest, payload.size, most):
                pass

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
        with self._opened(digest, announced, most) as file:
            data = file.read()
        if digest_of(data) != digest:
            raise ArtifactError(
                f"file {self.path(digest)} was damaged: its content has another digest; upload it again"
            )
        return data

    @contextlib.contextmanager
    def _opened(self, digest: bytes, announced: int | None, most: int) -> Iterator[BinaryIO]:
        """The file of an artifact whose size is as announced, and at most `most`."""
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
            yield file

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
        with self._lock:
            for payload in payloads:
                if isinstance(payload, Stored):
                    self._holders.setdefault(payload.digest, set()).add(holder)
                    self._idle_since.pop(payload.digest, None)

    def release(self, holder: str) -> None:
        """Let go of everything that `holder` holds; what nobody else holds is left to `collect`."""
        with self._lock:
            for digest in [digest for digest, holders in self._holders.items() if holder in holders]:
                self._holders[digest].discard(holder)
                if not self._holders[digest]:
                    del self._holders[digest]

    def held_by(self, holder: str) -> frozenset[bytes]:
        """The digests of the artifacts that `holder` holds."""
        with self._lock:
            return frozenset(digest for digest, holders in self._holders.items() if holder in holders)

    def touch(self, digest: bytes) -> None:
        """Start the time that an artifact may lie idle afresh: somebody has just named it."""
        with self._lock:
            self._idle_since.pop(digest, None)

    def collect(self, now: float, grace: float) -> int:
        """Delete the artifacts that nobody has held for `grace` seconds; the number of files deleted.

        `now` is the time in seconds of any clock that does not run backwards.
        """
        deleted = 0
        for digest in self._listed():
            leaving = self._folder / f"{_INCOMING}{os.urandom(8).hex()}"
            with self._lock:
                if not self._is_idle(digest, now, grace):
                    continue
                # Renamed at once, and deleted when nobody waits for the lock.
                with contextlib.suppress(FileNotFoundError):
                    os.rename(self.path(digest), leaving)
                del self._idle_since[digest]
                self._sizes.pop(digest, None)
            leaving.unlink(missing_ok=True)
            deleted += 1
        return deleted

    def _is_idle(self, digest: bytes, now: float, grace: float) -> bool:
        """Whether nobody has held an artifact for `grace` seconds."""
        return digest not in self._holders and now - self._idle_since.setdefault(digest, now) >= grace

    def _listed(self) -> list[bytes]:
        """The digests of the files that are there."""
        names = (path.name for path in self._folder.iterdir())
        return [bytes.fromhex(name) for name in names if _NAME.fullmatch(name)]


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
