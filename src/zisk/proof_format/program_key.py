"""The verifying key of a program: what set-up derives from an ELF, as bytes and as keys of its kinds."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import product

import numpy as np

from zisk.choices import LOG_SIZES, SECURITY_LEVELS
from zisk.field.koalabear import P
from zisk.proof_format.by_chunk import ByChunk
from zisk.recursion.program_parts import LOG_CHUNKS, KeyDigests, ProgramParts
from zisk.stark.errors import Rejection, VerificationError
from zisk.stark.key import FORMAT_VERSION, Digest, VerifyingKey, flatten
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters, UnknownSecurityLevelError, parameters_for
from zisk.vm.kinds import KINDS
from zisk.vm.segment_kind import KeyPlan, SegmentKind

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
        chunks: how many chunks of initial words the program has.
        fixed: the preprocessed tables of each kind of segments, in the order of `KINDS`.
    """

    level: int
    log_size: int
    entry: int
    chunks: int
    fixed: tuple[ByChunk[FixedPart], ...]

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
        digests = {kind.number: self._digests(kind) for kind in KINDS}
        return ProgramParts(self.level, self.log_size, self.entry, self.chunks, digests)

    def key_of(self, kind: SegmentKind, place: int) -> VerifyingKey:
        """Verifying key of the segment of a kind at a place, counted from 0."""
        return self._keys[kind].at(place)

    @cached_property
    def _keys(self) -> dict[SegmentKind, ByChunk[VerifyingKey]]:
        parameters = parameters_for(self.level)
        return {
            kind: fixed.map(partial(_verifying_key, kind.of_job(self.log_size), parameters))
            for kind, fixed in zip(KINDS, self.fixed, strict=True)
        }

    def _digests(self, kind: SegmentKind) -> KeyDigests:
        known = self._keys[kind].map(lambda key: key.digest)
        if kind.keys is KeyPlan.ONE:
            return KeyDigests(known.rest)
        return KeyDigests(known.rest, (*known.chunks, *[known.rest] * (MAXIMAL_CHUNKS - self.chunks)))

    def encode(self) -> bytes:
        """The key's canonical bytes."""
        header = _HEADER.pack(MAGIC, FORMAT_VERSION, self.level, self.log_size, self.entry, self.chunks)
        words: list[int] = []
        for part in (part for fixed in self.fixed for part in fixed):
            words += [*(height + 1 for height in part.log_heights), *flatten(part.cap)]
        return header + np.array(words, dtype="<u4").tobytes()


def _verifying_key(kind: Kind, parameters: SecurityParameters, part: FixedPart) -> VerifyingKey:
    return VerifyingKey(kind, parameters, part.cap, part.log_heights)


def digest_bytes(digest: Digest) -> bytes:
    """A digest as 36 bytes: nine canonical little-endian words."""
    return np.array(digest, dtype="<u4").tobytes()


def key_length(parameters: SecurityParameters, log_size: int, chunks: int) -> int:
    """Bytes of a key of a level and size, for a program of so many chunks of initial words."""
    cap_words = DIGEST_LENGTH << parameters.cap_log
    words = (
        (len(kind.of_job(log_size).tables) + cap_words) * (1 + chunks_of(kind, chunks)) for kind in KINDS
    )
    return _HEADER.size + 4 * sum(words)


def chunks_of(kind: SegmentKind, chunks: int) -> int:
    """How many of a program's chunks of initial words segments of a kind have keys for."""
    return chunks if kind.keys is KeyPlan.BY_CHUNK else 0


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
    fixed, place = [], 0
    for kind in KINDS:
        tables, found = len(kind.of_job(log_size).tables), []
        for _ in range(1 + chunks_of(kind, chunks)):
            heights = tuple(word - 1 for word in words[place : place + tables].tolist())
            cap = words[place + tables : place + tables + cap_words].reshape(cap_length, DIGEST_LENGTH)
            found.append(FixedPart(tuple(map(tuple, cap.tolist())), heights))
            place += tables + cap_words
        fixed.append(ByChunk(found[0], tuple(found[1:])))
    return ProgramKey(level, log_size, entry, chunks, tuple(fixed))


def _malformed(why: str) -> VerificationError:
    return VerificationError(Rejection.KEY, f"the verifying key is malformed: {why}")
