"""Core segments out of what the executor records."""

from __future__ import annotations

from zisk.stark.kind import Kind
from zisk.vm.executor import Segment
from zisk.vm.kinds.core.shape import core_families
from zisk.vm.program import Program
from zisk.vm.segment_kind import Filling
from zisk.vm.segments import core_fixed, core_matrices, core_publics


def _rows(kind: Kind, program: Program, segment: Segment) -> list[int]:
    """Tables that answer lookups are used whole."""
    assert segment.record is not None
    others = {"boundary": segment.record.boundary.key.size, "program": program.slots}
    return [
        others.get(table.air.name, 1 << table.max_log_height) if family is None else segment.rows[family]
        for table, family in zip(kind.tables, core_families(kind.log_size), strict=True)
    ]


FILLING = Filling(
    fixed=lambda kind, program, _number: core_fixed(kind.log_size, program),
    parts=lambda _program, _execution: (),
    publics=core_publics,
    matrices=core_matrices,
    rows=_rows,
)
