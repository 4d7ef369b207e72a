"""What a program digest is made of: numbers for keys and provers, wires for the circuits that open one.

The program digest is H(version, level, log_size, entry, number of chunks, the core key's digest, the digest
of the edges key without a chunk, root of the tree of chunks).
"""

from __future__ import annotations

from collections.abc import Sequence
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
    core: Sequence[Part],
    empty: Sequence[Part],
    root: Sequence[Part],
) -> list[Part]:
    """What the program digest is the hash of; the parts are those of `ProgramParts`, and its tree's root."""
    return [version, level, log_size, entry, chunks, *core, *empty, *root]


@dataclass(frozen=True, eq=False)
class ProgramParts:
    """What a program digest is made of, beside the format version.

    Attributes:
        level: the security level.
        log_size: of the core segments.
        entry: pc index of the first step.
        chunks: how many chunks of initial words the program has.
        core, empty: digests of the core key, and of the edges key without a chunk.
        edges: of the edges keys by chunk, 2^LOG_CHUNKS of them; beyond the last chunk `empty`.
    """

    level: int
    log_size: int
    entry: int
    chunks: int
    core: Digest
    empty: Digest
    edges: tuple[Digest, ...]

    @cached_property
    def tree(self) -> list[list[Digest]]:
        """The levels of the tree of chunks, from the leaves to the root."""
        rows = np.array([[place, *one] for place, one in enumerate(self.edges)], np.uint32)
        return levels([tuple(digest) for digest in hash_rows(TAG_CHUNK, rows).tolist()])

    @cached_property
    def digest(self) -> Digest:
        """The program digest."""
        elements = program_elements(
            version=FORMAT_VERSION,
            level=self.level,
            log_size=self.log_size,
            entry=self.entry,
            chunks=self.chunks,
            core=self.core,
            empty=self.empty,
            root=self.tree[-1][0],
        )
        return hash_elements(TAG_PROGRAM, elements)
