"""LogUp columns against fractions added in plain integers."""

from functools import reduce

import numpy as np
import pytest

from zisk.field import quintic
from zisk.field.koalabear import P, from_montgomery, to_montgomery
from zisk.field.quintic import Element
from zisk.kernels.cpu.blocks import LANES
from zisk.kernels.cpu.logup import BLOCKS, cluster_rows, running_sum

FIRST, COLUMN = 5, 1


def work_of(fractions: int, rows: int) -> np.ndarray:
    """Denominators and multiplicities, canonical."""
    return np.random.default_rng(fractions).integers(1, P, (6 * fractions, rows), dtype=np.uint64)


def fraction(work: np.ndarray, index: int, row: int) -> Element:
    """Multiplicity over denominator."""
    denominator = quintic.element(work[6 * index : 6 * index + 5, row].tolist())
    return quintic.scale(quintic.inverse(denominator), int(work[6 * index + 5, row]))


def element_at(matrix: np.ndarray, column: int, row: int) -> Element:
    return quintic.element(from_montgomery(matrix[5 * column : 5 * column + 5, row]).tolist())


@pytest.mark.parametrize("fractions", [1, 2, 3, 4])
@pytest.mark.parametrize("rows", [1, LANES, BLOCKS * LANES + 7])
def test_clusters_and_their_total(fractions: int, rows: int) -> None:
    work, clusters = work_of(fractions, rows), (fractions + 1) // 2
    stage2 = np.zeros((5 * (COLUMN + clusters), FIRST + rows), np.uint32)
    total = np.full((5, FIRST + rows), 7, np.uint32)
    assert cluster_rows(to_montgomery(work), fractions, FIRST, stage2, COLUMN, total)
    for row in range(rows):
        values = [fraction(work, index, row) for index in range(fractions)]
        assert element_at(total, 0, FIRST + row) == reduce(quintic.add, values)
        for cluster in range(clusters - 1):
            pair = values[2 * cluster : 2 * cluster + 2]
            assert element_at(stage2, COLUMN + cluster, FIRST + row) == reduce(quintic.add, pair)
    untouched = stage2.copy()
    untouched[5 * COLUMN : 5 * (COLUMN + clusters - 1), FIRST:] = 0
    assert not untouched.any()
    assert (total[:, :FIRST] == 7).all()


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_zero_denominator_is_reported(index: int) -> None:
    work = work_of(3, 9)
    work[6 * index : 6 * index + 5, 4] = 0
    stage2, total = np.zeros((10, 9), np.uint32), np.zeros((5, 9), np.uint32)
    assert not cluster_rows(to_montgomery(work), 3, 0, stage2, 0, total)


def test_running_sum_holds_what_came_before() -> None:
    terms = np.random.default_rng(3).integers(0, P, 6, dtype=np.uint64)
    sums = np.empty(6, np.uint32)
    end = running_sum(to_montgomery(terms), sums)
    *before, whole = [sum(terms[:row].tolist()) % P for row in range(7)]
    assert from_montgomery(sums).tolist() == before
    assert from_montgomery(np.array(end)) == whole
