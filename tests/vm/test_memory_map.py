"""Regions cover exactly what is mapped, once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zisk.vm.memory_map import Region, RegionKind, fixed_regions, region_table


def test_regions_of_a_program_without_image_words() -> None:
    zero, given_input, output = RegionKind.ZERO, RegionKind.INPUT, RegionKind.OUTPUT
    assert region_table(np.zeros(0, np.uint32)) == [
        Region(0x0800_0001, 0x0900_0000, given_input),
        Region(0x1400_0001, 0x1400_0028, zero),
        Region(0x1400_0040, 0x1400_0041, zero),
        Region(0x1400_01E0, 0x1400_0200, zero),
        Region(0x1400_1000, 0x1400_2000, zero),
        Region(0x1400_2000, 0x1400_2020, output),
        Region(0x1400_2020, 0x1800_0000, zero),
    ]


@given(
    st.sets(
        st.one_of(st.integers(0x1000_0000, 0x1000_0010), st.integers(0x1400_3FF0, 0x1400_4010)), max_size=20
    )
)
def test_image_words_are_cut_out_of_other_regions(image: set[int]) -> None:
    table = region_table(np.array(sorted(image), np.uint32))
    assert all(first.end <= second.start for first, second in pairwise(table))
    assert all(a.end < b.start or a.kind != b.kind for a, b in pairwise(table))
    kinds = {
        key: region.kind for region in table if region.end - region.start < 100 for key in range(*region[:2])
    }
    for key in [*range(0x1000_0000, 0x1000_0012), *image]:
        assert (kinds.get(key) == RegionKind.IMAGE) == (key in image)
    covered = sum(region.end - region.start for region in table)
    fixed = sum(region.end - region.start for region in fixed_regions())
    assert covered == fixed + sum(key < 0x1400_0000 for key in image)
