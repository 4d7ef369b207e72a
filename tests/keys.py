"""Keys of no program."""

from __future__ import annotations

from zisk.proof_format.by_chunk import ByChunk
from zisk.proof_format.program_key import FixedPart, ProgramKey
from zisk.vm.kinds import core_kind, edges_kind


def key_of(log_size: int, level: int) -> bytes:
    """A key in good order, of no program."""
    cap = tuple((0,) * 9 for _ in range(128))
    kinds = core_kind(log_size), edges_kind()
    core, edges = (FixedPart(cap, tuple(0 for _ in kind.tables)) for kind in kinds)
    return ProgramKey(level, log_size, 0, 1, (ByChunk(core), ByChunk(edges, (edges,)))).encode()
