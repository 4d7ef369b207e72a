"""The program's initial words: preprocessed keys and values, one chunk of at most 2^16 to an edges segment.

Each real row opens its word for the job with the preprocessed value and takes its last message, touched or
not. The last segment and the final limbs are those of a message that somebody left: the row's own if nobody
touched it. The verifier sees that every chunk is there exactly once, and image words belong to no region of
the memory table.
"""

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.tables.buses import MEMORY_EDGE
from zisk.vm.tables.trace import Trace, limb

CHUNK_LOG_HEIGHT = 16
"""Logarithm of the most words in a chunk."""


def image() -> Air:
    """The AIR of one chunk."""

    def define(b: Builder) -> None:
        key, real = b.preprocessed("key"), b.preprocessed("real")
        initial = [b.preprocessed(f"initial[{index}]") for index in range(4)]
        last, final = b.column("last_segment"), b.columns("final", 4)
        b.send(MEMORY_EDGE, [key, 0, *initial], real)
        b.receive(MEMORY_EDGE, [key, last, *final], real)

    return build_air("image", define)


def image_chunks(keys: np.ndarray) -> list[slice]:
    """The parts of the image words, in order of their keys, that the edges segments from 1 on hold."""
    most = 1 << CHUNK_LOG_HEIGHT
    return [slice(start, min(start + most, keys.size)) for start in range(0, keys.size, most)]


def image_content(keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The preprocessed columns of one chunk, or of the empty chunk: uint32[6, height], canonical."""
    count = keys.size
    content = np.zeros((6, 1 << max(count - 1, 0).bit_length()), dtype=np.uint32)
    content[0, :count] = keys
    content[1, :count] = 1
    for index in range(4):
        content[2 + index, :count] = limb(values, index)
    return content


def fill(air: Air, final: np.ndarray, last_segment: np.ndarray) -> np.ndarray:
    """The columns of a chunk's words: uint32[width, words], canonical.

    `final`: uint64, the words at the end of the job; `last_segment`: who touched them last, 0 for nobody.
    """
    trace = Trace(air, final.size)
    trace["last_segment"] = last_segment
    trace.limbs("final", final)
    return trace.matrix()
