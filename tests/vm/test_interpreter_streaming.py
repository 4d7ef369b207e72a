"""Words that are written past the caches arrive like any others."""

from __future__ import annotations

import numpy as np
import pytest

from zisk.kernels.jit import kernel
from zisk.vm.interpreter_streaming import stream


@kernel
def copy_past_caches(target, first, source):
    """Set target[first + i] to source[i]."""
    for at in range(source.size):
        stream(target, first + at, source[at])


@pytest.mark.parametrize(("first", "count"), [(0, 1), (3, 5), (8, 64), (1, 4096)])
def test_words_arrive(first: int, count: int) -> None:
    source = np.random.default_rng(count).integers(0, 1 << 64, count, np.uint64)
    target = np.zeros(5000, np.uint64)
    copy_past_caches(target, first, source)
    expected = np.zeros(5000, np.uint64)
    expected[first : first + count] = source
    np.testing.assert_array_equal(target, expected)
