"""The key of a program and its digest (docs/format.md, "Program key")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tests.readable.parameters import SEGMENT, Parameters
from tests.readable.poseidon2 import TAG_CHUNK, TAG_NODE, TAG_PROGRAM, Digest, sponge
from tests.readable.reader import Reader, RefusedError
from tests.readable.segment import FORMAT_VERSION, Key
from tests.readable.tables import Kind, read_kind

SIZES = (16, 18, 20, 22)
CHUNK_LEAVES = 256


@dataclass(frozen=True)
class ProgramKey:
    """A program key: one part for core segments, one for edges without a chunk, one for each chunk."""

    parameters: Parameters
    log_size: int
    entry: int
    core_part: Key
    empty_part: Key
    chunks: Sequence[Key]

    @cached_property
    def core(self) -> Kind:
        """The kind of core segments."""
        return read_kind(f"core-{self.log_size}.md")

    @cached_property
    def edges(self) -> Kind:
        """The kind of edges segments."""
        return read_kind("edges.md")

    @cached_property
    def digest(self) -> Digest:
        """The program digest."""
        core = self.core_part.digest(self.core, self.parameters)
        empty = self.empty_part.digest(self.edges, self.parameters)
        filled = [part.digest(self.edges, self.parameters) for part in self.chunks]
        keys = [*filled, *[empty] * (CHUNK_LEAVES - len(filled))]
        level = [sponge(TAG_CHUNK, [place, *key]) for place, key in enumerate(keys)]
        while len(level) > 1:
            level = [sponge(TAG_NODE, [*a, *b]) for a, b in zip(level[::2], level[1::2], strict=True)]
        head = [FORMAT_VERSION, self.parameters.level, self.log_size, self.entry, len(self.chunks)]
        return sponge(TAG_PROGRAM, [*head, *core, *empty, *level[0]])

    def of_segment(self, place: int, core_segments: int) -> tuple[Kind, Key]:
        """Kind and key of the segment at a place of the job, from 0."""
        if place < core_segments:
            return self.core, self.core_part
        chunk = place - core_segments
        return self.edges, self.chunks[chunk] if chunk < len(self.chunks) else self.empty_part


def read_key(data: bytes) -> ProgramKey:
    """Read a program key."""
    reader = Reader(data, b"pzK1", "the program key")
    version, level, log_size, entry, chunks = reader.elements(5)
    if version != FORMAT_VERSION or level not in SEGMENT or log_size not in SIZES or chunks > CHUNK_LEAVES:
        raise RefusedError("the program key has an unknown version, level, size or number of chunks")
    core, edges = (len(read_kind(page).tables) for page in (f"core-{log_size}.md", "edges.md"))
    parts = [
        Key(reader.elements(tables), reader.digests(1 << SEGMENT[level].cap_depth))
        for tables in [core, edges, *[edges] * chunks]
    ]
    reader.end()
    return ProgramKey(SEGMENT[level], log_size, entry, parts[0], parts[1], parts[2:])
