"""The verifying key of a kind of segment for one program: all that a verifier must trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from zisk.hash.sponge import hash_elements
from zisk.hash.tags import TAG_KEY
from zisk.stark.kind import Kind
from zisk.stark.parameters import SecurityParameters

Digest = tuple[int, ...]
"""Nine canonical elements."""

FORMAT_VERSION = 1
"""Part of every transcript; a change of the proof format changes it."""

FREE_HEIGHT = -1
"""Stands in for the height of a table that the prover claims."""


@dataclass(frozen=True, eq=False)
class VerifyingKey:
    """What set-up fixes for one kind.

    Attributes:
        kind: the tables and their order.
        parameters: the security level.
        cap: Merkle cap of the preprocessed tree; empty when the kind has no preprocessed column.
        fixed_log_heights: for each table its constant log2 height, or `FREE_HEIGHT`.
    """

    kind: Kind
    parameters: SecurityParameters
    cap: tuple[Digest, ...]
    fixed_log_heights: tuple[int, ...]

    @cached_property
    def digest(self) -> Digest:
        """Nine elements that stand for the key in transcripts."""
        elements = [
            FORMAT_VERSION,
            self.kind.number,
            self.kind.log_size,
            self.parameters.level,
            len(self.fixed_log_heights),
            *(height + 1 for height in self.fixed_log_heights),
            *flatten(self.cap),
        ]
        return hash_elements(TAG_KEY, elements)

    def heights_allowed(self, log_heights: Sequence[int]) -> bool:
        """Whether claimed heights are within bounds and agree with the fixed ones."""
        return len(log_heights) == len(self.kind.tables) and all(
            0 <= height <= table.max_log_height and fixed in (FREE_HEIGHT, height)
            for height, table, fixed in zip(
                log_heights, self.kind.tables, self.fixed_log_heights, strict=True
            )
        )


def flatten(digests: Sequence[Digest]) -> list[int]:
    """The elements of digests, one after another."""
    return [element for digest in digests for element in digest]
