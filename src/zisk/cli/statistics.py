"""Counts the cells that a proof of a run commits to, table by table, without proving.

A cell is one element of the base field in a main or LogUp column.
Used rows are those that the run asks for; tables that answer lookups are used whole.
Padding is the share of committed cells in rows beyond the used ones.
"""

from dataclasses import dataclass

from zisk.field.quintic import DEGREE
from zisk.progress import NULL_PROGRESS, Progress
from zisk.stark.air import Air
from zisk.stark.kind import Kind
from zisk.vm.executor import Run, Segment, record_all
from zisk.vm.kinds import core_families, core_kind, edges_kind
from zisk.vm.program import Program, load_program
from zisk.vm.segments import edges_parts


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
    core, edges = core_kind(log_size), edges_kind()
    counts = {kind.name: [_empty(kind, air) for air in kind.airs] for kind in (core, edges)}
    run = Run(program, data, log_size=log_size, record=record_all, max_steps=max_steps, progress=progress)
    for segment in run:
        _count_core(counts[core.name], core, program, segment)
    execution = run.result
    assert execution is not None
    parts = edges_parts(program, execution.touched)
    for part in parts:
        answering = 1 << edges.tables[-1].max_log_height
        rows = (part.words.key.size, len(program.regions), part.image_final.size, answering)
        for count, used in zip(counts[edges.name], rows, strict=True):
            _add(count, used)
    return Statistics(
        execution.cycles,
        execution.steps,
        {core.name: execution.segments, edges.name: len(parts)},
        tuple(count for kind in (core, edges) for count in counts[kind.name]),
    )


def _count_core(counts: list[TableCount], kind: Kind, program: Program, segment: Segment) -> None:
    """Add the rows of a core segment; tables that answer lookups are used whole."""
    assert segment.record is not None
    others = {"boundary": segment.record.boundary.key.size, "program": program.slots}
    for count, table, family in zip(counts, kind.tables, core_families(kind.log_size), strict=True):
        answers = others.get(table.air.name, 1 << table.max_log_height)
        _add(count, answers if family is None else segment.rows[family])


def _empty(kind: Kind, air: Air) -> TableCount:
    """The count of a table before any segment."""
    return TableCount(kind.name, air.name, air.main_width + DEGREE * air.stage2_width)


def _add(count: TableCount, rows: int) -> None:
    """Add a segment: its height is the smallest power of two that holds the rows, and at least one."""
    count.rows += rows
    count.padded_rows += 1 << max(rows - 1, 0).bit_length()
