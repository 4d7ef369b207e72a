"""Counting lookups: every query adds one to the row that answers it, and a query without answer is named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zisk.field.koalabear import from_montgomery, to_montgomery
from zisk.kernels.cpu.backend import CpuBackend
from zisk.kernels.pool import Pool
from zisk.stark.air import Builder, build_air
from zisk.stark.errors import TraceError
from zisk.stark.kind import Kind, TableShape
from zisk.vm import multiplicities
from zisk.vm.multiplicities import fill_multiplicities
from zisk.vm.tables.buses import BYTES, RANGE, SHIFT
from zisk.vm.tables.lookup_tables import (
    bytes_content,
    bytes_table,
    range_content,
    range_table,
    shift_content,
    shift_table,
)

EMPTY = np.zeros((0, 1), dtype=np.uint32)


def _asking(b: Builder) -> None:
    """A range query of any width, a sum of two columns, an exclusive or, and a shift."""
    when, bits, value, a, c = (b.column(name) for name in ("when", "bits", "value", "a", "c"))
    b.send(RANGE, [bits, value], when)
    b.send(RANGE, [16, value + b.public("more")], when)
    b.send(BYTES, [3, a, 0xFF, c], when)
    b.send(SHIFT, [3, 0, 8, 1 << 13], when)


KIND = Kind(
    "counting",
    1,
    18,
    (
        TableShape(build_air("asking", _asking), 18),
        TableShape(shift_table(), 6),
        TableShape(range_table(), 16),
        TableShape(bytes_table(), 16),
    ),
    ("more",),
)
CONTENTS = [to_montgomery(content()) for content in (shift_content, range_content, bytes_content)]


def count(rows: list[tuple[int, ...]], more: int = 0, backend: CpuBackend | None = None) -> list[np.ndarray]:
    """Multiplicity columns of the shift, range and byte tables; rows: (when, bits, value, a, c)."""
    asking = to_montgomery(np.array(rows).T)
    tables = [
        np.zeros((air.main_width, 1 << log), dtype=np.uint32)
        for air, log in zip(KIND.airs[1:], (6, 16, 16), strict=True)
    ]
    fixed = [np.zeros((0, asking.shape[1]), dtype=np.uint32), *CONTENTS]
    fill_multiplicities(KIND, fixed, [asking, *tables], [more], backend or CpuBackend(Pool(1)))
    return [from_montgomery(table) for table in tables]


def nonzero(column: np.ndarray) -> dict[int, int]:
    return {int(row): int(column[row]) for row in np.flatnonzero(column)}


def test_counts() -> None:
    rows = [(1, 16, 7, 0, 255), (1, 3, 7, 5, 250), (0, 99, 99, 99, 99), (1, 0, 0, 5, 250)]
    shifts, ranges, pairs = count(rows, more=4)
    assert nonzero(shifts[0]) == {3: 3}
    assert nonzero(ranges[0]) == {7: 1, 11: 2, 4: 1}
    assert nonzero(ranges[1]) == {15: 1, 1: 1}
    assert [nonzero(column) for column in pairs] == [{}, {}, {}, {0x00FF: 1, 0x05FF: 2}]


@given(
    st.lists(
        st.integers(0, 15).flatmap(lambda bits: st.tuples(st.just(bits), st.integers(0, (1 << bits) - 1))),
        min_size=1,
        max_size=8,
    )
)
def test_all_widths(queries: list[tuple[int, int]]) -> None:
    _, ranges, _ = count([(1, bits, value, 0, 255) for bits, value in queries])
    expected: dict[int, int] = {}
    for bits, value in queries:
        expected[value + (1 << bits)] = expected.get(value + (1 << bits), 0) + 1
    assert nonzero(ranges[1]) == expected


def test_threads_and_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    a = rng.integers(0, 256, 1000)
    rows = list(
        zip(rng.integers(0, 2, 1000), [16] * 1000, rng.integers(0, 1 << 16, 1000), a, a ^ 255, strict=True)
    )
    whole = count(rows)
    monkeypatch.setattr(multiplicities, "ROWS_PER_TASK", 64)
    for one, other in zip(whole, count(rows, backend=CpuBackend(Pool(3))), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ((1, 16, 1 << 16, 0, 255), "table asking, row 1: nothing answers RANGE (16, 65536)"),
        ((1, 3, 8, 0, 255), "table asking, row 1: nothing answers RANGE (3, 8)"),
        ((1, 17, 0, 0, 255), "table asking, row 1: nothing answers RANGE (17, 0)"),
        ((1, 5, 2130706432, 0, 255), "table asking, row 1: nothing answers RANGE (5, 2130706432)"),
        ((1, 5, 1, 256, 255), "table asking, row 1: nothing answers BYTES (3, 256, 255, 255)"),
        ((1, 5, 1, 1, 255), "table asking, row 1: nothing answers BYTES (3, 1, 255, 255)"),
    ],
)
def test_a_query_without_answer_is_named(row: tuple[int, ...], complaint: str) -> None:
    with pytest.raises(TraceError) as failure:
        count([(1, 16, 7, 0, 255), row])
    assert str(failure.value) == f"{complaint}; the recorded run does not fit the machine"


def test_a_query_counts_once_or_not_at_all() -> None:
    with pytest.raises(TraceError, match="table asking, row 1: a RANGE query counts 2 times"):
        count([(1, 16, 7, 0, 255), (2, 16, 7, 0, 255)])
