"""What a program digest is made of: numbers for keys and provers, wires for the circuits that open one.

The program digest is H(version, level, log_size, entry, number of chunks, elements of each kind of segments
by number). Those of a kind of one key are the key's digest; those of a kind with keys by chunk are the digest
of the key without a chunk, and the root of the tree of chunks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from zisk.hash.rows import hash_rows
from zisk.hash.sponge import Digest, hash_elements
from zisk.hash.tags import TAG_CHUNK, TAG_PROGRAM
from zisk.recursion.trees import levels
from zisk.stark.key import FORMAT_VERSION

LOG_CHUNKS = 8
"""Depth of a program's tree of chunks."""

Part = TypeVar("Part")
"""An element of F, or a wire in F."""


def program_elements(
    *,
    version: Part,
    level: Part,
    log_size: Part,
    entry: Part,
    chunks: Part,
    keys: Iterable[Sequence[Part]],
) -> list[Part]:
    """What the program digest is the hash of; parts are those of `ProgramParts`, `keys` their elements."""
    return [version, level, log_size, entry, chunks, *(element for one in keys for element in one)]


@dataclass(frozen=True, eq=False)
class KeyDigests:
    """The digests of a program's keys for one kind of segments.

    Attributes:
        rest: of the key of all segments; of a kind with keys by chunk, of the key without a chunk.
        chunks: of the keys by chunk, 2^LOG_CHUNKS of them, beyond the last chunk `rest`; none of other kinds.
    """

    rest: Digest
    chunks: tuple[Digest, ...] = ()

    @cached_property
    def tree(self) -> list[list[Digest]]:
        """The levels of the tree of chunks, from the leaves to the root."""
        rows = np.array([[place, *one] for place, one in enumerate(self.chunks)], np.uint32)
        return levels([tuple(digest) for digest in hash_rows(TAG_CHUNK, rows).tolist()])

    @property
    def elements(self) -> Sequence[int]:
        """What the program digest has of them."""
        return [*self.rest, *self.tree[-1][0]] if self.chunks else self.rest


@dataclass(frozen=True, eq=False)
class ProgramParts:
    """What a program digest is made of, beside the format version.

    Attributes:
        level: the security level.
        log_size: of the core segments.
        entry: pc index of the first step.
        chunks: how many chunks of initial words the program has.
        keys: digests of the keys by number of their kind, ascending.
    """

    level: int
    log_size: int
    entry: int
    chunks: int
    keys: Mapping[int, KeyDigests]

    @cached_property
    def digest(self) -> Digest:
        """The program digest."""
        elements = program_elements(
            version=FORMAT_VERSION,
            level=self.level,
            log_size=self.log_size,
            entry=self.entry,
            chunks=self.chunks,
            keys=[one.elements for one in self.keys.values()],
        )
        return hash_elements(TAG_PROGRAM, elements)
