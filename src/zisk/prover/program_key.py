"""The verifying key of a program: what set-up derives from an ELF, as bytes and as keys of its kinds."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from zisk.field.koalabear import P
from zisk.recursion.program_parts import LOG_CHUNKS, ProgramParts
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION, Digest, VerifyingKey, flatten
from zisk.stark.kind import Kind
from zisk.stark.parameters import (
    SECURITY_LEVELS,
    SecurityParameters,
    UnknownSecurityLevelError,
    parameters_for,
)
from zisk.vm.kinds import core_kind, edges_kind
from zisk.vm.limits import LOG_SIZES

MAGIC = b"pzK1"
DIGEST_LENGTH = 9
MAXIMAL_CHUNKS = 1 << LOG_CHUNKS
"""An image of 256 chunks of 2^16 words is the whole 128 MiB of ROM."""

_HEADER = struct.Struct("<4s5I")


@dataclass(frozen=True, slots=True)
class FixedPart:
    """Preprocessed tables of one kind of segment: their cap and heights (-1 where the prover claims it)."""

    cap: tuple[Digest, ...]
    log_heights: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ProgramKey:
    """All that a verifier needs to know of a program.

    Attributes:
        level, log_size: security level and size of the core segments.
        entry: pc index of the first step.
        core: the core kind's preprocessed tables.
        chunks: the edges kind's, one for each chunk of the program's initial words.
        empty: the edges kind's for segments beyond the chunks.
    """

    level: int
    log_size: int
    entry: int
    core: FixedPart
    chunks: tuple[FixedPart, ...]
    empty: FixedPart

    @property
    def digest(self) -> Digest:
        """The program digest: nine elements that stand for the program in every proof.

        It is made of the digests of the verifying keys, so that a verifier that knows a segment's key digest
        needs nothing else of the key to find it in here.
        """
        return self.parts.digest

    @cached_property
    def parts(self) -> ProgramParts:
        """What the program digest is made of."""
        filled = [self._key_of(edges_kind(), part).digest for part in self.chunks]
        empty = self.empty_key.digest
        return ProgramParts(
            level=self.level,
            log_size=self.log_size,
            entry=self.entry,
            chunks=len(self.chunks),
            core=self.core_key.digest,
            empty=empty,
            edges=(*filled, *[empty] * (MAXIMAL_CHUNKS - len(filled))),
        )

    def edges(self, chunk: int) -> FixedPart:
        """The edges part of segment number `chunk`, counted from 0."""
        return self.chunks[chunk] if chunk < len(self.chunks) else self.empty

    @cached_property
    def core_key(self) -> VerifyingKey:
        """Verifying key of core segments."""
        return self._key_of(core_kind(self.log_size), self.core)

    def edges_key(self, chunk: int) -> VerifyingKey:
        """Verifying key of edges segment number `chunk`, counted from 0."""
        return self._key_of(edges_kind(), self.edges(chunk)) if chunk < len(self.chunks) else self.empty_key

    @cached_property
    def empty_key(self) -> VerifyingKey:
        """Verifying key of edges segments beyond the chunks."""
        return self._key_of(edges_kind(), self.empty)

    def _key_of(self, kind: Kind, part: FixedPart) -> VerifyingKey:
        return VerifyingKey(kind, parameters_for(self.level), part.cap, part.log_heights)

    def encode(self) -> bytes:
        """The key's canonical bytes."""
        header = _HEADER.pack(MAGIC, FORMAT_VERSION, self.level, self.log_size, self.entry, len(self.chunks))
        words: list[int] = []
        for part in (self.core, self.empty, *self.chunks):
            words += [*(height + 1 for height in part.log_heights), *flatten(part.cap)]
        return header + np.array(words, dtype="<u4").tobytes()


def digest_bytes(digest: Digest) -> bytes:
    """A digest as 36 bytes: nine canonical little-endian words."""
    return np.array(digest, dtype="<u4").tobytes()


def key_length(parameters: SecurityParameters, log_size: int, chunks: int) -> int:
    """Bytes of a key of a level and size, for a program of so many chunks of initial words."""
    cap_words = DIGEST_LENGTH << parameters.cap_log
    core, edges = (len(kind.tables) + cap_words for kind in (core_kind(log_size), edges_kind()))
    return _HEADER.size + 4 * (core + (1 + chunks) * edges)


def largest_key() -> int:
    """Bytes of the largest key there is."""
    every = product(SECURITY_LEVELS, LOG_SIZES)
    return max(key_length(parameters_for(level), size, MAXIMAL_CHUNKS) for level, size in every)


def decode_key(data: bytes) -> ProgramKey:
    """Read a program key.

    Raises:
        VerificationError: the bytes are not the canonical encoding of a key of this version.
    """
    if len(data) < _HEADER.size:
        raise _malformed("it is too short")
    magic, version, level, log_size, entry, chunks = _HEADER.unpack_from(data)
    if magic != MAGIC or version != FORMAT_VERSION:
        raise _malformed("it does not start like a key of this version")
    if log_size not in LOG_SIZES or chunks > MAXIMAL_CHUNKS or entry >= P:
        raise _malformed("its size, entry or number of image chunks does not exist")
    try:
        parameters = parameters_for(level)
    except UnknownSecurityLevelError as error:
        raise _malformed(str(error)) from error
    if len(data) != key_length(parameters, log_size, chunks):
        raise _malformed("its length does not fit its header")
    words = np.frombuffer(data, dtype="<u4", offset=_HEADER.size)
    if int(words.max()) >= P:
        raise _malformed("an element is not canonical")
    cap_length = 1 << parameters.cap_log
    cap_words = cap_length * DIGEST_LENGTH
    core_tables, edges_tables = len(core_kind(log_size).tables), len(edges_kind().tables)
    parts, place = [], 0
    for tables in (core_tables, *([edges_tables] * (1 + chunks))):
        heights = tuple(word - 1 for word in words[place : place + tables].tolist())
        cap = words[place + tables : place + tables + cap_words].reshape(cap_length, DIGEST_LENGTH)
        parts.append(FixedPart(tuple(map(tuple, cap.tolist())), heights))
        place += tables + cap_words
    return ProgramKey(level, log_size, entry, parts[0], tuple(parts[2:]), parts[1])


def _malformed(why: str) -> VerificationError:
    return VerificationError(Rejection.KEY, f"the verifying key is malformed: {why}")
