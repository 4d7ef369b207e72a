"""The memory map: what a row of the region table promises, and images for which maps are enumerated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from tests.solver.constants import KEY_LIMIT
from tests.solver.implication import Term
from tests.solver.tables.messages import demand
from tests.solver.tables.programs import sample_programs
from zisk.vm.memory_map import (
    DATA_BASE,
    OUTPUT_BASE,
    OUTPUT_WORDS,
    ROM_BASE,
    Region,
    RegionKind,
    fixed_regions,
)

OUTPUT_KEY = OUTPUT_BASE // 8
EMPTY = [0, 0, int(RegionKind.ZERO)]

_EDGE_WIDTH = 4
"""Words on each side of an edge of the map that images are tried with."""


def sample_images() -> Iterator[np.ndarray]:
    """Keys of image words: of programs, all choices of words around edges of the map, and long runs."""
    yield from (program.image_keys for program in sample_programs())
    edges = {edge for region in fixed_regions() for edge in (region.start, region.end)}
    for edge in sorted({*edges, ROM_BASE // 8, DATA_BASE // 8}):
        around = np.arange(edge - _EDGE_WIDTH, edge + _EDGE_WIDTH, dtype=np.uint32)
        for chosen in range(1 << around.size):
            yield around[(chosen >> np.arange(around.size) & 1).astype(bool)]
    for start in (ROM_BASE // 8, DATA_BASE // 8):
        yield np.arange(start, start + (1 << 17) + 1, dtype=np.uint32)


def demand_map(rows: Sequence[Sequence[int]], image: np.ndarray) -> None:
    """Go on where regions with these rows (start, end, kind) are a program's map.

    `image`: keys of the image words.

    Raises:
        RefutedError: a key is in two regions, or in one that is not of its kind, or in one and not mapped, or
            mapped and in none; or a row does not keep what `promises` says.
    """
    for row in rows:
        demand(all(promises(*row)), f"region {row} is not in order or too high")
    regions = sorted(list(row) for row in rows if row != EMPTY)
    demand(all(start < end for start, end, _ in regions), "a region is empty that is not (0, 0, zero)")
    demand(all(one[1] <= other[0] for one, other in pairwise(regions)), "a key is in two regions")
    held = [key for start, end, kind in regions if kind == RegionKind.IMAGE for key in range(start, end)]
    demand(held == image.tolist(), "image regions do not hold the image words")
    mapped = [part for region in fixed_regions() for part in _parts_without(region, image)]
    found = [region for region in regions if region[2] != RegionKind.IMAGE]
    demand(_joined(found) == _joined(mapped), "other words are mapped than the map says")


def promises(start: Term, end: Term, kind: int) -> list[Term]:
    """What the memory table relies on of a region: conditions on integers, or on the solver's.

    `start` and `end` are integers or the solver's; `kind` is known.
    """
    conditions = [start >= 0, start <= end, end <= KEY_LIMIT]
    if kind == RegionKind.OUTPUT:
        conditions += [start >= OUTPUT_KEY, end <= OUTPUT_KEY + OUTPUT_WORDS]
    return conditions


def _parts_without(region: Region, image: np.ndarray) -> list[list[int]]:
    """The parts (start, end, kind) of a region that no image word is in."""
    inside = image[(image >= region.start) & (image < region.end)].tolist()
    starts, ends = [region.start, *(key + 1 for key in inside)], [*inside, region.end]
    return [[start, end, int(region.kind)] for start, end in zip(starts, ends, strict=True) if start < end]


def _joined(regions: list[list[int]]) -> list[list[int]]:
    """Neighbours of one kind joined, so that the same words in other pieces compare equal."""
    joined: list[list[int]] = []
    for start, end, kind in sorted(regions):
        if joined and joined[-1][1] == start and joined[-1][2] == kind:
            joined[-1][1] = end
        else:
            joined.append([start, end, kind])
    return joined
