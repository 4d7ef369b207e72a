"""The counted cells are those that a prover commits to."""

from collections import Counter
from pathlib import Path

import pytest

from zisk.cli.statistics import Statistics, TableCount, count_cells
from zisk.prover import ProvingSession, setup
from zisk.vm.operations import Family

SORT = Path(__file__).parents[2] / "examples" / "sort"
LOG_SIZE = 16


@pytest.fixture(scope="module")
def counted() -> Statistics:
    elf = (SORT / "sort.elf").read_bytes()
    return count_cells(elf, (SORT / "inputs" / "1000.bin").read_bytes(), log_size=LOG_SIZE)


def test_every_step_is_a_row_of_one_family(counted: Statistics) -> None:
    families = {family.name.lower() for family in Family}
    assert sum(table.rows for table in counted.tables if table.table in families) == counted.steps


def test_totals_are_sums(counted: Statistics) -> None:
    committed = sum(table.width * table.padded_rows for table in counted.tables)
    assert counted.cells == sum(table.width * table.rows for table in counted.tables)
    assert counted.padding == 1 - counted.cells / committed
    assert all(0 <= table.padding <= 1 for table in counted.tables)


def test_a_table_without_rows_has_no_padding_to_speak_of() -> None:
    assert TableCount("core", "add", 10).padding == 0.0
    assert (TableCount("core", "add", 10, 3, 4).cells, TableCount("core", "add", 10, 3, 4).padding) == (
        30,
        0.25,
    )


@pytest.mark.slow
def test_padded_rows_are_the_heights_of_committed_tables(counted: Statistics) -> None:
    program = setup((SORT / "sort.elf").read_bytes(), log_size=LOG_SIZE)
    data = (SORT / "inputs" / "1000.bin").read_bytes()
    heights: Counter[tuple[str, str]] = Counter()
    segments: Counter[str] = Counter()
    for _, segment in ProvingSession(program, data, units=1, allocation=[0]).segments():
        kind = segment.fixed.key.kind
        segments[kind.name] += 1
        for air, trace in zip(kind.airs, segment.traces, strict=True):
            heights[kind.name, air.name] += trace.shape[1]
            assert trace.shape[0] == air.main_width
    assert segments == counted.segments
    assert heights == {(table.kind, table.table): table.padded_rows for table in counted.tables}
