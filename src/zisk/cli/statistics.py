"""Counts the cells that a proof of a run commits to, table by table, without proving.

A cell is one element of the base field in a main or LogUp column.
Used rows are those that the run asks for; tables that answer lookups are used whole.
Padding is the share of committed cells in rows beyond the used ones.
"""

from dataclasses import dataclass
from typing import Any

from zisk.field.quintic import DEGREE
from zisk.progress import NULL_PROGRESS, Progress
from zisk.stark.air import Air
from zisk.stark.kind import Kind
from zisk.vm.executor import Run, record_all
from zisk.vm.kinds import KINDS
from zisk.vm.kinds.core import KIND as CORE
from zisk.vm.program import load_program
from zisk.vm.segment_kind import SegmentKind


@dataclass(slots=True)
class TableCount:
    """One table over all segments of its kind.

    `rows` are used, `padded_rows` committed; `width` counts cells of a row, main and LogUp.
    """

    kind: str
    table: str
    width: int
    rows: int = 0
    padded_rows: int = 0

    @property
    def cells(self) -> int:
        """Cells of used rows."""
        return self.width * self.rows

    @property
    def padding(self) -> float:
        """Share of committed cells that no row uses, from 0 to 1."""
        return 1 - self.rows / self.padded_rows if self.padded_rows else 0.0


@dataclass(frozen=True, slots=True)
class Statistics:
    """The cells of a run.

    `cycles` are executed RISC-V instructions, `steps` rows of the machine.
    `segments` is their number by kind; `tables` are in the order of kinds and table ids.
    """

    cycles: int
    steps: int
    segments: dict[str, int]
    tables: tuple[TableCount, ...]

    @property
    def cells(self) -> int:
        """Cells of used rows, over all tables and segments."""
        return sum(table.cells for table in self.tables)

    @property
    def padding(self) -> float:
        """Share of all committed cells that no row uses."""
        committed = sum(table.width * table.padded_rows for table in self.tables)
        return 1 - self.cells / committed


def count_cells(
    elf: bytes,
    data: bytes,
    *,
    log_size: int,
    max_steps: int | None = None,
    progress: Progress = NULL_PROGRESS,
) -> Statistics:
    """Run a guest and count.

    Raises GuestError where the guest cannot be loaded, or does not run to its halt within `max_steps`.
    """
    program = load_program(elf, log_size)
    shapes = {kind: kind.of_job(log_size) for kind in KINDS}
    counts = {kind: [_empty(shape, air) for air in shape.airs] for kind, shape in shapes.items()}
    numbers = dict.fromkeys((kind.name for kind in KINDS), 0)

    def add(kind: SegmentKind, part: Any) -> None:
        numbers[kind.name] += 1
        for count, used in zip(counts[kind], kind.filling().rows(shapes[kind], program, part), strict=True):
            _add(count, used)

    run = Run(program, data, log_size=log_size, record=record_all, max_steps=max_steps, progress=progress)
    for segment in run:
        add(CORE, segment)
    execution = run.result
    assert execution is not None
    for kind in KINDS:
        for part in kind.filling().parts(program, execution):
            add(kind, part)
    return Statistics(
        execution.cycles,
        execution.steps,
        numbers,
        tuple(count for kind in KINDS for count in counts[kind]),
    )


def _empty(kind: Kind, air: Air) -> TableCount:
    """The count of a table before any segment."""
    return TableCount(kind.name, air.name, air.main_width + DEGREE * air.stage2_width)


def _add(count: TableCount, rows: int) -> None:
    """Add a segment: its height is the smallest power of two that holds the rows, and at least one."""
    count.rows += rows
    count.padded_rows += 1 << max(rows - 1, 0).bit_length()
