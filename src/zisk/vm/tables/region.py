"""The memory map as a table: each row answers for one region (first key, key past the last one, kind).

It is preprocessed and in the program's key, because image words are cut out of the regions around them.
Rows that fill up the height are the empty region (0, 0, zero): no key is below its end.
"""

from collections.abc import Sequence

import numpy as np

from zisk.stark.air import Air, Builder, build_air
from zisk.vm.memory_map import Region
from zisk.vm.tables.buses import REGION


def region() -> Air:
    """The AIR."""

    def define(b: Builder) -> None:
        b.receive(REGION, [b.preprocessed(name) for name in Region._fields], b.column("asked"))

    return build_air("region", define)


def region_content(regions: Sequence[Region]) -> np.ndarray:
    """The preprocessed columns: uint32[3, height], canonical."""
    content = np.zeros((3, 1 << max(len(regions) - 1, 0).bit_length()), dtype=np.uint32)
    content[:, : len(regions)] = np.array(regions, dtype=np.uint32).reshape(-1, 3).T
    return content
